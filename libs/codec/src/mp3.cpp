#include <millrace/base/reader.hpp>
#include <millrace/codec/mp3.hpp>

#include <array>

namespace millrace::codec::mp3 {
namespace {

using Row = std::array<std::uint16_t, 16>;

// In kbit/s by index; 0 is the free format, 15 is forbidden.
constexpr Row kMpeg1Layer1{0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448, 0};
constexpr Row kMpeg1Layer2{0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 0};
constexpr Row kMpeg1Layer3{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0};
constexpr Row kMpeg2Layer1{0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256, 0};
constexpr Row kMpeg2Layer3{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0};

const Row& bit_rates(bool mpeg1, unsigned layer)
{
    if (!mpeg1) {
        return layer == 1 ? kMpeg2Layer1 : kMpeg2Layer3;
    }
    return layer == 1 ? kMpeg1Layer1 : layer == 2 ? kMpeg1Layer2 : kMpeg1Layer3;
}

} // namespace

// header := 7ff:u11 version:u2 layer:u2 no-crc:u1 bit-rate:u4 rate:u2 padding:u1 private:u1 mode:u2 rest:u6
// version: 0 is MPEG 2.5, 2 is MPEG 2, 3 is MPEG 1; layer: 3 is layer I, 1 is layer III; mode: 3 is mono
Result<Header> read_header(ByteView frame)
{
    constexpr std::string_view kClause = "ISO/IEC 11172-3 §2.4.1.3";
    constexpr std::array<std::uint32_t, 3> kRates{44100, 48000, 32000};
    if (frame.size() < 4) {
        return Unexpected{Errc::truncated, kClause};
    }
    const std::uint32_t bits = ByteReader{frame}.u32();
    if (bits >> 21U != 0x7ffU) {
        return Unexpected{Errc::wrong_kind, kClause};
    }
    const auto version = bits >> 19U & 3U;
    const auto layer_code = bits >> 17U & 3U;
    const auto rate_index = bits >> 12U & 15U;
    const auto frequency = bits >> 10U & 3U;
    if (version == 1 || layer_code == 0 || rate_index == 15 || frequency == 3) {
        return Unexpected{Errc::bad_value, kClause};
    }
    const bool mpeg1 = version == 3;
    const unsigned layer = 4 - layer_code;
    const bool padded = (bits >> 9U & 1U) != 0;
    Header header{.layer = static_cast<std::uint8_t>(layer),
                  .sample_rate = kRates[frequency] >> (mpeg1          ? 0U
                                                       : version == 2 ? 1U
                                                                      : 2U),
                  .channels = (bits >> 6U & 3U) == 3 ? 1U : 2U,
                  .bit_rate = bit_rates(mpeg1, layer)[rate_index] * 1000U,
                  .samples = layer == 1             ? 384U
                             : layer == 3 && !mpeg1 ? 576U
                                                    : 1152U};
    if (header.bit_rate > 0) {
        const std::size_t slot = layer == 1 ? 4 : 1; // bytes
        const std::size_t slots = header.samples / 8 / slot * header.bit_rate / header.sample_rate;
        header.frame_bytes = (slots + (padded ? 1 : 0)) * slot;
    }
    return header;
}

} // namespace millrace::codec::mp3
