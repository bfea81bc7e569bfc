#include <millrace/exchange/viewer_socket.hpp>

#include <algorithm>

namespace millrace::exchange {

ViewerSocket::ViewerSocket(net::tcp::socket& socket) : socket_{socket}, bell_{socket.get_executor()} {}

ViewerSocket::~ViewerSocket() = default;

void ViewerSocket::say(Bytes bytes)
{
    if (own_.empty()) {
        own_ = std::move(bytes);
    } else {
        own_.insert(own_.end(), bytes.begin(), bytes.end());
    }
}

hub::Viewer& ViewerSocket::watch(std::uint32_t key, hub::Stream& stream, const hub::Packaging& packaging,
                                 hub::Viewer::Options options)
{
    unwatch(key);
    watched_.push_back({key, std::make_unique<hub::Viewer>(*this, options, Clock::now())});
    stream.attach(*watched_.back().viewer, packaging);
    return *watched_.back().viewer;
}

void ViewerSocket::unwatch(std::uint32_t key)
{
    // The rest of a half sent message goes with us, before anything else that waits to be said.
    if (auto* leaving = viewer(key); leaving != nullptr && !leaving->at_boundary()) {
        Bytes rest;
        for (const auto view : leaving->pending(true)) {
            rest.insert(rest.end(), view.begin(), view.end());
        }
        own_.insert(own_.begin(), rest.begin(), rest.end());
    }
    std::erase_if(watched_, [key](const Watched& watched) { return watched.key == key; });
}

hub::Viewer* ViewerSocket::viewer(std::uint32_t key)
{
    const auto at = std::ranges::find(watched_, key, &Watched::key);
    return at == watched_.end() ? nullptr : at->viewer.get();
}

const hub::Viewer* ViewerSocket::any_viewer() const
{
    return watched_.empty() ? nullptr : watched_.front().viewer.get();
}

/// The viewer in the middle of a message; nothing else may be sent before its end.
hub::Viewer* ViewerSocket::half_sent() const
{
    for (const auto& watched : watched_) {
        if (!watched.viewer->at_boundary()) {
            return watched.viewer.get();
        }
    }
    return nullptr;
}

bool ViewerSocket::send_own()
{
    const ByteView rest = ByteView{own_}.subspan(own_done_);
    const auto attempt = net::send_now(socket_, {&rest, 1});
    own_done_ += attempt.bytes;
    bytes_out_ += attempt.bytes;
    if (own_done_ == own_.size()) {
        Bytes{}.swap(own_);
        own_done_ = 0;
    }
    blocked_ = attempt.would_block;
    broken_ = broken_ || attempt.error;
    return !blocked_ && !broken_;
}

bool ViewerSocket::send_media(hub::Viewer& viewer, Clock::time_point now, bool to_boundary)
{
    const auto views = viewer.pending(to_boundary);
    if (views.empty()) {
        return false;
    }
    const auto attempt = net::send_now(socket_, views);
    viewer.sent(attempt.bytes, now);
    bytes_out_ += attempt.bytes;
    blocked_ = attempt.would_block;
    broken_ = broken_ || attempt.error;
    return !blocked_ && !broken_;
}

void ViewerSocket::flush(Clock::time_point now)
{
    bool given_up = false;
    for (const auto& watched : watched_) {
        watched.viewer->step(now);
        given_up = given_up || watched.viewer->state() == hub::Viewer::State::closed;
    }
    bool more = !blocked_ && !broken_;
    while (more) {
        if (auto* half = half_sent()) {
            more = send_media(*half, now, !own_.empty() || watched_.size() > 1);
        } else if (!own_.empty()) {
            more = send_own();
        } else {
            more = std::ranges::any_of(watched_, [&](const Watched& watched) {
                return !blocked_ && !broken_ && send_media(*watched.viewer, now, false);
            });
        }
    }
    if (broken_ || given_up) {
        give_up();
    } else if (blocked_ || finishing_) {
        bell_.notify();
    }
}

/// Ends every wait on the socket: the session closes.
void ViewerSocket::give_up()
{
    over_ = true;
    net::error_code ignored;
    socket_.cancel(ignored);
    bell_.notify();
}

void ViewerSocket::ended()
{
    if (on_ended) {
        on_ended();
    }
}

bool ViewerSocket::idle() const
{
    return own_.empty() && half_sent() == nullptr;
}

void ViewerSocket::finish()
{
    finishing_ = true;
    bell_.notify();
}

net::awaitable<void> ViewerSocket::speak()
{
    for (;;) {
        co_await bell_.wait();
        while (blocked_ && !over_) {
            const auto [error] = co_await socket_.async_wait(net::tcp::socket::wait_write, net::kNoThrow);
            blocked_ = false;
            broken_ = broken_ || error;
            flush(Clock::now());
        }
        if (over_ || (finishing_ && idle())) {
            co_return;
        }
    }
}

void describe(const hub::Viewer& viewer, SessionInfo& info)
{
    const auto seconds = [](auto duration) { return std::chrono::duration<double>{duration}.count(); };
    const auto& record = viewer.record();
    info.state = name(viewer.state());
    info.lag_seconds = seconds(viewer.lag());
    info.falls = record.falls;
    info.skips = record.skips;
    info.skipped_seconds = seconds(record.skipped);
    if (record.first_frame) {
        info.first_frame_seconds = seconds(*record.first_frame);
    }
    if (!viewer.reason().empty()) {
        info.reason = viewer.reason();
    }
}

} // namespace millrace::exchange
