#include <millrace/base/reader.hpp>

#include <bit>

namespace millrace {

bool ByteReader::has(std::size_t count)
{
    ok_ = ok_ && count <= remaining();
    return ok_;
}

std::uint64_t ByteReader::big_endian(std::size_t count)
{
    if (!has(count)) {
        return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        value = value << 8U | bytes_[at_++];
    }
    return value;
}

std::uint8_t ByteReader::u8()
{
    return static_cast<std::uint8_t>(big_endian(1));
}

std::uint16_t ByteReader::u16()
{
    return static_cast<std::uint16_t>(big_endian(2));
}

std::uint32_t ByteReader::u24()
{
    return static_cast<std::uint32_t>(big_endian(3));
}

std::uint32_t ByteReader::u32()
{
    return static_cast<std::uint32_t>(big_endian(4));
}

std::uint64_t ByteReader::u64()
{
    return big_endian(8);
}

std::uint16_t ByteReader::u16le()
{
    const auto value = u16();
    return static_cast<std::uint16_t>(value << 8U | value >> 8U);
}

std::uint32_t ByteReader::u32le()
{
    return __builtin_bswap32(u32());
}

std::int32_t ByteReader::s24()
{
    return static_cast<std::int32_t>(u24() << 8U) >> 8;
}

double ByteReader::f64()
{
    return std::bit_cast<double>(u64());
}

ByteView ByteReader::bytes(std::size_t count)
{
    if (!has(count)) {
        return {};
    }
    at_ += count;
    return bytes_.subspan(at_ - count, count);
}

std::string_view ByteReader::text(std::size_t count)
{
    return as_text(bytes(count));
}

void ByteReader::skip(std::size_t count)
{
    if (has(count)) {
        at_ += count;
    }
}

ByteView ByteReader::rest()
{
    return bytes(remaining());
}

void ByteWriter::big_endian(std::uint64_t value, int count)
{
    for (int shift = 8 * (count - 1); shift >= 0; shift -= 8) {
        out_->push_back(static_cast<std::uint8_t>(value >> static_cast<unsigned>(shift)));
    }
}

void ByteWriter::u16le(std::uint16_t value)
{
    u16(static_cast<std::uint16_t>(value << 8U | value >> 8U));
}

void ByteWriter::u32le(std::uint32_t value)
{
    u32(__builtin_bswap32(value));
}

void ByteWriter::f64(double value)
{
    u64(std::bit_cast<std::uint64_t>(value));
}

} // namespace millrace
