// H.265 in RTP (RFC 7798).
#pragma once

#include "nal_depacketizer.hpp"
#include <millrace/codec/h265.hpp>
#include <millrace/rtp/payload/packetizer.hpp>

#include <map>

namespace millrace::rtp {

/// Single units, aggregates and fragments, with decoding order numbers where the fmtp tells of them.
class H265Depacketizer final : public NalDepacketizer {
public:
    H265Depacketizer(const Format& format, media::Track track, const Limits& limits);

private:
    bool split(ByteView payload) override;
    Role role(ByteView unit) const override;
    bool keep(ByteView set) override;
    std::optional<Bytes> config() const override;

    bool split_aggregate(ByteReader in);
    bool split_fragment(ByteReader in);

    std::map<std::pair<unsigned, std::uint32_t>, Bytes> sets_; ///< By type and number.
    bool order_numbers_ = false;                               ///< DONL and DOND fields are there.
};

/// Single units, aggregates for parameter sets, fragments.
class H265Packetizer final : public Packetizer {
public:
    explicit H265Packetizer(std::size_t most) : most_{most} {}

    void set_track(const media::Track& track) override;
    void packetize(const media::Frame& frame, std::uint32_t timestamp, PayloadSink& sink) override;

private:
    std::size_t most_;
    std::size_t length_size_ = 4;
    std::vector<Bytes> sets_;
};

/// `sprop-vps`, `sprop-sps` and `sprop-pps` of an hvcC; empty when it cannot be read.
sdp::Parameters h265_parameters(ByteView config);
/// The hvcC that an fmtp tells; empty when it tells none.
Bytes h265_config(const sdp::Parameters& parameters);

} // namespace millrace::rtp
