#include "hls_session.hpp"

#include <algorithm>
#include <charconv>

namespace millrace::doors {
namespace {

constexpr double kFalseAlarm = 0.25; ///< Seconds that a player may be short of by our rough count.

double seconds(std::chrono::nanoseconds time)
{
    return std::chrono::duration<double>(time).count();
}

} // namespace

Cmcd read_cmcd(std::string_view text)
{
    Cmcd found;
    while (!text.empty()) {
        const auto end = std::min(text.find(','), text.size());
        auto item = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        while (item.starts_with(' ')) {
            item.remove_prefix(1);
        }
        if (item == "bs") {
            found.starved = true;
        } else if (item.starts_with("bl=")) {
            unsigned ms = 0;
            const auto digits = item.substr(3);
            const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), ms);
            if (error == std::errc{} && stop == digits.data() + digits.size()) {
                found.buffer_seconds = ms / 1000.0;
            }
        }
    }
    return found;
}

HlsSession::HlsSession(exchange::Desk& desk, std::string stream, std::string protocol,
                       const HlsViewer& viewer, Clock::time_point now)
    : desk_{desk}, number_{desk.enter(*this)}, begun_{now}, last_{now}
{
    info_.protocol = std::move(protocol);
    info_.role = exchange::Role::viewer;
    info_.stream = std::move(stream);
    info_.remote = viewer.remote;
    info_.since = WallTime::clock::now();
    info_.state = "waiting";
}

HlsSession::~HlsSession()
{
    desk_.leave(number_);
}

void HlsSession::seen(const HlsViewer& viewer, Clock::time_point now)
{
    last_ = now;
    if (viewer.cmcd.empty()) {
        return;
    }
    const auto told = read_cmcd(viewer.cmcd);
    if (told.buffer_seconds) {
        info_.buffer_seconds = told.buffer_seconds;
    }
    if (told.starved) {
        ++info_.stalls;
    }
}

/// What lies ahead of the player, when it plays since it had its first segment.
double HlsSession::buffered(Clock::time_point now) const
{
    const auto played = std::chrono::duration<double>(now - *playing_).count() - stalled_seconds_;
    return fetched_seconds_ - played;
}

void HlsSession::fetched(std::size_t bytes, std::chrono::nanoseconds begin, std::chrono::nanoseconds duration,
                         std::chrono::nanoseconds edge, Clock::time_point now)
{
    info_.bytes_out += bytes;
    if (!playing_) {
        playing_ = now;
        info_.first_frame_seconds = std::chrono::duration<double>(now - begun_).count();
        info_.state = "playing";
    } else if (const auto left = buffered(now); left < -kFalseAlarm) {
        stalled_seconds_ -= left;
        ++info_.stalls;
    }
    // Each moment counts once, whatever rendition it is fetched of.
    const auto end = begin + duration;
    if (end > until_) {
        fetched_seconds_ += std::min(seconds(end - until_), seconds(duration));
        until_ = end;
    }
    info_.lag_seconds = std::max(0.0, seconds(edge - end));
}

exchange::SessionInfo HlsSession::info(Clock::time_point now) const
{
    auto info = info_;
    info.stalled_seconds = stalled_seconds_;
    if (playing_) {
        info.lag_seconds += std::max(0.0, buffered(now));
    }
    return info;
}

void HlsSession::disconnect(std::string_view reason)
{
    info_.reason = reason;
    info_.state = "closed";
    refused_ = true;
    desk_.count("sessions_disconnected");
}

} // namespace millrace::doors
