#include <millrace/codec/bits.hpp>

namespace millrace::codec {

bool BitReader::has(std::size_t count)
{
    ok_ = ok_ && count <= remaining();
    return ok_;
}

std::uint32_t BitReader::bits(unsigned count)
{
    if (!has(count)) {
        return 0;
    }
    std::uint64_t value = 0;
    while (count > 0) {
        const unsigned free = 8 - static_cast<unsigned>(at_ % 8);
        const unsigned take = count < free ? count : free;
        const unsigned byte = bytes_[at_ / 8];
        value = value << take | (byte >> (free - take) & ((1U << take) - 1U));
        at_ += take;
        count -= take;
    }
    return static_cast<std::uint32_t>(value);
}

void BitReader::skip(std::size_t count)
{
    if (has(count)) {
        at_ += count;
    }
}

std::uint32_t BitReader::ue()
{
    unsigned zeros = 0;
    while (ok_ && !flag()) {
        if (++zeros >= 32) {
            ok_ = false;
        }
    }
    const std::uint32_t suffix = bits(zeros);
    return ok_ ? (std::uint32_t{1} << zeros) - 1U + suffix : 0;
}

std::int32_t BitReader::se()
{
    const std::int64_t code = ue();
    return static_cast<std::int32_t>(code % 2 == 0 ? -(code / 2) : (code + 1) / 2);
}

void BitWriter::bits(std::uint32_t value, unsigned count)
{
    while (count > 0) {
        if (used_ == 8) {
            out_->push_back(0);
            used_ = 0;
        }
        --count;
        ++used_;
        const auto bit = value >> count & 1U;
        out_->back() = static_cast<std::uint8_t>(out_->back() | bit << (8U - used_));
    }
}

} // namespace millrace::codec
