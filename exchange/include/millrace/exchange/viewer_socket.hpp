// A viewer on a plain TCP connection: other bytes between messages, media straight from the image.
#pragma once

#include <millrace/exchange/session.hpp>
#include <millrace/hub/stream.hpp>
#include <millrace/net/notice.hpp>
#include <millrace/net/send.hpp>

#include <functional>
#include <memory>
#include <vector>

namespace millrace::exchange {

/// Sends to a socket without waiting for as long as it accepts; when it does not, `speak` waits and goes on.
///
/// Bytes of the session itself (answers, control messages) go out before media, but only between two
/// messages.
class ViewerSocket : public hub::Outlet {
public:
    explicit ViewerSocket(net::tcp::socket& socket);
    ~ViewerSocket() override;

    /// Bytes of the session itself, sent as soon as no message is half sent.
    void say(Bytes bytes);
    /// Watches a stream; several at once are told apart by `key`.
    hub::Viewer& watch(std::uint32_t key, hub::Stream& stream, const hub::Packaging& packaging,
                       hub::Viewer::Options options);
    void unwatch(std::uint32_t key);
    hub::Viewer* viewer(std::uint32_t key);
    const hub::Viewer* any_viewer() const;

    /// Sends what can be sent now. Never waits.
    void flush(Clock::time_point now) override;
    void ended() override;

    /// Runs beside the session: waits when the socket is full, ends when the connection is broken, a viewer
    /// is given up, or finish() was called and all is said.
    net::awaitable<void> speak();
    /// Nothing more will be said: speak() ends when all is sent.
    void finish();

    std::uint64_t bytes_out() const { return bytes_out_; }
    /// Called when a watched stream is over; may say() and unwatch() later, not at once.
    std::function<void()> on_ended;

private:
    struct Watched {
        std::uint32_t key;
        std::unique_ptr<hub::Viewer> viewer;
    };

    bool send_own();
    bool send_media(hub::Viewer& viewer, Clock::time_point now, bool to_boundary);
    hub::Viewer* half_sent() const;
    bool idle() const;
    void give_up();

    net::tcp::socket& socket_;
    net::Notice bell_;
    Bytes own_;
    std::size_t own_done_ = 0;
    std::vector<Watched> watched_;
    std::uint64_t bytes_out_ = 0;
    bool blocked_ = false;
    bool broken_ = false;
    bool finishing_ = false;
    bool over_ = false;
};

/// Fills in what the API tells of a viewer.
void describe(const hub::Viewer& viewer, SessionInfo& info);

} // namespace millrace::exchange
