// MPEG audio of any layer (RFC 2250 §3.2).
#pragma once

#include <millrace/rtp/payload/depacketizer.hpp>
#include <millrace/rtp/payload/packetizer.hpp>

namespace millrace::rtp {

class MpegAudioDepacketizer final : public Depacketizer {
public:
    MpegAudioDepacketizer(media::Track track, const Limits& limits)
        : track_{std::move(track)}, limits_{limits}
    {
    }

    void feed(const Packet& packet, std::int64_t timestamp, bool lost) override;

private:
    void take(SharedBytes frame, std::int64_t timestamp);

    media::Track track_;
    Limits limits_;
    Bytes part_;
    std::int64_t part_time_ = 0;
    bool told_ = false;
};

/// One frame a packet, or fragments with their offsets.
class MpegAudioPacketizer final : public Packetizer {
public:
    explicit MpegAudioPacketizer(std::size_t most) : most_{most} {}

    void set_track(const media::Track& /*track*/) override {}
    void packetize(const media::Frame& frame, std::uint32_t timestamp, PayloadSink& sink) override;

private:
    std::size_t most_;
};

} // namespace millrace::rtp
