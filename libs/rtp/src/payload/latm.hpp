// AAC in LATM (RFC 6416 §6).
#pragma once

#include <millrace/rtp/payload/depacketizer.hpp>
#include <millrace/rtp/payload/packetizer.hpp>

namespace millrace::rtp {

/// What a StreamMuxConfig says of one program with one layer (ISO/IEC 14496-3 §1.7.3).
struct StreamMux {
    Bytes config;        ///< An AudioSpecificConfig.
    unsigned frames = 1; ///< Access units in each element.
    bool cut = false;    ///< It ends before it should.
};

/// None when it is of another kind.
std::optional<StreamMux> read_stream_mux(ByteView bytes);
/// Of one plain AudioSpecificConfig.
Bytes write_stream_mux(ByteView config);

class LatmDepacketizer final : public Depacketizer {
public:
    LatmDepacketizer(const Format& format, media::Track track, const Limits& limits);

    void feed(const Packet& packet, std::int64_t timestamp, bool lost) override;

private:
    void take_element(ByteView element);

    media::Track track_;
    Limits limits_;
    std::uint32_t clock_rate_;
    std::uint32_t duration_ = 1024;
    unsigned frames_ = 1;
    bool in_band_ = true;
    bool known_ = false;
    Bytes element_;
    std::int64_t timestamp_ = 0;
    bool begun_ = false;
    bool damaged_ = false;
    bool told_ = false;
};

/// One access unit an element, with its configuration out of band.
class LatmPacketizer final : public Packetizer {
public:
    explicit LatmPacketizer(std::size_t most) : most_{most} {}

    void set_track(const media::Track& /*track*/) override {}
    void packetize(const media::Frame& frame, std::uint32_t timestamp, PayloadSink& sink) override;

private:
    std::size_t most_;
};

} // namespace millrace::rtp
