#include <millrace/codec/ac3.hpp>
#include <millrace/codec/bits.hpp>

#include <array>

namespace millrace::codec::ac3 {
namespace {

constexpr std::array<std::uint32_t, 3> kRates{48000, 44100, 32000};
constexpr std::array<std::uint32_t, 8> kChannels{2, 1, 2, 3, 3, 4, 4, 5}; ///< By acmod, without the LFE.
/// In kbit/s, by half of frmsizecod (table 4.13).
constexpr std::array<std::uint32_t, 19> kBitRates{32,  40,  48,  56,  64,  80,  96,  112, 128, 160,
                                                  192, 224, 256, 320, 384, 448, 512, 576, 640};
constexpr std::uint32_t kBlockSamples = 256;
constexpr std::array<std::uint32_t, 4> kBlocks{1, 2, 3, 6}; ///< By numblkscod.
constexpr std::string_view kClause = "ETSI TS 102 366 §4.3, §E.1.2";

// plain := sync:u16 crc:u16 fscod:u2 frmsizecod:u6 bsid:u5 bsmod:u3 acmod:u3
//          [cmixlev:u2]acmod odd, not 1 [surmixlev:u2]acmod 4 to 7 [dsurmod:u2]acmod 2 lfeon:u1
Result<Header> read_plain(BitReader in)
{
    in.skip(16 + 16);
    const auto rate = in.bits(2);
    const auto size = in.bits(6);
    in.skip(5 + 3);
    const auto mode = in.bits(3);
    in.skip(((mode & 1U) != 0 && mode != 1 ? 2U : 0U) + ((mode & 4U) != 0 ? 2U : 0U) + (mode == 2 ? 2U : 0U));
    const bool lfe = in.flag();
    if (!in.ok()) {
        return Unexpected{Errc::truncated, kClause};
    }
    if (rate >= kRates.size() || size / 2 >= kBitRates.size()) {
        return Unexpected{Errc::bad_value, kClause};
    }
    constexpr std::uint32_t kSamples = 6 * kBlockSamples;
    // In words of 16 bits, rounded down; at 44.1 kHz every other size has one more.
    const auto words = kBitRates[size / 2] * 1000 / 16 * kSamples / kRates[rate] + (rate == 1 ? size % 2 : 0);
    return Header{.sample_rate = kRates[rate],
                  .channels = kChannels[mode] + (lfe ? 1U : 0U),
                  .lfe = lfe,
                  .samples = kSamples,
                  .frame_bytes = std::size_t{words} * 2};
}

// enhanced := sync:u16 strmtyp:u2 substream:u3 frmsiz:u11 fscod:u2 (fscod2|numblkscod):u2 acmod:u3 lfeon:u1
Result<Header> read_enhanced(BitReader in)
{
    in.skip(16 + 2 + 3);
    const auto size = in.bits(11);
    const auto rate = in.bits(2);
    const auto half_rate = in.bits(2);
    const auto mode = in.bits(3);
    const bool lfe = in.flag();
    if (rate == 3 && half_rate == 3) {
        return Unexpected{Errc::bad_value, kClause};
    }
    return Header{.enhanced = true,
                  .sample_rate = rate < 3 ? kRates[rate] : kRates[half_rate] / 2,
                  .channels = kChannels[mode] + (lfe ? 1U : 0U),
                  .lfe = lfe,
                  .samples = kBlockSamples * (rate < 3 ? kBlocks[half_rate] : 6),
                  .frame_bytes = (std::size_t{size} + 1) * 2};
}

} // namespace

Result<Header> read_header(ByteView frame)
{
    constexpr std::uint32_t kSync = 0x0b77;
    BitReader in{frame};
    const auto sync = in.bits(16);
    in.skip(24);
    const auto version = in.bits(5); // bsid, in the same place in both
    if (!in.ok()) {
        return Unexpected{Errc::truncated, kClause};
    }
    if (sync != kSync) {
        return Unexpected{Errc::wrong_kind, kClause};
    }
    if (version > 16) {
        return Unexpected{Errc::bad_version, kClause};
    }
    return version > 10 ? read_enhanced(BitReader{frame}) : read_plain(BitReader{frame});
}

} // namespace millrace::codec::ac3
