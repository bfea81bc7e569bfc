// Tells which tracks a stream has and how its frames come, after two seconds of it: probe URL
#include "run.hpp"
#include <millrace/clients/source.hpp>
#include <millrace/media/describe.hpp>

#include <map>

namespace {

namespace clients = millrace::clients;
namespace media = millrace::media;

struct Seen {
    media::Track track;
    unsigned frames = 0;
    unsigned keys = 0;
    std::size_t bytes = 0;
};

example::awaitable<int> probe(example::Executor executor, std::string url)
{
    const auto source = clients::make_source(executor, clients::parse_url(url));
    const auto outcome = co_await source->open();
    if (!outcome) {
        std::fprintf(stderr, "%s: %s\n", url.c_str(), outcome.why.c_str());
        co_return 1;
    }
    std::map<media::TrackId, Seen> tracks;
    const auto end = millrace::Clock::now() + std::chrono::seconds{2};
    while (auto item = co_await source->next()) {
        if (auto* track = std::get_if<media::Track>(&*item)) {
            tracks[track->id].track = *track;
        } else if (auto* frame = std::get_if<media::Frame>(&*item)) {
            auto& seen = tracks[frame->track];
            ++seen.frames;
            seen.keys += frame->key ? 1U : 0U;
            seen.bytes += frame->payload.size();
        }
        if (millrace::Clock::now() > end) {
            source->stop();
        }
    }
    for (const auto& [id, seen] : tracks) {
        const std::string codec{media::name(seen.track.codec)};
        std::printf("track %u: %s %s, %ux%u, %u Hz, %u frames (%u key frames), %zu bytes\n", unsigned{id},
                    codec.c_str(), seen.track.codec_string.c_str(), seen.track.width, seen.track.height,
                    seen.track.sample_rate, seen.frames, seen.keys, seen.bytes);
    }
    co_return tracks.empty() ? 1 : 0;
}

} // namespace

int main(int count, char** arguments)
{
    return count == 2 ? example::run([&](auto executor) { return probe(executor, arguments[1]); }) : 2;
}
