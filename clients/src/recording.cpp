#include <millrace/clients/recording.hpp>
#include <millrace/flv/muxer.hpp>
#include <millrace/mpegts/muxer.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace millrace::clients {
namespace {

constexpr std::chrono::seconds kLongestHold{1};

std::unique_ptr<media::Muxer> make_muxer(Recording::Tracks tracks, Recording::Format format)
{
    const bool all = tracks == Recording::Tracks::all;
    if (format == Recording::Format::ts) {
        return std::make_unique<mpegts::Muxer>(mpegts::Options{.multitrack = all});
    }
    return std::make_unique<flv::Muxer>(all ? flv::Options{} : flv::Options::plain());
}

} // namespace

Recording::Recording(Tracks tracks, Format format) : muxer_{make_muxer(tracks, format)} {}

Recording::~Recording() = default;

void Recording::take(media::Item item, Clock::time_point now, media::Pieces& out)
{
    if (auto* frame = std::get_if<media::Frame>(&item)) {
        if (!wanted(*frame)) {
            return;
        }
        frame->dts = timeline_.map(*frame, now);
        ++frames_;
    }
    if (begun_) {
        return write(item, out);
    }
    held_.push_back(std::move(item));
    if (begin_is_clear()) {
        begin(out);
    }
}

void Recording::end(media::Pieces& out)
{
    if (!begun_ && frames_ > 0) {
        begin(out);
    }
    if (auto* ts = dynamic_cast<mpegts::Muxer*>(muxer_.get())) {
        ts->flush(out);
    }
}

/// Video that refers to what came before us shows nothing good.
bool Recording::wanted(const media::Frame& frame)
{
    if (frame.kind != media::Kind::video) {
        return true;
    }
    if (frame.key) {
        key_seen_.insert(frame.track);
    }
    return key_seen_.contains(frame.track);
}

bool Recording::begin_is_clear() const
{
    std::array<bool, 2> seen{};
    for (const auto& item : held_) {
        if (const auto* frame = std::get_if<media::Frame>(&item); frame != nullptr) {
            seen[0] = seen[0] || frame->kind == media::Kind::video;
            seen[1] = seen[1] || frame->kind == media::Kind::audio;
        }
    }
    return (seen[0] && seen[1]) || position() >= kLongestHold;
}

/// Writes the head and what was held. Tracks that come after this are told in mid-stream.
void Recording::begin(media::Pieces& out)
{
    begun_ = true;
    auto held = std::exchange(held_, {});
    media::Head head;
    zero_ = MediaTime::max();
    media::Pieces told_in_head;
    for (const auto& item : held) {
        if (const auto* track = std::get_if<media::Track>(&item)) {
            std::erase_if(head.tracks, [track](const media::Track& t) { return t.id == track->id; });
            head.tracks.push_back(*track);
            muxer_->write(*track, MediaTime{}, told_in_head);
        } else if (const auto* metadata = std::get_if<media::Metadata>(&item)) {
            std::erase_if(head.metadata, [metadata](const auto& m) { return m.name == metadata->name; });
            head.metadata.push_back(*metadata);
        } else {
            zero_ = std::min(zero_, std::get<media::Frame>(item).dts);
        }
    }
    newest_ = zero_;
    std::ranges::sort(head.tracks, {}, &media::Track::id);
    muxer_->prologue(head, MediaTime{}, out);
    for (const auto& item : held) {
        if (std::holds_alternative<media::Frame>(item)) {
            write(item, out);
        }
    }
}

void Recording::write(const media::Item& item, media::Pieces& out)
{
    const auto now = MediaTime{newest_ - zero_};
    if (const auto* track = std::get_if<media::Track>(&item)) {
        muxer_->write(*track, now, out);
    } else if (const auto* metadata = std::get_if<media::Metadata>(&item)) {
        muxer_->write(*metadata, now, out);
    } else {
        auto frame = std::get<media::Frame>(item);
        newest_ = std::max(newest_, frame.dts);
        // A frame from before the begin would have a time that no file can have.
        frame.dts = std::max(MediaTime{frame.dts - zero_}, MediaTime{});
        muxer_->write(frame, frame.kind == media::Kind::video && frame.key, out);
    }
}

} // namespace millrace::clients
