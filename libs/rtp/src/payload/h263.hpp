// H.263, as old cameras and telephones send it (RFC 2190, RFC 4629). Received only.
#pragma once

#include "picture_assembler.hpp"

namespace millrace::rtp {

/// RFC 2190: the macroblocks may begin in the middle of a byte.
class H263Depacketizer final : public PictureAssembler {
public:
    H263Depacketizer(media::Track track, const Limits& limits) : PictureAssembler{std::move(track), limits} {}

private:
    bool take(const Packet& packet) override;
    void complete(Bytes picture) override;
    void begin_picture() override { end_bits_ = 0; }

    unsigned end_bits_ = 0; ///< Bits of the last byte that are not of the packet before.
};

/// RFC 4629: start codes are left out where they are known to be.
class H263PlusDepacketizer final : public PictureAssembler {
public:
    H263PlusDepacketizer(media::Track track, const Limits& limits)
        : PictureAssembler{std::move(track), limits}
    {
    }

private:
    bool take(const Packet& packet) override;
    void complete(Bytes picture) override;
};

} // namespace millrace::rtp
