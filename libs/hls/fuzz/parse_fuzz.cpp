// A playlist is read or refused, never anything else; what is read keeps the promises that the client stands
// on. The rest of the bytes is a reference, which resolved against an absolute URL gives an absolute URL of
// the same scheme or of its own.
#include <millrace/hls/parse.hpp>

#include <cstdlib>

namespace {

using namespace millrace;
using namespace millrace::hls;

void check(const MediaPlaylist& playlist)
{
    for (const auto& segment : playlist.segments) {
        if (segment.duration.count() < 0 || (segment.key && segment.key->uri.empty()) ||
            (segment.map && segment.map->uri.empty()) || segment.uri.empty()) {
            std::abort();
        }
    }
    for (std::size_t i = 1; i < playlist.segments.size(); ++i) {
        if (playlist.segments[i].number != playlist.segments[i - 1].number + 1 ||
            playlist.segments[i].discontinuity < playlist.segments[i - 1].discontinuity) {
            std::abort();
        }
    }
    if (playlist.target.count() <= 0) {
        std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const auto playlist = parse_playlist(text, {.lines = 1000, .line_bytes = 1000, .variants = 8});
    if (playlist) {
        if (const auto* media = std::get_if<MediaPlaylist>(&*playlist)) {
            check(*media);
        } else if (std::get<MultivariantPlaylist>(*playlist).variants.size() > 8) {
            std::abort();
        }
    }
    const auto line = text.substr(0, text.find('\n'));
    const auto resolved = resolve("https://host:8443/live/cam/index.m3u8?token=x", line);
    const auto colon = line.substr(0, line.find('#')).find(':');
    if (colon == std::string_view::npos && !resolved.starts_with("https:")) {
        std::abort();
    }
    return 0;
}
