#include <millrace/base/reader.hpp>
#include <millrace/codec/vp8.hpp>

namespace millrace::codec::vp8 {

// frame := tag:u24le [9d 01 2a width:u14+2le height:u14+2le]    tag: inter:u1 version:u3 shown:u1 size:u19,
//          from the lowest bit on; the rest with key frames
Result<FrameHeader> read_header(ByteView frame)
{
    constexpr std::string_view kClause = "RFC 6386 §9.1";
    constexpr std::uint32_t kStartCode = 0x9d012a;
    ByteReader in{frame};
    const unsigned tag = in.u8();
    in.skip(2);
    FrameHeader header{.key = (tag & 1U) == 0, .shown = (tag >> 4U & 1U) != 0};
    if (!header.key) {
        return in.ok() ? Result<FrameHeader>{header} : Unexpected{Errc::truncated, kClause};
    }
    const auto start = in.u24();
    header.width = in.u16le() & 0x3fffU;
    header.height = in.u16le() & 0x3fffU;
    if (!in.ok()) {
        return Unexpected{Errc::truncated, kClause};
    }
    if (start != kStartCode) {
        return Unexpected{Errc::wrong_kind, kClause};
    }
    return header;
}

} // namespace millrace::codec::vp8
