// What real products do to a session description, by name, so that each tolerance can be counted.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace millrace::sdp {

enum class Quirk : std::uint8_t {
    bare_line_feed,        ///< Lines that end with LF or CR alone.
    blank_line,            ///< Empty lines between others.
    missing_line,          ///< No v=, o=, s= or t=, or an SDP that begins with m=.
    line_order,            ///< Attributes before t=, c= after a=.
    odd_origin,            ///< Blanks in the user name, glued or missing fields, an odd session id.
    odd_connection,        ///< c= that is repeated, doubled or without a known address type.
    odd_time,              ///< t= that is not two numbers.
    odd_bandwidth,         ///< b= without a number.
    unknown_medium,        ///< A medium of a type or format that cannot be played; kept, with `skip` set.
    odd_protocol,          ///< RTP/AVP/TCP, MP2T/AVP and such.
    odd_rtpmap,            ///< rtpmap with blanks at its end, without a clock, or with a clock of 0.
    foreign_fmtp,          ///< fmtp for another payload type than the only one of its medium.
    odd_fmtp,              ///< fmtp with blanks at its ends, empty parameters, a trailing `;`.
    static_without_rtpmap, ///< A payload type of RFC 3551 that no rtpmap repeats. Not wrong.
    shared_payload_type,   ///< The same dynamic payload type in two media.
    all_sendonly,          ///< All media say sendonly, and are ordinary media.
    unknown_line,          ///< A line that no session description has.
};

constexpr std::size_t kQuirks = static_cast<std::size_t>(Quirk::unknown_line) + 1;

/// In the words of the metrics: "bare_line_feed".
std::string_view name(Quirk quirk);

/// How often each was met.
class QuirkCounts {
public:
    void add(Quirk quirk) { ++counts_[static_cast<std::size_t>(quirk)]; }
    std::uint32_t of(Quirk quirk) const { return counts_[static_cast<std::size_t>(quirk)]; }

    friend bool operator==(const QuirkCounts&, const QuirkCounts&) = default;

private:
    std::array<std::uint32_t, kQuirks> counts_{};
};

} // namespace millrace::sdp
