#include <millrace/rtmp/tunnel.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace millrace::rtmp {

namespace {

using Kind = TunnelRequest::Kind;

constexpr std::size_t kMostId = 64;

/// Tells the client how long to wait before it asks again: the more answers were empty, the longer.
constexpr std::array<std::uint8_t, 6> kPolling{0x01, 0x03, 0x05, 0x09, 0x11, 0x21};
constexpr unsigned kEmptyAStep = 10;

/// Takes the next segment of a path off its front.
std::string_view segment(std::string_view& path)
{
    if (path.starts_with('/')) {
        path.remove_prefix(1);
    }
    const auto end = std::min(path.find('/'), path.size());
    const auto found = path.substr(0, end);
    path.remove_prefix(end);
    return found;
}

bool is_id(std::string_view text)
{
    return !text.empty() && text.size() <= kMostId && std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    });
}

} // namespace

// path := "/fcs/" word | "/open/" word | ("/send/" | "/idle/" | "/close/") id "/" number
std::optional<TunnelRequest> read_tunnel_path(std::string_view path)
{
    const auto verb = segment(path);
    const auto subject = segment(path);
    if (verb == "fcs" || verb == "open") {
        if (!path.empty() || !is_id(subject)) {
            return std::nullopt;
        }
        return TunnelRequest{.kind = verb == "fcs" ? Kind::ident : Kind::open, .id = {}};
    }
    TunnelRequest request{.id = std::string{subject}};
    if (verb == "send") {
        request.kind = Kind::send;
    } else if (verb == "idle") {
        request.kind = Kind::idle;
    } else if (verb == "close") {
        request.kind = Kind::close;
    } else {
        return std::nullopt;
    }
    const auto digits = segment(path);
    const auto* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, request.sequence);
    if (!is_id(subject) || error != std::errc{} || stop != end || !path.empty()) {
        return std::nullopt;
    }
    return request;
}

ServerTunnel::Turn ServerTunnel::turn(std::uint32_t sequence) const
{
    if (sequence == next_) {
        return busy_ ? Turn::early : Turn::now;
    }
    const auto distance = static_cast<std::int32_t>(sequence - next_);
    if (distance > 0) {
        return static_cast<std::uint32_t>(distance) <= limits_.ahead ? Turn::early : Turn::too_far;
    }
    if (distance == -1 && !fresh_) {
        return Turn::repeated;
    }
    return Turn::stale;
}

void ServerTunnel::begin(std::uint32_t sequence)
{
    fresh_ = false;
    busy_ = true;
    next_ = sequence + 1;
}

const Bytes& ServerTunnel::answer(ByteView output)
{
    busy_ = false;
    empty_ = output.empty() ? std::min<unsigned>(empty_ + 1, kEmptyAStep * kPolling.size()) : 0;
    last_.clear();
    last_.push_back(kPolling[std::min<std::size_t>(empty_ / kEmptyAStep, kPolling.size() - 1)]);
    last_.insert(last_.end(), output.begin(), output.end());
    return last_;
}

} // namespace millrace::rtmp
