#include <millrace/exchange/viewer_socket.hpp>

#include <boost/asio/co_spawn.hpp>

#include <algorithm>

namespace millrace::exchange {

void ViewerSocket::detach()
{
    if (channel_) {
        channel_->close();
    }
    channel_ = nullptr;
    over_ = true;
    watched_.clear();
}

void ViewerSocket::say(Bytes bytes)
{
    if (own_.empty()) {
        own_ = std::move(bytes);
    } else {
        own_.insert(own_.end(), bytes.begin(), bytes.end());
    }
}

void ViewerSocket::encipher(net::Channel::Cipher cipher)
{
    channel_->hold(ByteView{own_}.subspan(own_done_));
    bytes_out_ += own_.size() - own_done_;
    Bytes{}.swap(own_);
    own_done_ = 0;
    channel_->encipher(std::move(cipher));
}

hub::Viewer& ViewerSocket::watch(std::uint32_t key, hub::Stream& stream, const hub::Packaging& packaging,
                                 hub::Viewer::Options options, std::unique_ptr<Lens> lens)
{
    unwatch(key);
    watched_.push_back({key, std::make_unique<hub::Viewer>(*this, options, Clock::now()), std::move(lens)});
    stream.attach(*watched_.back().viewer, packaging);
    return *watched_.back().viewer;
}

void ViewerSocket::unwatch(std::uint32_t key)
{
    // The rest of a half sent message goes with us, before anything else that waits to be said.
    const auto at = std::ranges::find(watched_, key, &Watched::key);
    if (at != watched_.end() && !at->viewer->at_boundary()) {
        Bytes rest;
        for (const auto view : at->viewer->pending(true)) {
            rest.insert(rest.end(), view.begin(), view.end());
        }
        if (at->lens) {
            rest.resize(std::min(rest.size(), at->lens->owed()));
        }
        own_.insert(own_.begin() + static_cast<std::ptrdiff_t>(own_done_), rest.begin(), rest.end());
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
const ViewerSocket::Watched* ViewerSocket::half_sent() const
{
    for (const auto& watched : watched_) {
        if (!watched.viewer->at_boundary()) {
            return &watched;
        }
    }
    return nullptr;
}

bool ViewerSocket::send_own()
{
    const ByteView rest = ByteView{own_}.subspan(own_done_);
    const auto attempt = channel_->send_now({&rest, 1});
    own_done_ += attempt.bytes;
    bytes_out_ += attempt.bytes;
    if (own_done_ == own_.size()) {
        Bytes{}.swap(own_);
        own_done_ = 0;
        if (on_room) {
            on_room();
        }
    }
    blocked_ = attempt.would_block;
    over_ = over_ || attempt.error;
    return !blocked_ && !over_;
}

bool ViewerSocket::send_media(const Watched& watched, Clock::time_point now, bool to_boundary)
{
    auto& viewer = *watched.viewer;
    const auto views = viewer.pending(to_boundary);
    if (views.empty()) {
        return false;
    }
    if (watched.lens) {
        return send_through(watched, views, now);
    }
    const auto attempt = channel_->send_now(views);
    viewer.sent(attempt.bytes, now);
    bytes_out_ += attempt.bytes;
    blocked_ = attempt.would_block;
    over_ = over_ || attempt.error;
    return !blocked_ && !over_;
}

/// Sends what the viewer's lens leaves of it.
bool ViewerSocket::send_through(const Watched& watched, std::span<const ByteView> views,
                                Clock::time_point now)
{
    auto [drop, pass] = watched.lens->look(views, own_);
    if (drop > 0) {
        watched.viewer->sent(drop, now);
        return true; // What is behind it is looked at again, when what stands instead of it is sent.
    }
    passing_.clear();
    for (const auto view : views) {
        const auto part = view.first(std::min(view.size(), pass));
        if (part.empty()) {
            break;
        }
        passing_.push_back(part);
        pass -= part.size();
    }
    const auto attempt = channel_->send_now(passing_);
    watched.viewer->sent(attempt.bytes, now);
    watched.lens->passed(attempt.bytes);
    bytes_out_ += attempt.bytes;
    blocked_ = attempt.would_block;
    over_ = over_ || attempt.error;
    return !blocked_ && !over_ && attempt.bytes > 0;
}

void ViewerSocket::flush(Clock::time_point now)
{
    if (over_) {
        return;
    }
    for (const auto& watched : watched_) {
        watched.viewer->step(now);
        over_ = over_ || watched.viewer->state() == hub::Viewer::State::closed;
    }
    bool more = !blocked_ && !over_;
    while (more) {
        if (const auto* half = half_sent()) {
            more = send_media(*half, now, !own_.empty() || watched_.size() > 1);
        } else if (!own_.empty()) {
            more = send_own();
        } else {
            more = std::ranges::any_of(watched_, [&](const Watched& watched) {
                return !blocked_ && !over_ && send_media(watched, now, false);
            });
        }
    }
    if (over_) {
        give_up();
    } else if (blocked_ && !speaking_) {
        speaking_ = true;
        net::asio::co_spawn(channel_->executor(), speak(), net::kDetached);
    }
}

/// Ends every wait on the channel: the session closes.
void ViewerSocket::give_up()
{
    channel_->cancel();
}

void ViewerSocket::ended()
{
    if (on_ended) {
        on_ended();
    }
}

/// Runs while the channel is full.
net::awaitable<void> ViewerSocket::speak()
{
    const auto self = shared_from_this();
    const auto channel = channel_;
    while (blocked_ && !over_) {
        const auto error = co_await channel->writable();
        if (error || over_) {
            break; // The session is ending; it ended this wait.
        }
        blocked_ = false;
        flush(Clock::now());
    }
    speaking_ = false;
}

net::awaitable<void> ViewerSocket::finish(Clock::duration most)
{
    constexpr std::chrono::milliseconds kLook{20};
    const auto self = shared_from_this();
    net::asio::steady_timer timer{channel_->executor()};
    for (const auto end = Clock::now() + most; !over_ && !own_.empty() && Clock::now() < end;) {
        timer.expires_after(kLook);
        co_await timer.async_wait(net::kNoThrow);
        if (!over_) {
            blocked_ = false;
            flush(Clock::now());
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
