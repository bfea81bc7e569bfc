// AV1 ("RTP Payload Format For AV1", Alliance for Open Media).
#pragma once

#include <millrace/rtp/payload/depacketizer.hpp>
#include <millrace/rtp/payload/packetizer.hpp>

namespace millrace::rtp {

/// Temporal units of OBUs with their sizes.
class Av1Depacketizer final : public Depacketizer {
public:
    Av1Depacketizer(media::Track track, const Limits& limits) : track_{std::move(track)}, limits_{limits} {}

    void feed(const Packet& packet, std::int64_t timestamp, bool lost) override;
    void flush() override;

private:
    bool take(ByteView payload);
    void append(ByteView element, bool goes_on, bool will_go_on);
    void end_element();
    void finish();

    media::Track track_;
    Limits limits_;
    Bytes unit_;    ///< The temporal unit so far.
    Bytes element_; ///< The OBU so far, without a size.
    std::int64_t timestamp_ = 0;
    bool open_ = false; ///< An element that goes on in the next packet.
    bool begun_ = false;
    bool damaged_ = false;
    bool key_ = false;
    bool sequence_seen_ = false;
    bool told_ = false;
};

/// Elements with their lengths (W is 0), as many in a packet as fit.
class Av1Packetizer final : public Packetizer {
public:
    explicit Av1Packetizer(std::size_t most) : most_{most} {}

    void set_track(const media::Track& track) override;
    void packetize(const media::Frame& frame, std::uint32_t timestamp, PayloadSink& sink) override;

private:
    std::size_t most_;
    Bytes sequence_header_; ///< An OBU without a size.
};

} // namespace millrace::rtp
