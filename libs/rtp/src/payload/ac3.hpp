// AC-3 (RFC 4184) and E-AC-3 (RFC 4598).
#pragma once

#include <millrace/rtp/payload/depacketizer.hpp>
#include <millrace/rtp/payload/packetizer.hpp>

namespace millrace::rtp {

class Ac3Depacketizer final : public Depacketizer {
public:
    Ac3Depacketizer(const Format& format, media::Track track, const Limits& limits)
        : track_{std::move(track)}, limits_{limits}, clock_rate_{format.clock_rate}, enhanced_{
                                                                                         format.payload ==
                                                                                         Payload::eac3}
    {
    }

    void feed(const Packet& packet, std::int64_t timestamp, bool lost) override;

private:
    void take_part(ByteView data, std::int64_t timestamp, bool first, bool last);
    void take(SharedBytes frame, std::int64_t timestamp);

    media::Track track_;
    Limits limits_;
    std::uint32_t clock_rate_;
    bool enhanced_;
    Bytes part_;
    std::int64_t part_time_ = 0;
    bool told_ = false;
};

class Ac3Packetizer final : public Packetizer {
public:
    Ac3Packetizer(std::size_t most, bool enhanced) : most_{most}, enhanced_{enhanced} {}

    void set_track(const media::Track& /*track*/) override {}
    void packetize(const media::Frame& frame, std::uint32_t timestamp, PayloadSink& sink) override;

private:
    std::size_t most_;
    bool enhanced_;
};

} // namespace millrace::rtp
