// How a stream is cut for HLS, in numbers.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace millrace::hls {

using Nanoseconds = std::chrono::nanoseconds;

enum class Container : std::uint8_t {
    fmp4, ///< CMAF: a rendition for each track (ISO/IEC 23000-19).
    ts,   ///< MPEG-TS: picture and sound in one rendition (ISO/IEC 13818-1).
};

enum class Encryption : std::uint8_t {
    none,
    aes_128, ///< Whole segments, CBC with PKCS#7 (RFC 8216 §4.3.2.4). There are no parts then.
};

struct Settings {
    Container container = Container::fmp4;
    Encryption encryption = Encryption::none;
    std::uint32_t rotate_every = 0; ///< Segments that share a key; 0: all.

    Nanoseconds window =
        std::chrono::seconds{60}; ///< Of media in a playlist; at least three target durations.
    Nanoseconds segment = std::chrono::seconds{2}; ///< A segment ends with the first key frame after so much.
    Nanoseconds longest = std::chrono::seconds{10}; ///< Without a key frame, it ends here.
    Nanoseconds part = std::chrono::milliseconds{500};
    bool low_latency = true; ///< Parts and blocking reload (rfc8216bis §4.4.4.9, §6.2.5.2).

    /// How long a segment that has left the playlist can still be had, at most (RFC 8216 §6.2.2 asks for the
    /// duration of the playlist). What a stream holds in memory is its window and this.
    Nanoseconds linger = std::chrono::seconds{60};
    /// How long a track that may still come is waited for before the first segment begins.
    Nanoseconds gather = std::chrono::seconds{1};

    std::size_t renditions = 32;                        ///< More tracks are left out.
    std::size_t held_frames = 10000;                    ///< Waiting for their turn.
    std::size_t segment_bytes = std::size_t{64} << 20U; ///< A segment ends before it has more.
    std::size_t parts = 128;                            ///< Of a segment.
    std::size_t bytes = std::size_t{1} << 30U;          ///< Of all segments; the oldest go first.

    bool has_parts() const { return low_latency && encryption == Encryption::none; }
};

/// Where a packaging begins, so that no number is ever given twice.
struct Start {
    std::uint64_t msn = 0;           ///< Media sequence number of the first segment.
    std::uint64_t discontinuity = 0; ///< Discontinuity sequence number of the first segment.
    std::string token; ///< In the names of its resources: hexadecimal digits, different each time.
    /// Of the segments listed before this packaging is one that ended: the first segment carries the tag.
    bool continues = false;
    Nanoseconds gop{0}; ///< Between key frames, when it is known.
};

} // namespace millrace::hls
