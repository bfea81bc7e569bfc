// H.264 in RTP (RFC 6184).
#pragma once

#include "nal_depacketizer.hpp"
#include <millrace/codec/h264.hpp>
#include <millrace/rtp/payload/packetizer.hpp>

#include <map>

namespace millrace::rtp {

/// Single units, STAP-A and -B, MTAP16 and -24, FU-A and -B.
class H264Depacketizer final : public NalDepacketizer {
public:
    H264Depacketizer(const Format& format, media::Track track, const Limits& limits);

private:
    bool split(ByteView payload) override;
    Role role(ByteView unit) const override;
    bool keep(ByteView set) override;
    std::optional<Bytes> config() const override;

    bool split_aggregate(ByteReader in, unsigned type);
    bool split_fragment(ByteReader in, unsigned type);

    std::map<std::uint32_t, Bytes> sps_;
    std::map<std::uint32_t, Bytes> pps_;
    bool single_mode_ = false; ///< packetization-mode is 0, or not told.
};

/// Single units, STAP-A for parameter sets, FU-A (packetization-mode 1).
class H264Packetizer final : public Packetizer {
public:
    explicit H264Packetizer(std::size_t most) : most_{most} {}

    void set_track(const media::Track& track) override;
    void packetize(const media::Frame& frame, std::uint32_t timestamp, PayloadSink& sink) override;

private:
    std::size_t most_;
    std::size_t length_size_ = 4;
    std::vector<Bytes> sets_;
};

/// `profile-level-id` and `sprop-parameter-sets` of an avcC; empty when it cannot be read.
sdp::Parameters h264_parameters(ByteView config);
/// The avcC that an fmtp tells; empty when it tells none.
Bytes h264_config(const sdp::Parameters& parameters);

} // namespace millrace::rtp
