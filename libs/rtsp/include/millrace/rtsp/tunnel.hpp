// RTSP in HTTP: what a GET brings down, and what a POST takes up in Base64, joined by a cookie.
#pragma once

#include <millrace/base/bytes.hpp>
#include <millrace/base/result.hpp>
#include <millrace/rtsp/error.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace millrace::rtsp {

constexpr std::size_t kMostTunnelHead = 8192;
constexpr std::size_t kMostCookie = 64;

/// The head of one of the two requests.
struct TunnelOpening {
    bool post = false;
    std::string cookie;         ///< Opaque; 16 to 24 letters of real clients.
    std::size_t head_bytes = 0; ///< Behind which the body begins.

    friend bool operator==(const TunnelOpening&, const TunnelOpening&) = default;
};

/// Reads what has come so far; none when the head is not whole yet. Errors: bad_message for what is neither
/// of the two, head_too_big.
Result<std::optional<TunnelOpening>> read_tunnel_opening(ByteView so_far);

/// The answer to the GET; a POST gets none.
std::string_view tunnel_answer();
/// The answer to what is no tunnel.
std::string_view tunnel_refusal();

/// A client's two heads. `target`: path and query; `authority`: host and port.
std::string tunnel_get(std::string_view target, std::string_view authority, std::string_view cookie);
std::string tunnel_post(std::string_view target, std::string_view authority, std::string_view cookie);

} // namespace millrace::rtsp
