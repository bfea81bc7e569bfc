// Operations out of a fuzzer's bytes: what session targets share.
#pragma once

#include <millrace/base/reader.hpp>
#include <millrace/rtmp/chunk_reader.hpp>
#include <millrace/rtmp/chunk_writer.hpp>
#include <millrace/rtmp/handshake.hpp>

#include <cstdlib>

namespace millrace::rtmp {

inline void expect(bool truth)
{
    if (!truth) {
        std::abort();
    }
}

inline void fill_with_counting(std::span<std::uint8_t> bytes)
{
    std::uint8_t next = 1;
    for (auto& byte : bytes) {
        byte = next++;
    }
}

// message := type:u8 csid:u8 stream:u8 time:u32 size:u16 payload
inline Bytes read_message(ByteReader& in, ChunkWriter& writer)
{
    MessageHead head{.type = MessageType{in.u8()}};
    head.csid = 2U + in.u8() % 62U;
    head.stream = in.u8();
    head.timestamp = in.u32();
    const auto payload = in.bytes(std::min<std::size_t>(in.u16(), in.remaining()));
    Bytes bytes;
    writer.write(bytes, head, payload);
    return bytes;
}

/// Reads what a session says; it must be a handshake and then a chunk stream with nothing wrong in it.
class Listener {
public:
    void hear(ByteView bytes)
    {
        const auto skipped = std::min(skip_, bytes.size());
        skip_ -= skipped;
        expect(reader_.feed(bytes.subspan(skipped)).has_value());
        while (const auto message = reader_.next()) {
            // Commands and control; 4, 6 and 7 are for media.
            expect((message->csid >= 2 && message->csid <= 7) || skip_ > 0);
            media += message->csid == 4 || message->csid > 5 ? 1U : 0U;
        }
    }

    std::size_t media = 0; ///< Messages on the chunk streams of media.

private:
    std::size_t skip_ = 1 + 2 * kHandshakeBlock;
    ChunkReader reader_;
};

} // namespace millrace::rtmp
