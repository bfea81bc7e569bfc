#include "acknowledger.hpp"

#include <algorithm>

namespace millrace::rtmp {

std::optional<std::uint32_t> OutputWindow::set(const SetPeerBandwidth& said)
{
    if (said.limit == PeerLimit::dynamic && !hard_) {
        return std::nullopt;
    }
    hard_ = said.limit != PeerLimit::soft;
    const auto window = hard_ ? said.bytes : std::min(window_, said.bytes);
    if (window == window_) {
        return std::nullopt;
    }
    window_ = window;
    return window;
}

} // namespace millrace::rtmp
