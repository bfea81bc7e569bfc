#include "tag_walker.hpp"

#include <millrace/flv/demuxer.hpp>
#include <millrace/store/recording.hpp>

#include <algorithm>

namespace millrace::store {

/// The first bytes of the tag at `position_`; fewer at the end.
ByteView TagWalker::look()
{
    const auto wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(flv::kGlanceBytes, end_ - position_));
    const bool inside = position_ >= window_at_ && position_ + wanted <= window_at_ + window_bytes_;
    if (!inside) {
        const auto room = static_cast<std::size_t>(std::min<std::uint64_t>(kWindow, end_ - position_));
        const auto got = file_.read_at(std::span{window_}.first(room), position_);
        window_at_ = position_;
        window_bytes_ = got ? *got : 0;
    }
    const auto from = static_cast<std::size_t>(position_ - window_at_);
    return ByteView{window_}.subspan(from, std::min(wanted, window_bytes_ - from));
}

std::optional<TagWalker::Step> TagWalker::next()
{
    if (position_ >= end_) {
        return std::nullopt;
    }
    const auto tag = flv::glance(look());
    if (!tag || tag->whole_bytes() > end_ - position_) {
        return std::nullopt;
    }
    const Step step{*tag, position_};
    position_ += tag->whole_bytes();
    return step;
}

bool has_head_room(const File& file)
{
    std::array<std::uint8_t, flv::kGlanceBytes> first{};
    const auto got = file.read_at(first, flv::kFileHeadBytes);
    const auto tag = flv::glance(ByteView{first}.first(got.value_or(0)));
    return tag && tag->type == flv::TagType::script &&
           flv::kFileHeadBytes + tag->whole_bytes() == Recording::kHeadRoom;
}

media::Head read_source(const File& file)
{
    constexpr std::size_t kMost = Recording::kHeadRoom + 16384;
    std::vector<std::uint8_t> bytes(kMost);
    const auto got = file.read_at(bytes, 0);
    flv::Demuxer demuxer;
    media::Head head;
    if (!got || !demuxer.feed(ByteView{bytes}.first(*got))) {
        return head;
    }
    while (const auto item = demuxer.next()) {
        if (const auto* track = std::get_if<media::Track>(&*item)) {
            head.tracks.push_back(*track);
        } else if (const auto* metadata = std::get_if<media::Metadata>(&*item)) {
            head.metadata.push_back(*metadata);
        }
    }
    return head;
}

Result<Surveyed> survey(const File& file, std::uint64_t bytes)
{
    std::array<std::uint8_t, flv::kFileHeadBytes> head{};
    const auto got = file.read_at(head, 0);
    if (!got) {
        return Unexpected{got.error()};
    }
    const auto first = flv::first_tag(ByteView{head}.first(*got));
    if (!first) {
        return Unexpected{first.error()};
    }
    Surveyed found;
    TagWalker walker{file, *first, bytes};
    while (const auto step = walker.next()) {
        found.survey.see(step->tag, step->position);
    }
    found.end = std::min(walker.position(), bytes);
    return found;
}

} // namespace millrace::store
