// Frames to RTP payloads: one packetizer a codec.
#pragma once

#include <millrace/media/frame.hpp>
#include <millrace/rtp/format.hpp>

#include <memory>
#include <span>

namespace millrace::rtp {

/// Where payloads go, in the order in which they are sent.
class PayloadSink {
public:
    virtual ~PayloadSink() = default;

    /// One packet whose payload is the parts, one after the other.
    virtual void add(std::uint32_t timestamp, bool marker, std::span<const ByteView> parts) = 0;
};

/// Cuts the frames of one track into RTP payloads.
class Packetizer {
public:
    virtual ~Packetizer() = default;

    /// A changed configuration of the track.
    virtual void set_track(const media::Track& track) = 0;
    /// Gives `sink` the payloads of one frame, none of them longer than the size given at the beginning. A
    /// frame that cannot be read gives none.
    virtual void packetize(const media::Frame& frame, std::uint32_t timestamp, PayloadSink& sink) = 0;
};

constexpr std::size_t kUsualPacket =
    1452; ///< Bytes of an RTP packet that every path carries in UDP over IPv6.
constexpr std::size_t kUsualPayload = kUsualPacket - 12;

/// The packetizer of a track. Expects: most >= 64. Errors: unsupported_format.
Result<std::unique_ptr<Packetizer>> make_packetizer(const media::Track& track,
                                                    std::size_t most = kUsualPayload);

} // namespace millrace::rtp
