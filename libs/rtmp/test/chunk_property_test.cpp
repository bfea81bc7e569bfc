#include "chunks.hpp"
#include <millrace/rtmp/chunk_writer.hpp>
#include <millrace/rtmp/control.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>

namespace millrace::rtmp {
namespace {

using enum MessageType;

std::uint32_t any_csid()
{
    return *rc::gen::element<std::uint32_t>(2, 3, 6, 63, 64, 319, 320, 65599);
}

/// Times near the places where something changes: 2^24, 2^31 and 2^32.
std::uint32_t any_time()
{
    const auto near = *rc::gen::element<std::uint32_t>(0, 1U << 24U, 1U << 31U);
    return near + *rc::gen::inRange<std::uint32_t>(0, 9) - 4;
}

Message any_message(std::uint32_t csid)
{
    Message message{.csid = csid};
    message.stream = *rc::gen::inRange<std::uint32_t>(0, 3);
    message.timestamp = any_time();
    message.type = *rc::gen::element(audio, video, data, command, acknowledgement);
    message.payload = counting(*rc::gen::inRange<std::size_t>(0, 700), *rc::gen::arbitrary<std::uint8_t>());
    return message;
}

std::uint32_t any_chunk_size()
{
    return *rc::gen::oneOf(rc::gen::inRange<std::uint32_t>(1, 8), rc::gen::inRange<std::uint32_t>(8, 1000));
}

std::vector<std::size_t> any_cuts(const Bytes& wire)
{
    auto cuts =
        *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, wire.size() + 1));
    std::ranges::sort(cuts);
    return cuts;
}

RC_GTEST_PROP(ChunkStream, ReadsBackAsItWasWritten, ())
{
    ChunkWriter writer;
    std::vector<Message> expected;
    Bytes wire;
    for (int left = *rc::gen::inRange(0, 30); left > 0; --left) {
        if (*rc::gen::inRange(0, 5) == 0) {
            const auto size = any_chunk_size();
            expected.push_back(control_message(SetChunkSize{size}));
            writer.write(wire, expected.back());
            writer.set_chunk_size(size);
        } else {
            expected.push_back(any_message(any_csid()));
            writer.write(wire, expected.back());
        }
    }
    const Reading reading = read_cut(wire, any_cuts(wire));
    RC_ASSERT(!reading.error);
    RC_ASSERT(reading.messages == expected);
    RC_ASSERT(reading.chunk_size == writer.chunk_size());
    RC_ASSERT(reading.counters.empty());
}

/// One chunk, and the message that is whole with it.
struct Chunk {
    Bytes bytes;
    std::optional<Message> completes;
};

/// In the pieces of a message without lead, heads and payloads take turns.
std::vector<Chunk> chunks_of(ChunkWriter& writer, const Message& message)
{
    std::vector<SharedBytes> pieces;
    writer.write(pieces, {message.csid, message.stream, message.timestamp, message.type}, {},
                 SharedBytes::copy_of(message.payload));
    std::vector<Chunk> chunks;
    for (std::size_t i = 0; i < pieces.size(); i += 2) {
        chunks.push_back({to_bytes(pieces[i].view()), {}});
        if (i + 1 < pieces.size()) {
            const ByteView data = pieces[i + 1];
            chunks.back().bytes.insert(chunks.back().bytes.end(), data.begin(), data.end());
        }
    }
    chunks.back().completes = message;
    return chunks;
}

RC_GTEST_PROP(ChunkStream, ReadsBackWhenItsChunkStreamsTakeTurns, ())
{
    ChunkWriter writer{any_chunk_size()};
    Bytes wire;
    ChunkWriter{}.write(wire, control_message(SetChunkSize{writer.chunk_size()}));
    std::vector<Message> expected{control_message(SetChunkSize{writer.chunk_size()})};
    writer.write(wire, expected.emplace_back(any_message(csid::kControl)));

    std::map<std::uint32_t, std::vector<Chunk>> waiting;
    for (int left = *rc::gen::inRange(0, 12); left > 0; --left) {
        const Message message = any_message(any_csid());
        std::ranges::move(chunks_of(writer, message), std::back_inserter(waiting[message.csid]));
    }
    while (!waiting.empty()) {
        const auto which = *rc::gen::inRange<std::size_t>(0, waiting.size());
        const auto found = std::next(waiting.begin(), static_cast<std::ptrdiff_t>(which));
        Chunk chunk = std::move(found->second.front());
        found->second.erase(found->second.begin());
        if (found->second.empty()) {
            waiting.erase(found);
        }
        wire.insert(wire.end(), chunk.bytes.begin(), chunk.bytes.end());
        if (chunk.completes) {
            expected.push_back(std::move(*chunk.completes));
        }
    }
    const Reading reading = read_cut(wire, any_cuts(wire));
    RC_ASSERT(!reading.error);
    RC_ASSERT(reading.messages == expected);
    RC_ASSERT(reading.counters.empty());
}

} // namespace
} // namespace millrace::rtmp
