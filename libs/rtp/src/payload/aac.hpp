// AAC in RTP: mpeg4-generic (RFC 3640).
#pragma once

#include <millrace/rtp/payload/depacketizer.hpp>
#include <millrace/rtp/payload/packetizer.hpp>

namespace millrace::rtp {

/// Modes AAC-hbr and AAC-lbr, and whatever sizes the fmtp tells.
class AacDepacketizer final : public Depacketizer {
public:
    AacDepacketizer(const Format& format, media::Track track, const Limits& limits);

    void feed(const Packet& packet, std::int64_t timestamp, bool lost) override;

private:
    /// The AU-headers of one packet.
    struct Heads {
        std::vector<std::size_t> sizes;
        std::size_t bytes = 0; ///< With the length before them.
        bool interleaved = false;
    };

    std::optional<Heads> read_heads(ByteView payload) const;
    void take_part(const Packet& packet, std::int64_t timestamp, std::size_t at, std::size_t whole);
    void take(SharedBytes unit, std::int64_t timestamp);

    media::Track track_;
    Limits limits_;
    unsigned size_bits_ = 13;
    unsigned index_bits_ = 3;
    unsigned delta_bits_ = 3;
    std::size_t constant_size_ = 0;
    std::uint32_t duration_ = 1024; ///< Of one access unit, on the RTP clock.
    Bytes part_;                    ///< Of a unit that came in fragments.
    std::size_t part_of_ = 0;
    std::int64_t part_time_ = 0;
    bool told_ = false;
};

/// Mode AAC-hbr; one access unit a packet, for they come one by one.
class AacPacketizer final : public Packetizer {
public:
    explicit AacPacketizer(std::size_t most) : most_{most} {}

    void set_track(const media::Track& /*track*/) override {}
    void packetize(const media::Frame& frame, std::uint32_t timestamp, PayloadSink& sink) override;

private:
    std::size_t most_;
};

/// The fmtp of mode AAC-hbr.
sdp::Parameters aac_parameters(ByteView config);
/// Samples of one access unit, counted on a clock of that rate.
std::uint32_t aac_duration(ByteView config, std::uint32_t clock_rate);

} // namespace millrace::rtp
