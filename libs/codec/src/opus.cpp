#include <millrace/base/reader.hpp>
#include <millrace/codec/opus.hpp>

namespace millrace::codec::opus {

// head := "OpusHead" version:u8 channels:u8 pre-skip:u16le rate:u32le gain:u16le family:u8 …
Result<Head> read_head(ByteView bytes)
{
    constexpr std::string_view kClause = "RFC 7845 §5.1";
    ByteReader in{bytes};
    const auto magic = in.text(8);
    const unsigned version = in.u8();
    const Head head{.channels = in.u8(), .pre_skip = in.u16le(), .input_rate = in.u32le()};
    in.skip(3);
    if (!in.ok()) {
        return Unexpected{Errc::truncated, kClause};
    }
    if (magic != "OpusHead") {
        return Unexpected{Errc::wrong_kind, kClause};
    }
    if (version >> 4U != 0) {
        return Unexpected{Errc::bad_version, kClause};
    }
    return head;
}

} // namespace millrace::codec::opus
