// Reading and writing of layouts that are counted in bits, most significant bit first.
#pragma once

#include <millrace/base/bytes.hpp>

namespace millrace::codec {

/// Reads bits and Exp-Golomb codes (H.264 §7.2, §9.1).
///
/// Sticky like ByteReader: a read past the end, or a code of more than 32 bits, gives zero and is remembered.
class BitReader {
public:
    explicit BitReader(ByteView bytes) : bytes_{bytes} {}

    /// Expects: count <= 32.
    std::uint32_t bits(unsigned count);
    bool flag() { return bits(1) != 0; }
    void skip(std::size_t count);
    std::uint32_t ue(); ///< Unsigned Exp-Golomb code, 0 to 2^32 - 2.
    std::int32_t se();  ///< Signed Exp-Golomb code.
    /// To the next whole byte.
    void align() { at_ = (at_ + 7) / 8 * 8; }

    std::size_t position() const { return at_; } ///< Bits read so far.
    std::size_t remaining() const { return bytes_.size() * 8 - at_; }
    bool ok() const { return ok_; }

private:
    bool has(std::size_t count);

    ByteView bytes_;
    std::size_t at_ = 0;
    bool ok_ = true;
};

/// Appends bits to bytes that someone else owns; the last byte is filled up with zeros.
class BitWriter {
public:
    explicit BitWriter(Bytes& out) : out_{&out} {}

    /// Expects: count <= 32.
    void bits(std::uint32_t value, unsigned count);

private:
    Bytes* out_;
    unsigned used_ = 8; ///< Bits used of the last byte.
};

} // namespace millrace::codec
