#include <millrace/codec/bits.hpp>
#include <millrace/codec/flac.hpp>

namespace millrace::codec::flac {

// head := "fLaC" last:u1 0:u7 length:u24 block-min:u16 block-max:u16 frame-min:u24 frame-max:u24
//         rate:u20 channels-1:u3 bits-1:u5 samples:u36 md5:u128
Result<StreamInfo> read_stream_info(ByteView bytes)
{
    constexpr std::string_view kClause = "RFC 9639 §8.2";
    if (bytes.size() < 8 + 34) {
        return Unexpected{Errc::truncated, kClause};
    }
    if (as_text(bytes.first(4)) != "fLaC" || (bytes[4] & 0x7fU) != 0) {
        return Unexpected{Errc::wrong_kind, kClause};
    }
    BitReader in{bytes.subspan(8 + 10)};
    return StreamInfo{.sample_rate = in.bits(20), .channels = in.bits(3) + 1, .bits = in.bits(5) + 1};
}

} // namespace millrace::codec::flac
