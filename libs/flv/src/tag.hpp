// The head of an FLV tag (FLV 10.1 §E.4.1).
#pragma once

#include <millrace/base/reader.hpp>

namespace millrace::flv {

constexpr std::size_t kHeaderBytes = 9; ///< Of a file.
constexpr std::size_t kTagHeadBytes = 11;
constexpr std::size_t kBackPointerBytes = 4; ///< PreviousTagSize.
constexpr std::size_t kMaxTagData = 0xffffff;

// head := 00:u2 filter:u1 type:u5 size:u24 time:u24 time-high:u8 stream:u24
struct TagHead {
    std::uint8_t type = 0;       ///< With the filter bit and the reserved bits above it.
    std::uint32_t size = 0;      ///< Of the data.
    std::uint32_t timestamp = 0; ///< Milliseconds, modulo 2^32.
    std::uint32_t stream = 0;    ///< Always 0.

    bool encrypted() const { return (type & 0x20U) != 0; }
    std::uint8_t plain_type() const { return type & 0x1fU; }
    /// With its data, as the back pointer tells it.
    std::size_t tag_bytes() const { return kTagHeadBytes + size; }
};

TagHead read_tag_head(ByteReader& in);
void write(ByteWriter& out, const TagHead& head);

} // namespace millrace::flv
