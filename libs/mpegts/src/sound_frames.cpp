#include "sound_frames.hpp"

#include <millrace/base/reader.hpp>
#include <millrace/codec/aac.hpp>
#include <millrace/codec/ac3.hpp>
#include <millrace/codec/bits.hpp>
#include <millrace/codec/mp3.hpp>

#include <array>

namespace millrace::mpegts {
namespace {

using Verdict = SoundFrame::Verdict;

constexpr std::array<std::uint32_t, 13> kRates{96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                               22050, 16000, 12000, 11025, 8000,  7350};
constexpr std::uint32_t kAacSamples = 1024;

/// The header of MPEG audio and AC-3 stays in the frame.
template <class Header>
SoundFrame whole(ByteView bytes, const Header& header)
{
    if (header.frame_bytes == 0) {
        return {};
    }
    if (bytes.size() < header.frame_bytes) {
        return {.verdict = Verdict::needs_more};
    }
    return {.verdict = Verdict::whole,
            .bytes = header.frame_bytes,
            .samples = header.samples,
            .rate = header.sample_rate,
            .payload = to_bytes(bytes.first(header.frame_bytes))};
}

} // namespace

// adts := fff:u12 id:u1 0:u2 no-crc:u1 type-1:u2 rate:u4 private:u1 channels:u3 0:u2 copyright:u2 size:u13
// fullness:u11
//         blocks-1:u2 [crc:u16] block                                             (ISO/IEC 14496-3 §1.A.3.2)
SoundFrame look_at_adts(ByteView bytes)
{
    constexpr std::size_t kHeadBytes = 7;
    if (bytes.size() < kHeadBytes) {
        return {.verdict = Verdict::needs_more};
    }
    codec::BitReader in{bytes};
    const auto sync = in.bits(12);
    in.skip(1);
    const auto layer = in.bits(2);
    const bool checked = !in.flag();
    const auto type = in.bits(2) + 1;
    const auto rate = in.bits(4);
    in.skip(1);
    const auto channels = in.bits(3);
    in.skip(4);
    const std::size_t size = in.bits(13);
    in.skip(11);
    const auto blocks = in.bits(2) + 1;
    const auto head = kHeadBytes + (checked ? 2 : 0);
    if (sync != 0xfff || layer != 0 || rate >= kRates.size() || size <= head) {
        return {};
    }
    if (bytes.size() < size) {
        return {.verdict = Verdict::needs_more};
    }
    SoundFrame frame{
        .verdict = Verdict::whole, .bytes = size, .samples = kAacSamples * blocks, .rate = kRates[rate]};
    // Several blocks in one frame cannot be told apart without decoding; channels of a program config element
    // neither.
    if (blocks > 1 || channels == 0) {
        frame.verdict = Verdict::unknown;
        return frame;
    }
    frame.payload = to_bytes(bytes.subspan(head, size - head));
    frame.config = codec::aac::write_config({.object_type = static_cast<std::uint8_t>(type),
                                             .core_rate = kRates[rate],
                                             .sample_rate = kRates[rate],
                                             .channel_config = static_cast<std::uint8_t>(channels)});
    return frame;
}

SoundFrame look_at_mpeg_audio(ByteView bytes)
{
    if (bytes.size() < 4) {
        return {.verdict = Verdict::needs_more};
    }
    const auto header = codec::mp3::read_header(bytes);
    if (!header) {
        return {};
    }
    auto frame = whole(bytes, *header);
    if (frame.verdict == Verdict::whole && header->layer != 3) {
        frame.verdict = Verdict::unknown;
    }
    return frame;
}

SoundFrame look_at_ac3(ByteView bytes)
{
    constexpr std::size_t kHeadBytes = 7;
    if (bytes.size() < kHeadBytes) {
        return {.verdict = Verdict::needs_more};
    }
    const auto header = codec::ac3::read_header(bytes);
    return header ? whole(bytes, *header) : SoundFrame{};
}

} // namespace millrace::mpegts
