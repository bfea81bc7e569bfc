// One gathered write without waiting: the only system call of the live path.
#pragma once

#include <millrace/base/bytes.hpp>
#include <millrace/net/asio.hpp>

#include <span>

namespace millrace::net {

/// What came of an attempt to send or receive without waiting.
struct Attempt {
    std::size_t bytes = 0;
    bool would_block = false; ///< Nothing more can go (or come) now.
    error_code error;         ///< The connection is gone.
};

/// Sends as much of the views as the socket accepts now.
Attempt send_now(tcp::socket& socket, std::span<const ByteView> views);

/// Receives what is there, at most as much as fits. Zero bytes without would_block: the peer has closed its
/// side.
Attempt receive_now(tcp::socket& socket, std::span<std::uint8_t> into);

/// Prepares an accepted or connected socket for live media: no delay, not blocking, and no more than a
/// fraction of a second queued unsent in the kernel, where nobody could skip it.
void prepare_for_media(tcp::socket& socket);

} // namespace millrace::net
