// VP8 (RFC 7741).
#pragma once

#include "picture_assembler.hpp"
#include <millrace/rtp/payload/packetizer.hpp>

namespace millrace::rtp {

class Vp8Depacketizer final : public PictureAssembler {
public:
    Vp8Depacketizer(media::Track track, const Limits& limits) : PictureAssembler{std::move(track), limits} {}

private:
    bool take(const Packet& packet) override;
    void complete(Bytes picture) override;
};

/// The shortest descriptor: no picture id, one partition.
class Vp8Packetizer final : public Packetizer {
public:
    explicit Vp8Packetizer(std::size_t most) : most_{most} {}

    void set_track(const media::Track& /*track*/) override {}
    void packetize(const media::Frame& frame, std::uint32_t timestamp, PayloadSink& sink) override;

private:
    std::size_t most_;
};

} // namespace millrace::rtp
