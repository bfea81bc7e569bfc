// A stream gives the same items, warnings and counters whole, byte by byte, and in pieces; what it gave is
// written as a stream that is read without a complaint.
#include "../test/reading.hpp"

#include <cstdlib>

namespace {

using namespace millrace;
using namespace millrace::mpegts;

constexpr Demuxer::Limits kLimits{
    .search = 2000, .pes_bytes = 4096, .streams = 4, .programs = 4, .warnings = 8};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const ByteView stream{data, size};
    const auto whole = read(stream, size + 1, kLimits);
    if (read(stream, 1, kLimits) != whole || read(stream, size / 2 + 1, kLimits) != whole ||
        read(stream, 189, kLimits) != whole) {
        std::abort();
    }
    Muxer muxer{{.multitrack = true}};
    media::Pieces out;
    for (const auto& item : whole.items) {
        if (const auto* track = std::get_if<media::Track>(&item)) {
            muxer.write(*track, {}, out);
        } else if (const auto* frame = std::get_if<media::Frame>(&item)) {
            muxer.write(*frame, frame->key, out);
        }
    }
    muxer.flush(out);
    const auto again = read(joined(out));
    if (again.counters.contains("lost_packets") || again.counters.contains("bad_crc") ||
        again.counters.contains("bad_pes") || again.counters.contains("garbage_bytes")) {
        std::abort();
    }
    return 0;
}
