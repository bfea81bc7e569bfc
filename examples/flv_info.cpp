// Lists what an FLV file holds, and what is broken in it: flv_info FILE
#include <millrace/flv/demuxer.hpp>
#include <millrace/media/describe.hpp>

#include <cstdio>
#include <fstream>

namespace media = millrace::media;

int main(int count, char** arguments)
{
    if (count != 2) {
        std::fprintf(stderr, "usage: flv_info FILE.flv\n");
        return 2;
    }
    std::ifstream file{arguments[1], std::ios::binary};
    millrace::flv::Demuxer demuxer;
    std::map<media::TrackId, unsigned> frames;
    millrace::MediaTime last{};
    const auto drain = [&] {
        while (auto item = demuxer.next()) {
            if (const auto* track = std::get_if<media::Track>(&*item)) {
                const std::string codec{media::name(track->codec)};
                std::printf("track %u: %s %s\n", unsigned{track->id}, codec.c_str(),
                            track->codec_string.c_str());
            } else if (const auto* frame = std::get_if<media::Frame>(&*item)) {
                ++frames[frame->track];
                last = std::max(last, frame->dts);
            }
        }
        while (const auto warning = demuxer.next_warning()) {
            std::printf("at byte %llu: %s\n", static_cast<unsigned long long>(warning->offset),
                        warning->reason.c_str());
        }
    };
    millrace::Bytes part(65536);
    while (file.read(reinterpret_cast<char*>(part.data()), static_cast<std::streamsize>(part.size())) ||
           file.gcount() > 0) {
        const auto got = static_cast<std::size_t>(file.gcount());
        if (const auto fed = demuxer.feed(millrace::ByteView{part}.first(got)); !fed) {
            std::fprintf(stderr, "%s: %s\n", arguments[1], fed.error().message().c_str());
            return 1;
        }
        drain();
    }
    demuxer.end();
    drain();
    for (const auto& [track, number] : frames) {
        std::printf("track %u: %u frames\n", unsigned{track}, number);
    }
    std::printf("ends at %lld ms\n", static_cast<long long>(millrace::to_ms(last)));
    return frames.empty() ? 1 : 0;
}
