#include "aac.hpp"
#include "ac3.hpp"
#include "av1.hpp"
#include "catalogue.hpp"
#include "h263.hpp"
#include "h264.hpp"
#include "h265.hpp"
#include "jpeg.hpp"
#include "latm.hpp"
#include "mp2t.hpp"
#include "mpeg_audio.hpp"
#include "raw_sound.hpp"
#include "vp8.hpp"
#include "vp9.hpp"

#include <algorithm>

namespace millrace::rtp {
namespace {

std::unique_ptr<Packetizer> packetizer_of(Payload payload, const media::Track& track, std::size_t most)
{
    const std::size_t channels = std::max(track.channels, 1U);
    switch (payload) {
    case Payload::h264: return std::make_unique<H264Packetizer>(most);
    case Payload::h265: return std::make_unique<H265Packetizer>(most);
    case Payload::aac: return std::make_unique<AacPacketizer>(most);
    case Payload::latm: return std::make_unique<LatmPacketizer>(most);
    case Payload::opus: return std::make_unique<RawSoundPacketizer>(most, 0, false);
    case Payload::g711u:
    case Payload::g711a:
    case Payload::g722: return std::make_unique<RawSoundPacketizer>(most, channels, false);
    case Payload::l16: return std::make_unique<RawSoundPacketizer>(most, 2 * channels, true);
    case Payload::mpa: return std::make_unique<MpegAudioPacketizer>(most);
    case Payload::ac3: return std::make_unique<Ac3Packetizer>(most, false);
    case Payload::eac3: return std::make_unique<Ac3Packetizer>(most, true);
    case Payload::vp8: return std::make_unique<Vp8Packetizer>(most);
    case Payload::vp9: return std::make_unique<Vp9Packetizer>(most);
    case Payload::av1: return std::make_unique<Av1Packetizer>(most);
    case Payload::mp2t:
    case Payload::jpeg:
    case Payload::h263:
    case Payload::h263_1998: break; // received only
    }
    return nullptr;
}

std::unique_ptr<Depacketizer> depacketizer_of(const Format& format, media::Track track,
                                              const Depacketizer::Limits& limits)
{
    switch (format.payload) {
    case Payload::h264: return std::make_unique<H264Depacketizer>(format, std::move(track), limits);
    case Payload::h265: return std::make_unique<H265Depacketizer>(format, std::move(track), limits);
    case Payload::aac: return std::make_unique<AacDepacketizer>(format, std::move(track), limits);
    case Payload::latm: return std::make_unique<LatmDepacketizer>(format, std::move(track), limits);
    case Payload::opus:
    case Payload::g711u:
    case Payload::g711a:
    case Payload::g722: return std::make_unique<RawSoundDepacketizer>(std::move(track), false);
    case Payload::l16: return std::make_unique<RawSoundDepacketizer>(std::move(track), true);
    case Payload::mpa: return std::make_unique<MpegAudioDepacketizer>(std::move(track), limits);
    case Payload::ac3:
    case Payload::eac3: return std::make_unique<Ac3Depacketizer>(format, std::move(track), limits);
    case Payload::mp2t: return std::make_unique<Mp2tDepacketizer>(limits);
    case Payload::vp8: return std::make_unique<Vp8Depacketizer>(std::move(track), limits);
    case Payload::vp9: return std::make_unique<Vp9Depacketizer>(std::move(track), limits);
    case Payload::av1: return std::make_unique<Av1Depacketizer>(std::move(track), limits);
    case Payload::jpeg: return std::make_unique<JpegDepacketizer>(std::move(track), limits);
    case Payload::h263: return std::make_unique<H263Depacketizer>(std::move(track), limits);
    case Payload::h263_1998: return std::make_unique<H263PlusDepacketizer>(std::move(track), limits);
    }
    return nullptr;
}

} // namespace

Result<std::unique_ptr<Packetizer>> make_packetizer(const media::Track& track, std::size_t most)
{
    const auto format = format_for(track);
    if (!format) {
        return Unexpected{format.error()};
    }
    auto made = packetizer_of(format->payload, track, most);
    if (!made) {
        return Unexpected{Errc::unsupported_format, "RFC 3551 §6"};
    }
    made->set_track(track);
    return made;
}

Result<std::unique_ptr<Depacketizer>> make_depacketizer(const Format& format, media::TrackId id,
                                                        std::uint8_t number,
                                                        const Depacketizer::Limits& limits)
{
    if (format.clock_rate == 0) {
        return Unexpected{Errc::unsupported_format, "RFC 3550 §5.1"};
    }
    return depacketizer_of(format, track_of(format, id, number), limits);
}

} // namespace millrace::rtp
