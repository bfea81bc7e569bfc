// Any messages with any chunk sizes, written by both writers, are the same bytes and read back as they were.
//
// input := (csid:u8 stream:u8 type:u8 time:u32 size:u16)*     type 1: the chunk size becomes size
#include <millrace/base/reader.hpp>
#include <millrace/rtmp/chunk_reader.hpp>
#include <millrace/rtmp/chunk_writer.hpp>
#include <millrace/rtmp/control.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace {

using namespace millrace;
using namespace millrace::rtmp;

constexpr std::array<std::uint32_t, 8> kCsids{2, 3, 63, 64, 319, 320, 1000, 65599};

Message read_message(ByteReader& in)
{
    Message message;
    message.csid = kCsids.at(in.u8() % kCsids.size());
    message.stream = in.u8() % 3U;
    message.type = static_cast<MessageType>(in.u8());
    message.timestamp = in.u32();
    message.payload.resize(in.u16() % 1024U);
    for (std::size_t i = 0; i < message.payload.size(); ++i) {
        message.payload[i] = static_cast<std::uint8_t>(i * 7 + message.payload.size());
    }
    if (message.type == MessageType::set_chunk_size) {
        message = control_message(SetChunkSize{static_cast<std::uint32_t>(message.payload.size()) + 1});
    } else if (message.type == MessageType::abort) {
        message = control_message(Abort{message.csid});
    }
    return message;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    ByteReader in{ByteView{data, size}};
    ChunkWriter copying;
    ChunkWriter sharing;
    Bytes wire;
    std::vector<SharedBytes> pieces;
    std::vector<Message> messages;
    for (int left = 64; left > 0 && !in.at_end(); --left) {
        const Message message = read_message(in);
        copying.write(wire, message);
        const std::size_t lead = std::min<std::size_t>(message.timestamp % 16, message.payload.size());
        const ByteView payload{message.payload};
        sharing.write(pieces, {message.csid, message.stream, message.timestamp, message.type},
                      payload.first(lead), SharedBytes::copy_of(payload.subspan(lead)));
        if (message.type == MessageType::set_chunk_size) {
            const std::uint32_t chunk_size = ByteReader{message.payload}.u32();
            copying.set_chunk_size(chunk_size);
            sharing.set_chunk_size(chunk_size);
        }
        messages.push_back(message);
    }
    Bytes joined;
    ChunkReader reader;
    for (const SharedBytes& piece : pieces) {
        joined.insert(joined.end(), piece.view().begin(), piece.view().end());
        if (!reader.feed(piece)) {
            std::abort();
        }
    }
    if (joined != wire) {
        std::abort();
    }
    for (const Message& message : messages) {
        if (reader.next() != message) {
            std::abort();
        }
    }
    return reader.next() ? std::abort(), 1 : 0;
}
