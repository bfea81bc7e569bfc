// A sequence parameter set that reads tells a picture of a possible size, whatever stands behind what it
// needs.
#include <millrace/codec/av1.hpp>
#include <millrace/codec/h264.hpp>
#include <millrace/codec/h265.hpp>

#include <cstdlib>

namespace {

void check(std::uint32_t width, std::uint32_t height, std::uint32_t most)
{
    if (width == 0 || height == 0 || width > most || height > most) {
        std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace millrace;
    using namespace millrace::codec;
    const ByteView bytes{data, size};
    if (const auto sps = h264::read_sps(bytes)) {
        check(sps->width, sps->height, 2 * 65536);
        if (!(sps->fps >= 0)) {
            std::abort();
        }
    }
    if (const auto sps = h265::read_sps(bytes)) {
        check(sps->width, sps->height, 65536);
        auto longer = to_bytes(bytes);
        longer.push_back(0x80);
        if (*h265::read_sps(longer) != *sps) {
            std::abort();
        }
    }
    if (const auto config = av1::read_config(bytes)) {
        if ((config->width == 0) != (config->height == 0) || config->width > 65536) {
            std::abort();
        }
    }
    return 0;
}
