// Whatever a publisher does: numbers go up by one, segments are no longer than the target duration, parts are
// the segment, memory has its limit, and playlists can be written at any time.
#include <millrace/base/reader.hpp>
#include <millrace/hls/dash.hpp>
#include <millrace/hls/playlist.hpp>

#include <cstdlib>

namespace {

using namespace millrace;
using namespace millrace::hls;

constexpr std::size_t kMostOperations = 2000;

void check(bool right)
{
    if (!right) {
        std::abort();
    }
}

void check(const Packager& packager)
{
    for (const auto* rendition : packager.renditions()) {
        const Segment* before = nullptr;
        for (const auto& segment : rendition->listed()) {
            check(before == nullptr || (before->closed && segment.msn == before->msn + 1));
            check(rendition->find(segment.msn) == &segment);
            if (segment.body) {
                std::size_t parts = 0;
                for (const auto& part : segment.parts) {
                    parts += part.body->bytes;
                }
                check(parts == segment.body->bytes);
            }
            before = &segment;
        }
    }
    if (packager.ready()) {
        for (const auto* rendition : packager.renditions()) {
            check(media_playlist(packager, *rendition).starts_with("#EXTM3U\n"));
            check(!media_playlist(packager, *rendition, {.delta = true}).empty());
        }
        check(!multivariant_playlist({{&packager, "cam/hls/"}}).empty());
        check(packager.settings().container == Container::ts || !dash_manifest(packager, "x/", {}).empty());
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace std::chrono_literals;
    ByteReader in{{data, size}};
    const auto options = in.u8();
    Settings settings{
        .window = 6s, .longest = 4s, .low_latency = (options & 2U) != 0, .linger = 2s, .bytes = 1U << 20U};
    settings.container = (options & 1U) != 0 ? Container::ts : Container::fmp4;
    Packager packager{settings, {.msn = 5, .discontinuity = 1, .token = "ab"}};
    auto time = 0ms;
    for (std::size_t i = 0; i < kMostOperations && !in.at_end(); ++i) {
        const unsigned operation = in.u8();
        const auto number = static_cast<std::uint8_t>(operation >> 4U & 3U);
        const auto kind = (operation & 0x40U) != 0 ? media::Kind::audio : media::Kind::video;
        const auto id = media::track_id(kind, number);
        const Clock::time_point now{time};
        switch (operation & 7U) {
        case 0: {
            const auto config = in.u8();
            media::Track track{.id = id, .kind = kind, .number = number, .codec = media::Codec::vp9};
            track.codec = kind == media::Kind::audio            ? media::Codec::opus
                          : settings.container == Container::ts ? media::Codec::h264
                                                                : media::Codec::vp9;
            track.config = SharedBytes{Bytes(12, config)};
            packager.tell(track);
            break;
        }
        case 1: packager.gone(id); break;
        case 2: packager.interrupt((operation & 8U) != 0); break;
        case 3: packager.end(now); break;
        case 4: packager.tick(now); break;
        default: {
            time += std::chrono::milliseconds{in.u8() * ((operation & 8U) != 0 ? 20 : 1)};
            packager.hear(MediaTime{time}, WallTime{time});
            packager.take({.track = id,
                           .kind = kind,
                           .key = kind == media::Kind::audio || (operation & 7U) == 5,
                           .dts = MediaTime{time},
                           .payload = SharedBytes{Bytes(1 + in.peek(), 0xfc)}},
                          now);
        }
        }
        if (i % 64 == 0) {
            check(packager);
        }
    }
    check(packager);
    return 0;
}
