#include "durations.hpp"

#include "aac.hpp"
#include <millrace/codec/ac3.hpp>
#include <millrace/codec/mp3.hpp>

#include <algorithm>
#include <array>

namespace millrace::rtp {

std::uint32_t opus_duration(ByteView packet)
{
    constexpr std::uint32_t kMost = 5760; // 120 ms
    if (packet.empty()) {
        return 0;
    }
    const unsigned config = packet[0] >> 3U;
    constexpr std::array<std::uint32_t, 4> kSilk{480, 960, 1920, 2880};
    constexpr std::array<std::uint32_t, 4> kCelt{120, 240, 480, 960};
    const auto frame = config < 12   ? kSilk[config % 4]
                       : config < 16 ? (config % 2 == 0 ? 480U : 960U)
                                     : kCelt[config % 4];
    const unsigned code = packet[0] & 3U;
    const std::uint32_t frames = code == 0 ? 1 : code < 3 ? 2 : packet.size() > 1 ? packet[1] & 63U : 0;
    return frame * frames <= kMost ? frame * frames : 0;
}

std::uint32_t sound_duration(const Format& format, const media::Track& track, ByteView payload)
{
    const auto size = static_cast<std::uint32_t>(std::min<std::size_t>(payload.size(), 1U << 24U));
    const auto channels = std::max(track.channels, 1U);
    switch (format.payload) {
    case Payload::aac: return aac_duration(track.config, format.clock_rate);
    case Payload::opus: return opus_duration(payload);
    case Payload::g711a:
    case Payload::g711u:
    case Payload::g722: return size / channels;
    case Payload::l16: return size / (2 * channels);
    case Payload::mpa: {
        const auto header = codec::mp3::read_header(payload);
        return header && header->sample_rate > 0 ? header->samples * format.clock_rate / header->sample_rate
                                                 : 0;
    }
    case Payload::ac3:
    case Payload::eac3: {
        const auto header = codec::ac3::read_header(payload);
        return header && header->sample_rate > 0 ? header->samples * format.clock_rate / header->sample_rate
                                                 : 0;
    }
    default: return 0;
    }
}

} // namespace millrace::rtp
