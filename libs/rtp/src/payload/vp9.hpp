// VP9 (RFC 9628).
#pragma once

#include "picture_assembler.hpp"
#include <millrace/rtp/payload/packetizer.hpp>

namespace millrace::rtp {

class Vp9Depacketizer final : public PictureAssembler {
public:
    Vp9Depacketizer(media::Track track, const Limits& limits) : PictureAssembler{std::move(track), limits} {}

private:
    bool take(const Packet& packet) override;
    void complete(Bytes picture) override;
};

/// One layer, without picture ids.
class Vp9Packetizer final : public Packetizer {
public:
    explicit Vp9Packetizer(std::size_t most) : most_{most} {}

    void set_track(const media::Track& /*track*/) override {}
    void packetize(const media::Frame& frame, std::uint32_t timestamp, PayloadSink& sink) override;

private:
    std::size_t most_;
};

/// What the uncompressed header of a VP9 frame tells (VP9 §6.2).
struct Vp9Header {
    bool key = false;
    std::uint8_t profile = 0;
    std::uint8_t bit_depth = 8;
    std::uint32_t width = 0;  ///< Pixels; 0 unless a key frame.
    std::uint32_t height = 0; ///< Pixels; 0 unless a key frame.
};

/// None when it cannot be read.
std::optional<Vp9Header> read_vp9_header(ByteView frame);

} // namespace millrace::rtp
