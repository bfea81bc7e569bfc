#include "aac.hpp"
#include "catalogue.hpp"
#include "h264.hpp"
#include "h265.hpp"

namespace millrace::rtp {

Result<std::unique_ptr<Packetizer>> make_packetizer(const media::Track& track, std::size_t most)
{
    const auto format = format_for(track);
    if (!format) {
        return Unexpected{format.error()};
    }
    std::unique_ptr<Packetizer> made;
    switch (format->payload) {
    case Payload::h264: made = std::make_unique<H264Packetizer>(most); break;
    case Payload::h265: made = std::make_unique<H265Packetizer>(most); break;
    case Payload::aac: made = std::make_unique<AacPacketizer>(most); break;
    default: return Unexpected{Errc::unsupported_format, "RFC 3551 §6"};
    }
    made->set_track(track);
    return made;
}

Result<std::unique_ptr<Depacketizer>> make_depacketizer(const Format& format, media::TrackId id,
                                                        std::uint8_t number,
                                                        const Depacketizer::Limits& limits)
{
    auto track = track_of(format, id, number);
    std::unique_ptr<Depacketizer> made;
    switch (format.payload) {
    case Payload::h264: made = std::make_unique<H264Depacketizer>(format, std::move(track), limits); break;
    case Payload::h265: made = std::make_unique<H265Depacketizer>(format, std::move(track), limits); break;
    case Payload::aac: made = std::make_unique<AacDepacketizer>(format, std::move(track), limits); break;
    default: return Unexpected{Errc::unsupported_format, "RFC 3551 §6"};
    }
    return made;
}

} // namespace millrace::rtp
