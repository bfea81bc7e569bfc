// Boxes written inside of each other (ISO/IEC 14496-12 §4.2).
#pragma once

#include "box.hpp"

namespace millrace::mp4 {

/// A box that is as long as this object lives: what is written meanwhile is its body.
class BoxWriter {
public:
    BoxWriter(Bytes& out, const char (&type)[5]) : out_{out}, begin_{out.size()}
    {
        ByteWriter writer{out_};
        writer.u32(0);
        writer.text(std::string_view{type, 4});
    }
    /// A full box.
    BoxWriter(Bytes& out, const char (&type)[5], std::uint8_t version, std::uint32_t flags)
        : BoxWriter{out, type}
    {
        ByteWriter writer{out_};
        writer.u8(version);
        writer.u24(flags);
    }
    ~BoxWriter()
    {
        const auto size = static_cast<std::uint32_t>(out_.size() - begin_);
        for (std::size_t i = 0; i < 4; ++i) {
            out_[begin_ + i] = static_cast<std::uint8_t>(size >> (24 - 8 * i));
        }
    }
    BoxWriter(const BoxWriter&) = delete;
    BoxWriter& operator=(const BoxWriter&) = delete;

private:
    Bytes& out_;
    std::size_t begin_;
};

inline void write_zeros(Bytes& out, std::size_t count)
{
    out.resize(out.size() + count);
}

} // namespace millrace::mp4
