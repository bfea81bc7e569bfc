// Sticky reading and plain writing of binary layouts, big endian unless the name says `le`.
#pragma once

#include <millrace/base/bytes.hpp>

#include <string_view>

namespace millrace {

/// Reads a layout from a view: bytes in, numbers and sub-views out.
///
/// Sticky: a read past the end gives zero (or an empty view), consumes nothing and is remembered, so
/// that a whole layout is read first and `ok()` is asked once.
class ByteReader {
public:
    explicit ByteReader(ByteView bytes) : bytes_{bytes} {}

    std::uint8_t u8();
    std::uint16_t u16();
    std::uint32_t u24();
    std::uint32_t u32();
    std::uint64_t u64();
    std::uint16_t u16le();
    std::uint32_t u32le();
    std::int32_t s24(); ///< Two's complement.
    double f64();       ///< IEEE 754.
    ByteView bytes(std::size_t count);
    std::string_view text(std::size_t count);
    void skip(std::size_t count);
    ByteView rest(); ///< All that is left; consumed.

    /// The next byte without consuming it; zero at the end, which is not remembered as an error.
    std::uint8_t peek() const { return remaining() > 0 ? bytes_[at_] : std::uint8_t{0}; }
    std::size_t position() const { return at_; }
    std::size_t remaining() const { return bytes_.size() - at_; }
    bool at_end() const { return remaining() == 0; }
    bool ok() const { return ok_; }

private:
    bool has(std::size_t count);
    std::uint64_t big_endian(std::size_t count);

    ByteView bytes_;
    std::size_t at_ = 0;
    bool ok_ = true;
};

/// Appends a layout to bytes that someone else owns.
class ByteWriter {
public:
    explicit ByteWriter(Bytes& out) : out_{&out} {}

    void u8(std::uint8_t value) { out_->push_back(value); }
    void u16(std::uint16_t value) { big_endian(value, 2); }
    void u24(std::uint32_t value) { big_endian(value, 3); } ///< The low 24 bits.
    void u32(std::uint32_t value) { big_endian(value, 4); }
    void u64(std::uint64_t value) { big_endian(value, 8); }
    void u16le(std::uint16_t value);
    void u32le(std::uint32_t value);
    void f64(double value);
    void bytes(ByteView value) { out_->insert(out_->end(), value.begin(), value.end()); }
    void text(std::string_view value) { bytes(as_bytes(value)); }

    std::size_t size() const { return out_->size(); }

private:
    void big_endian(std::uint64_t value, int count);

    Bytes* out_;
};

} // namespace millrace
