// Sounds whose payload is the sound and nothing else: G.711, G.722, L16 (RFC 3551 §4.5), Opus (RFC 7587).
#pragma once

#include <millrace/rtp/payload/depacketizer.hpp>
#include <millrace/rtp/payload/packetizer.hpp>

namespace millrace::rtp {

/// One frame a packet, whatever its length.
class RawSoundDepacketizer final : public Depacketizer {
public:
    /// `swap`: pairs of bytes change places, for L16 has the higher one first.
    RawSoundDepacketizer(media::Track track, bool swap) : track_{std::move(track)}, swap_{swap} {}

    void feed(const Packet& packet, std::int64_t timestamp, bool lost) override;

private:
    media::Track track_;
    bool swap_;
    bool told_ = false;
};

/// Cuts frames between samples.
class RawSoundPacketizer final : public Packetizer {
public:
    /// `sample_bytes`: of all channels, in `ticks` of the RTP clock; 0 when frames must stay whole.
    RawSoundPacketizer(std::size_t most, std::size_t sample_bytes, bool swap)
        : most_{most}, sample_bytes_{sample_bytes}, swap_{swap}
    {
    }

    void set_track(const media::Track& /*track*/) override {}
    void packetize(const media::Frame& frame, std::uint32_t timestamp, PayloadSink& sink) override;

private:
    std::size_t most_;
    std::size_t sample_bytes_;
    bool swap_;
};

} // namespace millrace::rtp
