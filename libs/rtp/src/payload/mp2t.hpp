// Transport streams (RFC 2250 §2).
#pragma once

#include <millrace/mpegts/demuxer.hpp>
#include <millrace/rtp/payload/depacketizer.hpp>
#include <millrace/rtp/payload/packetizer.hpp>

namespace millrace::rtp {

/// A transport stream brings its own tracks and times: units are timed by it, not by RTP.
class Mp2tDepacketizer final : public Depacketizer {
public:
    explicit Mp2tDepacketizer(const Limits& limits);

    void feed(const Packet& packet, std::int64_t timestamp, bool lost) override;
    void flush() override;

private:
    void drain();
    void take(const media::Frame& frame);

    mpegts::Demuxer demuxer_;
    bool failed_ = false;
};

} // namespace millrace::rtp
