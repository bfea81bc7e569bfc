// The header of a chunk, as it stands on the wire (RTMP 1.0 §5.3.1).
#pragma once

#include <millrace/base/bytes.hpp>
#include <millrace/rtmp/message.hpp>

namespace millrace::rtmp {

// chunk := basic fixed extended? data
inline constexpr std::uint32_t kExtendedTime =
    0xffffff; ///< In the time field: the time stands behind the header.
inline constexpr std::size_t kExtendedBytes = 4;
inline constexpr std::size_t kMaxChunkHeader = 3 + 11 + kExtendedBytes;

// basic := fmt:u2 id:u6 [id-64:u8 | id-64:u16le]     id 0 -> 2 bytes, 1 -> 3 bytes (§5.3.1.1)
struct BasicHeader {
    unsigned fmt = 0;
    std::uint32_t csid = 0;
    std::size_t size = 0; ///< Of this header; 0: more bytes are needed.
};

/// Expects: at least one byte.
inline BasicHeader read_basic_header(ByteView in)
{
    const unsigned fmt = in[0] >> 6U;
    const unsigned id = in[0] & 0x3fU;
    if (id >= 2) {
        return {fmt, id, 1};
    }
    if (in.size() < 2 + id) {
        return {};
    }
    return {fmt, 64U + in[1] + (id == 1 ? in[2] * 256U : 0U), 2 + id};
}

// fixed    := time:u24 [length:u24 type:u8 [stream:u32le]]  type 0: all, 1: to type, 2: time, 3: none
// (§5.3.1.2) extended := time:u32       present when time == 0xFFFFFF; on type 3 when the last header had it
// (§5.3.1.3)
struct FixedHeader {
    std::uint32_t time = 0; ///< A timestamp with fmt 0, else a delta.
    std::uint32_t length = 0;
    MessageType type = {};
    std::uint32_t stream = 0;
    bool extended = false;
    std::size_t size = 0; ///< Of this header, the extended time included; 0: more bytes are needed.
};

/// Expects: fmt 0, 1 or 2.
FixedHeader read_fixed_header(unsigned fmt, ByteView in);

} // namespace millrace::rtmp
