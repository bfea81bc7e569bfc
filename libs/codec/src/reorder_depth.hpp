// What the readers of sequence parameter sets find beside the picture's size.
#pragma once

#include <millrace/codec/h264.hpp>
#include <millrace/codec/h265.hpp>

#include <optional>

namespace millrace::codec {

/// As read_sps(); `depth` is set when the set tells how many pictures are held back.
Result<h264::Sps> read_sps(ByteView unit, std::optional<std::uint32_t>& depth);
Result<h265::Sps> read_h265_sps(ByteView unit, std::optional<std::uint32_t>& depth);

} // namespace millrace::codec
