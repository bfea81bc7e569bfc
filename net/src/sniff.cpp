#include <millrace/net/sniff.hpp>

#include <algorithm>
#include <array>

namespace millrace::net {
namespace {

/// RFC 2326 §6.1; GET_PARAMETER is none of HTTP's, OPTIONS is one of both.
bool is_rtsp(std::string_view text)
{
    constexpr std::array<std::string_view, 10> kMethods{"DESCRIBE", "ANNOUNCE", "SETUP",    "PLAY ",
                                                        "PAUSE ",   "RECORD",   "TEARDOWN", "GET_PARA",
                                                        "SET_PARA", "$"};
    const bool own = std::ranges::any_of(
        kMethods, [text](std::string_view method) { return text.starts_with(method.substr(0, 8)); });
    const auto line = text.substr(0, text.find_first_of("\r\n"));
    return own || (text.starts_with("OPTIONS ") && (line.find(" rtsp") != std::string_view::npos ||
                                                    line.find(" RTSP/") != std::string_view::npos));
}

} // namespace

Protocol sniff(ByteView first)
{
    const auto byte = first.front();
    if (byte == 0x16) {
        return Protocol::tls;
    }
    if (byte == 6 || byte == 8 || byte == 9) {
        return Protocol::rtmpe;
    }
    if (byte < 0x20) {
        return Protocol::rtmp; // RTMP 1.0 §5.2.2: versions end at 31, so that no text protocol is taken for
                               // RTMP.
    }
    if (is_rtsp(as_text(first))) {
        return Protocol::rtsp;
    }
    return std::string_view{"GPHOD"}.find(static_cast<char>(byte)) != std::string_view::npos
               ? Protocol::http
               : Protocol::other;
}

std::string_view name(Protocol protocol)
{
    switch (protocol) {
    case Protocol::rtmp: return "rtmp";
    case Protocol::rtmpe: return "rtmpe";
    case Protocol::http: return "http";
    case Protocol::rtsp: return "rtsp";
    case Protocol::tls: return "tls";
    case Protocol::other: return "unknown";
    }
    return "unknown";
}

} // namespace millrace::net
