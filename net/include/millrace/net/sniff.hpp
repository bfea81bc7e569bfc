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
    tls,   ///< A TLS ClientHello.
    other, ///< Nothing that is spoken here.
};

/// Expects: at least one byte.
Protocol sniff(ByteView first);

std::string_view name(Protocol protocol);

} // namespace millrace::net
