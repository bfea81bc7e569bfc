// One chunk stream, as its reader remembers it from chunk to chunk.
#pragma once

#include "chunk_header.hpp"

#include <algorithm>

namespace millrace::rtmp {

/// The fields of the last header (RTMP 1.0 §5.3.1.2), and the message that is not whole yet.
struct ChunkStream {
    std::uint32_t csid = 0;
    std::uint32_t stream = 0;
    std::uint32_t timestamp = 0;
    std::uint32_t delta = 0;
    std::uint32_t length = 0;
    std::uint32_t extension = 0; ///< The extended timestamp of the last header that had one.
    bool extended = false;       ///< The last header of type 0, 1 or 2 had one.
    MessageType type = {};
    Bytes payload;

    bool unfinished() const { return !payload.empty(); }

    /// True when these bytes are, or could go on to be, the extended timestamp of a type 3 chunk inside the
    /// message: what its first header had (§5.3.1.3), or its absolute time.
    bool may_repeat_time(ByteView in) const { return begins(extension, in) || begins(timestamp, in); }

    /// Room grows with what arrives: a header may announce 16 MiB and send nothing.
    void append(ByteView bytes)
    {
        constexpr std::size_t kFirstAllocation = 4096;
        const std::size_t needed = payload.size() + bytes.size();
        if (needed > payload.capacity()) {
            payload.reserve(
                std::min<std::size_t>(length, std::max({needed, 2 * payload.capacity(), kFirstAllocation})));
        }
        payload.insert(payload.end(), bytes.begin(), bytes.end());
    }

private:
    static bool begins(std::uint32_t value, ByteView in)
    {
        for (std::size_t i = 0; i < std::min(in.size(), kExtendedBytes); ++i) {
            if (in[i] != static_cast<std::uint8_t>(value >> (24U - 8U * static_cast<unsigned>(i)))) {
                return false;
            }
        }
        return true;
    }
};

} // namespace millrace::rtmp
