#include "sample_count.hpp"

#include <millrace/codec/aac.hpp>
#include <millrace/codec/ac3.hpp>
#include <millrace/codec/mp3.hpp>

#include <array>

namespace millrace::hls {
namespace {

// ISO/IEC 14496-3 §4.5.2.1: 1024 samples at the core's rate.
std::optional<std::uint32_t> of_aac(const media::Track& track)
{
    constexpr std::uint32_t kFrame = 1024;
    const auto config = codec::aac::read_config(track.config);
    if (!config || config->core_rate == 0) {
        return std::nullopt;
    }
    return kFrame * track.sample_rate / config->core_rate;
}

// RFC 6716 §3.1 and §3.2: config:u5 stereo:u1 code:u2, then how many frames.
std::optional<std::uint32_t> of_opus(ByteView packet)
{
    constexpr std::array<std::uint32_t, 4> kSilk{480, 960, 1920, 2880};
    constexpr std::array<std::uint32_t, 4> kCelt{120, 240, 480, 960};
    if (packet.empty()) {
        return std::nullopt;
    }
    const unsigned config = packet[0] >> 3U;
    const auto frame = config < 12   ? kSilk[config & 3U]
                       : config < 16 ? kSilk[config & 1U]
                                     : kCelt[config & 3U];
    const unsigned code = packet[0] & 3U;
    if (code == 3) {
        return packet.size() < 2 ? std::nullopt : std::optional{frame * (packet[1] & 0x3fU)};
    }
    return code == 0 ? frame : 2 * frame;
}

// RFC 9639 §8.2: least and most samples of a block; only when they agree.
std::optional<std::uint32_t> of_flac(const media::Track& track)
{
    const auto config = track.config.view();
    if (config.size() < 12) {
        return std::nullopt;
    }
    const auto least = static_cast<std::uint32_t>(config[8] << 8U | config[9]);
    const auto most = static_cast<std::uint32_t>(config[10] << 8U | config[11]);
    return least == most && most != 0 ? std::optional{most} : std::nullopt;
}

// ETSI TS 102 366 §E.1.3: numblkscod, unless the rate is halved.
std::optional<std::uint32_t> of_eac3(ByteView frame)
{
    constexpr std::array<std::uint32_t, 4> kBlocks{1, 2, 3, 6};
    if (frame.size() < 5) {
        return std::nullopt;
    }
    const unsigned rate = frame[4] >> 6U;
    return 256 * (rate == 3 ? 6 : kBlocks[frame[4] >> 4U & 3U]);
}

} // namespace

std::optional<std::uint32_t> sample_count(const media::Track& track, ByteView frame)
{
    switch (track.codec) {
    case media::Codec::aac: return of_aac(track);
    case media::Codec::opus: return of_opus(frame);
    case media::Codec::flac: return of_flac(track);
    case media::Codec::ac3: return 1536;
    case media::Codec::eac3: return of_eac3(frame);
    case media::Codec::mp3:
        if (const auto header = codec::mp3::read_header(frame)) {
            return header->samples;
        }
        return std::nullopt;
    default: return std::nullopt;
    }
}

} // namespace millrace::hls
