#include <millrace/net/sniff.hpp>

namespace millrace::net {

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
    case Protocol::tls: return "tls";
    case Protocol::other: return "unknown";
    }
    return "unknown";
}

} // namespace millrace::net
