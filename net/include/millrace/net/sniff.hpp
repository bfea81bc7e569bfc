// Which protocol a connection speaks, told by its first bytes.
#pragma once

#include <millrace/base/bytes.hpp>

#include <cstdint>
#include <string_view>

namespace millrace::net {

enum class Protocol : std::uint8_t {
    rtmp,  ///< RTMP version byte.
    rtmpe, ///< The version byte of RTMPE: 6, 8 or 9.
    http,  ///< An HTTP method.
    rtsp,  ///< An RTSP method; OPTIONS when the URL or the version tells.
    tls,   ///< A TLS ClientHello.
    other, ///< Nothing that is spoken here.
};

/// As many bytes as are there, up to these, tell.
constexpr std::size_t kSniffBytes = 64;

/// Expects: at least one byte.
Protocol sniff(ByteView first);

std::string_view name(Protocol protocol);

} // namespace millrace::net
