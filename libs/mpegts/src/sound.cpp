#include "sound.hpp"

#include <millrace/codec/aac.hpp>
#include <millrace/codec/ac3.hpp>
#include <millrace/codec/mp3.hpp>
#include <millrace/codec/opus.hpp>

#include <algorithm>

namespace millrace::mpegts {
namespace {

using media::Codec;

constexpr std::array<std::uint32_t, 13> kRates{96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                               22050, 16000, 12000, 11025, 8000,  7350};
constexpr std::size_t kAdtsBytes = 7;
constexpr std::size_t kMostAdts = 0x1fff;

/// The channel configuration for a number of channels (ISO/IEC 14496-3 table 1.19); 0 when there is none.
std::uint8_t channel_config(const codec::aac::Config& config)
{
    if (config.channel_config != 0) {
        return config.channel_config <= 7 ? config.channel_config : 0;
    }
    return static_cast<std::uint8_t>(config.channels <= 6 ? config.channels : config.channels == 8 ? 7 : 0);
}

/// By the first byte of a packet (RFC 6716 §3.1), at 48 kHz.
std::uint32_t opus_samples(ByteView packet)
{
    constexpr std::array<std::uint32_t, 4> kSilk{480, 960, 1920, 2880};
    constexpr std::array<std::uint32_t, 2> kHybrid{480, 960};
    constexpr std::array<std::uint32_t, 4> kCelt{120, 240, 480, 960};
    const unsigned config = packet[0] >> 3U;
    const auto one = config < 12 ? kSilk[config % 4] : config < 16 ? kHybrid[config % 2] : kCelt[config % 4];
    switch (packet[0] & 3U) {
    case 0: return one;
    case 1:
    case 2: return one * 2;
    default: return packet.size() > 1 ? one * (packet[1] & 0x3fU) : 0;
    }
}

// control := 3ff:u11 start-trim:u1 end-trim:u1 extension:u1 0:u2 ff* size:u8       (Opus in MPEG-TS, §3.1)
void write_opus_control(std::size_t size, Bytes& out)
{
    out.push_back(0x7f);
    out.push_back(0xe0);
    for (; size >= 0xff; size -= 0xff) {
        out.push_back(0xff);
    }
    out.push_back(static_cast<std::uint8_t>(size));
}

} // namespace

// adts := fff:u12 0:u1 0:u2 no-crc:u1 type-1:u2 rate:u4 0:u1 channels:u3 0:u4 size:u13 7ff:u11 0:u2
std::optional<std::array<std::uint8_t, 7>> adts_head(ByteView bytes)
{
    const auto config = codec::aac::read_config(bytes);
    if (!config) {
        return std::nullopt;
    }
    const auto rate = std::ranges::find(kRates, config->core_rate);
    const auto channels = channel_config(*config);
    if (rate == kRates.end() || channels == 0 || config->object_type < 1 || config->object_type > 4) {
        return std::nullopt;
    }
    const auto index = static_cast<unsigned>(rate - kRates.begin());
    const auto type = config->object_type - 1U;
    return std::array<std::uint8_t, 7>{0xff,
                                       0xf1,
                                       static_cast<std::uint8_t>(type << 6U | index << 2U | channels >> 2U),
                                       static_cast<std::uint8_t>((channels & 3U) << 6U),
                                       0,
                                       0x1f,
                                       0xfc};
}

bool write_sound_head(const media::Track& track, const std::array<std::uint8_t, 7>& adts, std::size_t size,
                      Bytes& out)
{
    if (track.codec == Codec::opus) {
        write_opus_control(size, out);
        return true;
    }
    if (track.codec != Codec::aac) {
        return true;
    }
    const auto whole = size + kAdtsBytes;
    if (whole > kMostAdts) {
        return false;
    }
    auto head = adts;
    head[3] = static_cast<std::uint8_t>(head[3] | whole >> 11U);
    head[4] = static_cast<std::uint8_t>(whole >> 3U);
    head[5] = static_cast<std::uint8_t>(head[5] | (whole & 7U) << 5U);
    out.insert(out.end(), head.begin(), head.end());
    return true;
}

Length length_of(const media::Track& track, ByteView frame)
{
    if (track.codec == Codec::aac) {
        const auto config = codec::aac::read_config(track.config);
        return config ? Length{1024, config->core_rate} : Length{};
    }
    if (track.codec == Codec::mp3) {
        const auto header = codec::mp3::read_header(frame);
        return header ? Length{header->samples, header->sample_rate} : Length{};
    }
    if (track.codec == Codec::ac3 || track.codec == Codec::eac3) {
        const auto header = codec::ac3::read_header(frame);
        return header ? Length{header->samples, header->sample_rate} : Length{};
    }
    if (track.codec == Codec::opus && !frame.empty()) {
        return {opus_samples(frame), codec::opus::kSampleRate};
    }
    return {};
}

} // namespace millrace::mpegts
