#include <millrace/sdp/quirk.hpp>

namespace millrace::sdp {

std::string_view name(Quirk quirk)
{
    switch (quirk) {
    case Quirk::bare_line_feed: return "bare_line_feed";
    case Quirk::blank_line: return "blank_line";
    case Quirk::missing_line: return "missing_line";
    case Quirk::line_order: return "line_order";
    case Quirk::odd_origin: return "odd_origin";
    case Quirk::odd_connection: return "odd_connection";
    case Quirk::odd_time: return "odd_time";
    case Quirk::odd_bandwidth: return "odd_bandwidth";
    case Quirk::unknown_medium: return "unknown_medium";
    case Quirk::odd_protocol: return "odd_protocol";
    case Quirk::odd_rtpmap: return "odd_rtpmap";
    case Quirk::foreign_fmtp: return "foreign_fmtp";
    case Quirk::odd_fmtp: return "odd_fmtp";
    case Quirk::static_without_rtpmap: return "static_without_rtpmap";
    case Quirk::shared_payload_type: return "shared_payload_type";
    case Quirk::all_sendonly: return "all_sendonly";
    case Quirk::unknown_line: return "unknown_line";
    }
    return "unknown";
}

} // namespace millrace::sdp
