// JPEG (RFC 2435). Received only: frames come out as whole JFIF images.
#pragma once

#include "picture_assembler.hpp"

#include <array>

namespace millrace::rtp {

class JpegDepacketizer final : public PictureAssembler {
public:
    /// `width` and `height`: of a picture that is too big for its header; 0 when the SDP does not tell.
    JpegDepacketizer(media::Track track, const Limits& limits) : PictureAssembler{std::move(track), limits} {}

private:
    bool take(const Packet& packet) override;
    void complete(Bytes picture) override;

    std::uint8_t type_ = 0;
    std::uint32_t width_ = 0;
    std::uint32_t height_ = 0;
    std::uint16_t restart_interval_ = 0;
    Bytes tables_;      ///< Of the picture: 64 bytes each, in zigzag order; twice as many with 16 bits.
    bool wide_ = false; ///< Tables of 16 bits.
    std::array<Bytes, 256> kept_; ///< Tables that stay the same, by Q.
};

/// What stands before the entropy-coded data of an image (RFC 2435 appendix B). Expects: one or more tables
/// of 64 bytes.
Bytes jpeg_head(std::uint8_t type, std::uint32_t width, std::uint32_t height, ByteView tables, bool wide,
                std::uint16_t restart_interval);
/// The two tables of a quality factor, 1 to 99 (RFC 2435 appendix A).
Bytes jpeg_tables(unsigned quality);

} // namespace millrace::rtp
