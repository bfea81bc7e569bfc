// When to acknowledge what was received (RTMP 1.0 §5.4.3, §5.4.4).
#pragma once

#include <millrace/rtmp/control.hpp>

#include <cstdint>
#include <optional>

namespace millrace::rtmp {

/// The window that we announce, the bandwidth that we set, and the largest window that we honour. Bytes.
inline constexpr std::uint32_t kWindow = 2500000;

/// Counts received bytes and says when an acknowledgement is due: each half window, at most one a feed.
class Acknowledger {
public:
    /// The peer announced its window. A window of 0 is no window, and one above ours is taken as ours.
    void set_window(std::uint32_t bytes) { window_ = bytes == 0 || bytes > kWindow ? kWindow : bytes; }

    /// The sequence number to acknowledge (bytes modulo 2^32), when it is time to.
    std::optional<std::uint32_t> received(std::uint64_t total)
    {
        if (total - acknowledged_ < window_ / 2) {
            return std::nullopt;
        }
        acknowledged_ = total;
        return static_cast<std::uint32_t>(total);
    }

private:
    std::uint32_t window_ = kWindow;
    std::uint64_t acknowledged_ = 0;
};

/// What Set Peer Bandwidth makes of the window of our own output (RTMP 1.0 §5.4.5).
///
/// It is never obeyed by holding output back: peers exist that announce a window and acknowledge nothing.
class OutputWindow {
public:
    /// The window to announce in answer; none when nothing changed.
    std::optional<std::uint32_t> set(const SetPeerBandwidth& said);

private:
    std::uint32_t window_ = kWindow;
    bool hard_ = false;
};

} // namespace millrace::rtmp
