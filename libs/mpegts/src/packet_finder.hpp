// Where the packets are among the bytes.
#pragma once

#include <millrace/mpegts/packet.hpp>

#include <cstddef>
#include <optional>
#include <utility>

namespace millrace::mpegts {

/// Bytes in, packets out; finds the beat of sync bytes again after garbage.
class PacketFinder {
public:
    /// `limit`: bytes after which it is clear that there are no packets, unless some were found.
    explicit PacketFinder(std::size_t limit) : limit_{limit} {}

    /// Takes the next bytes; take() gives the packets in them.
    void feed(ByteView bytes);
    /// The next packet; none when more bytes are needed. Valid until the next feed().
    std::optional<ByteView> take();
    /// The same when no more bytes will come: fewer sync bytes have to do.
    void end() { ended_ = true; }

    /// Where the packet that was given last begins, from the first byte that was fed.
    std::uint64_t offset() const { return offset_; }
    /// Bytes that belong to no packet, since this was asked last.
    std::uint64_t take_garbage() { return std::exchange(garbage_, 0); }
    bool failed() const { return failed_; }

private:
    ByteView left() const { return ByteView{buffer_}.subspan(at_); }
    bool search();
    bool beats(std::size_t at, std::size_t stride) const;

    Bytes buffer_;
    std::size_t at_ = 0;
    std::uint64_t before_ = 0; ///< Bytes that stood before the buffer.
    std::size_t stride_ = 0;   ///< From packet to packet; 0 while it is searched.
    std::uint64_t offset_ = 0;
    std::uint64_t garbage_ = 0;
    std::size_t limit_;
    std::size_t searched_ = 0;
    bool found_any_ = false;
    bool failed_ = false;
    bool ended_ = false;
};

} // namespace millrace::mpegts
