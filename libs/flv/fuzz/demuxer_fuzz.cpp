// A file gives the same items and warnings whole, byte by byte, and in two halves; what it gave is written as
// a file that gives it again.
#include "../test/files.hpp"

#include <cstdlib>

namespace {

using namespace millrace;
using namespace millrace::flv;

struct Outcome {
    bool good = true;
    std::vector<media::Item> items;
    std::vector<Demuxer::Warning> warnings;

    friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome outcome(ByteView file, std::size_t piece)
{
    Demuxer demuxer{{.tag_bytes = 65536}};
    Outcome out;
    while (!file.empty()) {
        const auto count = std::min(piece, file.size());
        out.good = demuxer.feed(file.first(count)).has_value();
        file = file.subspan(count);
    }
    demuxer.end();
    out.items = drain(demuxer);
    out.warnings = warnings(demuxer);
    return out;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const ByteView file{data, size};
    const auto whole = outcome(file, size + 1);
    if (outcome(file, 1) != whole || outcome(file, size / 2 + 1) != whole) {
        std::abort();
    }
    const auto frames = only<media::Frame>(whole.items);
    const auto tracks = only<media::Track>(whole.items);
    std::array<std::size_t, 3> told{};
    for (const auto& track : tracks) {
        ++told.at(track.id);
    }
    if (std::ranges::any_of(told, [](std::size_t times) { return times > 1; })) {
        return 0; // tracks that change in mid-stream do not fit into one head
    }
    const auto again = outcome(muxed({tracks, only<media::Metadata>(whole.items)}, frames), 4096);
    if (!again.warnings.empty() || only<media::Frame>(again.items) != frames) {
        std::abort();
    }
    return 0;
}
