// What players fetch: parts, segments, initialisation segments, keys. Immutable once they are shared.
#pragma once

#include <millrace/base/clock.hpp>
#include <millrace/hls/settings.hpp>
#include <millrace/media/container.hpp>

#include <array>
#include <memory>
#include <vector>

namespace millrace::hls {

/// Bytes to be answered with, shared with all who are answered.
struct Body {
    media::Pieces pieces;
    std::size_t bytes = 0;

    Body() = default;
    explicit Body(media::Pieces held);
};
using SharedBody = std::shared_ptr<const Body>;

/// An initialisation segment (EXT-X-MAP).
struct Init {
    std::uint64_t number = 0; ///< In its name.
    SharedBody body;
};

/// What segments are encrypted with.
struct Key {
    std::string id; ///< In its name: nobody can guess it.
    std::array<std::uint8_t, 16> key{};
    std::array<std::uint8_t, 16> iv{};
};

/// A partial segment (rfc8216bis §4.4.4.9).
struct Part {
    Nanoseconds duration{0};
    bool independent = false; ///< Begins with a key frame, or has sound alone.
    SharedBody body;
};

/// A segment, closed or still growing.
struct Segment {
    std::uint64_t msn = 0;
    std::uint64_t discontinuity = 0; ///< Its discontinuity sequence number.
    bool discontinuous = false;      ///< Carries the tag.
    bool gap = false;                ///< Has no bytes.
    bool independent = false;        ///< Begins with a key frame, or has sound alone.
    bool closed = false;
    Nanoseconds begin{0}; ///< Decode time of its first sample, as it stands in the container.
    Nanoseconds duration{0};
    WallTime wall;               ///< Program date time of its beginning.
    Nanoseconds period_begin{0}; ///< Of the first segment since the last discontinuity, and its wall time.
    WallTime period_wall;
    std::shared_ptr<const Init> init; ///< None: MPEG-TS.
    std::shared_ptr<const Key> key;   ///< None: clear.
    std::vector<Part> parts;          ///< Closed ones; one alone where there are no parts.
    SharedBody body;                  ///< Once closed.
    std::size_t bytes = 0;            ///< Of the parts.
};

} // namespace millrace::hls
