#include "acknowledger.hpp"

#include <algorithm>

namespace millrace::rtmp {

std::optional<std::uint32_t> OutputWindow::set(std::uint32_t bytes, Limit limit)
{
    if (limit == Limit::dynamic && !hard_) {
        return std::nullopt;
    }
    hard_ = limit != Limit::soft;
    const auto window = limit == Limit::soft ? std::min(window_, bytes) : bytes;
    if (window == window_) {
        return std::nullopt;
    }
    window_ = window;
    return window;
}

} // namespace millrace::rtmp
