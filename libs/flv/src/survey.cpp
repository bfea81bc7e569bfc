#include <millrace/flv/file.hpp>

#include <algorithm>

namespace millrace::flv {
namespace {

constexpr std::uint32_t kSoundEvery =
    1000; ///< Milliseconds between two places of an index without a picture.
constexpr std::size_t kMostPlaces = std::size_t{1} << 17U;
constexpr std::uint32_t kMostGap = 1000; ///< A longer pause is no frame's length.
constexpr std::uint32_t kUsualGap = 40;

/// Of a list that has become too long, each second place is forgotten.
void add(std::vector<Place>& places, Place place)
{
    if (places.size() >= kMostPlaces) {
        std::size_t kept = 0;
        for (std::size_t i = 0; i < places.size(); i += 2) {
            places[kept++] = places[i];
        }
        places.resize(kept);
    }
    places.push_back(place);
}

} // namespace

void Survey::see(const Glance& tag, std::uint64_t position)
{
    if (tag.type == TagType::script) {
        return;
    }
    auto& kind = tag.type == TagType::video ? video_ : audio_;
    kind.bytes += tag.size;
    last_ = std::max(last_, tag.timestamp);
    if (tag.type == TagType::video) {
        last_video_ = position;
    }
    if (tag.config) {
        add(configs_, {tag.timestamp, position});
        return;
    }
    if (kind.seen && tag.timestamp > kind.last && tag.timestamp - kind.last <= kMostGap) {
        kind.gap = tag.timestamp - kind.last;
    }
    kind.seen = true;
    kind.last = tag.timestamp;
    kind.end = std::max(kind.end, std::int64_t{tag.timestamp} + tag.composition);
    if (tag.key_frame) {
        add(keys_, {tag.timestamp, position});
    } else if (tag.type == TagType::audio && !video_.seen &&
               (sounds_.empty() || tag.timestamp >= sounds_.back().time + kSoundEvery)) {
        add(sounds_, {tag.timestamp, position});
    }
}

std::chrono::milliseconds Survey::gap() const
{
    const auto gap = video_.seen && video_.gap > 0 ? video_.gap : audio_.gap;
    return std::chrono::milliseconds{gap > 0 ? gap : kUsualGap};
}

std::chrono::milliseconds Survey::duration() const
{
    std::int64_t end = 0;
    for (const auto* kind : {&audio_, &video_}) {
        if (kind->seen) {
            end = std::max(end, kind->end + kind->gap);
        }
    }
    return std::chrono::milliseconds{end};
}

FileFacts Survey::facts(std::uint64_t bytes) const
{
    FileFacts facts{.duration = duration(),
                    .bytes = bytes,
                    .audio_bytes = audio_.bytes,
                    .video_bytes = video_.bytes,
                    .last_timestamp = last_,
                    .has_audio = audio_.seen,
                    .has_video = video_.seen,
                    .keys = video_.seen ? keys_ : sounds_,
                    .configs = configs_};
    facts.ends_with_key = !facts.keys.empty() && video_.seen && facts.keys.back().position == last_video_;
    return facts;
}

} // namespace millrace::flv
