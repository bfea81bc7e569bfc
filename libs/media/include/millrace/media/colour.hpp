// How a picture's numbers become light: colour space, and what HDR needs beside it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace millrace::media {

/// Of a video track, as its source tells it beside the codec's own parameter sets. The numbers of the first
/// group are those of ITU-T H.273; what was not told has no value.
struct Colour {
    std::optional<double> bit_depth;
    std::optional<double> primaries; ///< H.273 §8.1; 9 is BT.2020.
    std::optional<double> transfer;  ///< H.273 §8.2; 16 is PQ, 18 is HLG.
    std::optional<double> matrix;    ///< H.273 §8.3.

    std::optional<double> max_fall; ///< Content light level: average of the brightest frame, cd/m².
    std::optional<double> max_cll;  ///< Content light level: brightest sample, cd/m².

    // Of the mastering display (SMPTE ST 2086): CIE 1931 coordinates, and luminances in cd/m².
    std::optional<double> red_x;
    std::optional<double> red_y;
    std::optional<double> green_x;
    std::optional<double> green_y;
    std::optional<double> blue_x;
    std::optional<double> blue_y;
    std::optional<double> white_x;
    std::optional<double> white_y;
    std::optional<double> max_luminance;
    std::optional<double> min_luminance;

    friend bool operator==(const Colour&, const Colour&) = default;
};

/// "hdr10" (PQ), "hlg", "sdr", or empty when the transfer characteristics are not known.
std::string_view dynamic_range(const Colour& colour);

} // namespace millrace::media
