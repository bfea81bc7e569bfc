#include "reorder_depth.hpp"
#include <millrace/codec/reorder.hpp>

#include <algorithm>

namespace millrace::codec {
namespace {

constexpr std::uint32_t kDeepest = 16; ///< H.264 §A.3.1.

std::size_t checked(const std::optional<std::uint32_t>& depth)
{
    return depth && *depth <= kDeepest ? *depth : 0;
}

} // namespace

std::size_t h264_reorder_depth(ByteView record)
{
    const auto config = h264::read_config(record);
    std::optional<std::uint32_t> depth;
    if (!config || config->sps.empty() || !read_sps(config->sps.front(), depth)) {
        return 0;
    }
    return checked(depth);
}

std::size_t h265_reorder_depth(ByteView record)
{
    const auto config = h265::read_config(record);
    std::optional<std::uint32_t> depth;
    if (!config) {
        return 0;
    }
    const auto sps = std::ranges::find_if(config->units, [](const Bytes& unit) {
        return !unit.empty() && h265::type_of(unit) == h265::NalType::sps;
    });
    if (sps == config->units.end() || !read_h265_sps(*sps, depth)) {
        return 0;
    }
    return checked(depth);
}

} // namespace millrace::codec
