#include "client_segments.hpp"

#include <millrace/mp4/opener.hpp>
#include <millrace/mpegts/packet.hpp>

#include <algorithm>
#include <array>

namespace millrace::hls {

std::string SegmentReader::feed(ByteView map, ByteView segment)
{
    if (!map.empty()) {
        return feed_mp4(map, segment);
    }
    if (!segment.empty() && segment[0] == mpegts::kSyncByte) {
        const auto fed = ts_.feed(segment);
        ts_.end();
        while (auto item = ts_.next()) {
            put(std::move(*item));
        }
        return fed ? std::string{} : fed.error().message();
    }
    if (mpegts::PackedAudioReader::looks_like(segment)) {
        packed_.feed(segment);
        while (auto item = packed_.next()) {
            put(std::move(*item));
        }
        return {};
    }
    // Quirk: MP4 that is not announced by EXT-X-MAP, each segment a file of its own.
    constexpr std::size_t kTypeAt = 4;
    if (segment.size() > 2 * kTypeAt && as_text(segment.subspan(kTypeAt, 4)) == "ftyp") {
        return feed_mp4({}, segment);
    }
    return "a segment is neither MPEG-TS, nor MP4, nor packed audio";
}

/// Fragments are read as a file in memory, of what stands before them and themselves: their offsets are
/// relative.
std::string SegmentReader::feed_mp4(ByteView map, ByteView segment)
{
    Bytes file = to_bytes(map);
    file.insert(file.end(), segment.begin(), segment.end());
    mp4::Opener opener{file.size()};
    while (const auto range = opener.wants()) {
        if (const auto fed = opener.feed(ByteView{file}.subspan(range->offset, range->bytes)); !fed) {
            return fed.error().message();
        }
    }
    const auto movie = opener.finish();
    if (!movie) {
        return movie.error().message();
    }
    std::vector<std::size_t> places;
    std::vector<media::Track> tracks;
    std::array<std::uint8_t, 3> numbers{};
    for (std::size_t i = 0; i < movie->tracks().size(); ++i) {
        auto track = movie->tracks()[i];
        track.number = numbers.at(static_cast<std::size_t>(track.kind))++;
        track.id = media::track_id(track.kind, track.number);
        places.push_back(i);
        tracks.push_back(track);
        put(std::move(track));
    }
    const SharedBytes all{std::move(file)};
    mp4::Movie::Walker walker{*movie, places};
    while (const auto sample = walker.next()) {
        const auto& track = tracks[sample->track];
        put(media::Frame{.track = track.id,
                         .kind = track.kind,
                         .key = sample->key || track.kind != media::Kind::video,
                         .dts = sample->dts,
                         .composition = sample->composition,
                         // A copy: a slice would keep the whole segment for as long as one frame lives.
                         .payload = SharedBytes::copy_of(all.slice(sample->offset, sample->size))});
    }
    return {};
}

void SegmentReader::put(media::Item item)
{
    if (const auto* track = std::get_if<media::Track>(&item)) {
        const auto known = std::ranges::find(told_, track->id, &media::Track::id);
        if (known == told_.end()) {
            told_.push_back(*track);
        } else if (*known == *track) {
            return;
        } else {
            *known = *track;
        }
    }
    items_.push_back(std::move(item));
}

void SegmentReader::restart()
{
    ts_.restart();
    while (auto item = ts_.next()) {
        put(std::move(*item));
    }
    packed_.restart();
}

std::optional<std::string> SegmentReader::next_warning()
{
    if (const auto warning = ts_.next_warning()) {
        return warning->reason;
    }
    return std::nullopt;
}

} // namespace millrace::hls
