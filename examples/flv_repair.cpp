// Writes what is whole of a broken FLV file into a new one: flv_repair FROM TO
#include <millrace/flv/demuxer.hpp>
#include <millrace/flv/muxer.hpp>

#include <cstdio>
#include <fstream>
#include <iterator>

namespace media = millrace::media;

int main(int count, char** arguments)
{
    if (count != 3) {
        std::fprintf(stderr, "usage: flv_repair FROM.flv TO.flv\n");
        return 2;
    }
    std::ifstream from{arguments[1], std::ios::binary};
    const millrace::Bytes bytes{std::istreambuf_iterator<char>{from}, {}};
    millrace::flv::Demuxer demuxer;
    if (const auto fed = demuxer.feed(bytes); !fed) {
        std::fprintf(stderr, "%s: %s\n", arguments[1], fed.error().message().c_str());
        return 1;
    }
    demuxer.end();

    millrace::flv::Muxer muxer;
    media::Pieces pieces;
    muxer.prologue({}, {}, pieces);
    millrace::MediaTime now{};
    while (const auto item = demuxer.next()) {
        if (const auto* track = std::get_if<media::Track>(&*item)) {
            muxer.write(*track, now, pieces);
        } else if (const auto* metadata = std::get_if<media::Metadata>(&*item)) {
            muxer.write(*metadata, now, pieces);
        } else if (const auto* frame = std::get_if<media::Frame>(&*item)) {
            now = frame->dts;
            muxer.write(*frame, frame->key, pieces);
        }
    }
    std::ofstream to{arguments[2], std::ios::binary};
    for (const auto& piece : pieces) {
        const auto view = piece.view();
        to.write(reinterpret_cast<const char*>(view.data()), static_cast<std::streamsize>(view.size()));
    }
    unsigned broken = 0;
    while (const auto warning = demuxer.next_warning()) {
        std::printf("skipped at byte %llu: %s\n", static_cast<unsigned long long>(warning->offset),
                    warning->reason.c_str());
        ++broken;
    }
    std::printf("%u broken places\n", broken);
    return to.good() ? 0 : 1;
}
