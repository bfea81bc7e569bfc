// What the tests of the chunk layer share.
#pragma once

#include <millrace/rtmp/chunk_reader.hpp>
#include <millrace/testing/hex.hpp>

#include <initializer_list>
#include <ostream>
#include <vector>

namespace millrace::rtmp {

inline std::vector<Message> drain(ChunkReader& reader)
{
    std::vector<Message> messages;
    while (auto message = reader.next()) {
        messages.push_back(std::move(*message));
    }
    return messages;
}

inline Bytes join(std::initializer_list<Bytes> parts)
{
    Bytes whole;
    for (const Bytes& part : parts) {
        whole.insert(whole.end(), part.begin(), part.end());
    }
    return whole;
}

/// Payload that is no two places the same: 0, 1, 2, … from `start`.
inline Bytes counting(std::size_t count, unsigned start = 0)
{
    Bytes bytes(count);
    for (std::size_t i = 0; i < count; ++i) {
        bytes[i] = static_cast<std::uint8_t>(start + i);
    }
    return bytes;
}

/// All that a reader says to some bytes: the messages, and the error if one came.
struct Reading {
    std::vector<Message> messages;
    std::error_code error;
    std::uint32_t chunk_size = 0;
    ChunkReader::Counters counters;

    friend bool operator==(const Reading&, const Reading&) = default;
};

/// Feeds the pieces between the cuts, in order; drains after each.
inline Reading read_cut(ByteView wire, const std::vector<std::size_t>& cuts, ChunkReader::Limits limits = {})
{
    ChunkReader reader{limits};
    Reading reading;
    std::size_t from = 0;
    const auto feed = [&](std::size_t to) {
        if (const auto fed = reader.feed(wire.subspan(from, to - from)); !fed) {
            reading.error = fed.error().code();
        }
        for (auto& message : drain(reader)) {
            reading.messages.push_back(std::move(message));
        }
        from = to;
    };
    for (const std::size_t cut : cuts) {
        feed(cut);
    }
    feed(wire.size());
    reading.chunk_size = reader.chunk_size();
    reading.counters = reader.counters();
    return reading;
}

inline Reading read_whole(ByteView wire, ChunkReader::Limits limits = {})
{
    return read_cut(wire, {}, limits);
}

inline Reading read_byte_by_byte(ByteView wire, ChunkReader::Limits limits = {})
{
    std::vector<std::size_t> cuts;
    for (std::size_t i = 0; i < wire.size(); ++i) {
        cuts.push_back(i);
    }
    return read_cut(wire, cuts, limits);
}

} // namespace millrace::rtmp
