// A viewer on a channel: other bytes between messages, media straight from the image.
#pragma once

#include <millrace/exchange/session.hpp>
#include <millrace/hub/stream.hpp>
#include <millrace/net/channel.hpp>

#include <functional>
#include <memory>
#include <vector>

namespace millrace::exchange {

/// Stands between a viewer's image and its channel, where not all viewers get the very same bytes.
class Lens {
public:
    /// Of what is to be sent next: `drop` bytes are not sent, or when that is 0, `pass` bytes go out as they
    /// are.
    struct Cut {
        std::size_t drop = 0;
        std::size_t pass = 0;
    };

    virtual ~Lens() = default;

    /// Looks at what is to be sent next. What is put into `instead` goes out before anything else.
    virtual Cut look(std::span<const ByteView> views, Bytes& instead) = 0;
    /// That many of the bytes to be passed were accepted.
    virtual void passed(std::size_t bytes) = 0;
    /// How much is left of a packet of which a part was accepted.
    virtual std::size_t owed() const = 0;
};

/// Sends to a channel without waiting for as long as it accepts; when it does not, a coroutine waits until it
/// does and goes on. A viewer that keeps up costs no coroutine.
///
/// Bytes of the session itself (answers, control messages) go out before media, but only between two
/// messages. When the connection breaks or a viewer is given up, every wait on the channel is ended, so that
/// the session ends.
class ViewerSocket : public hub::Outlet, public std::enable_shared_from_this<ViewerSocket> {
public:
    explicit ViewerSocket(std::shared_ptr<net::Channel> channel) : channel_{std::move(channel)} {}

    /// Closes the channel; nothing more is sent.
    void detach();

    /// Bytes of the session itself, sent as soon as no message is half sent.
    void say(Bytes bytes);
    /// From here on all is enciphered; what was said before stays clear. Expects: nothing is watched yet.
    void encipher(net::Channel::Cipher cipher);
    /// Watches a stream; several at once are told apart by `key`.
    hub::Viewer& watch(std::uint32_t key, hub::Stream& stream, const hub::Packaging& packaging,
                       hub::Viewer::Options options, std::unique_ptr<Lens> lens = {});
    void unwatch(std::uint32_t key);
    hub::Viewer* viewer(std::uint32_t key);
    const hub::Viewer* any_viewer() const;

    /// Sends what can be sent now. Never waits.
    void flush(Clock::time_point now) override;
    void ended() override;

    /// Waits until all of the session's own bytes are sent, though not longer than that.
    net::awaitable<void> finish(Clock::duration most);

    /// Bytes of the session itself that were not yet sent.
    std::size_t waiting() const { return own_.size() - own_done_; }
    /// Called when all of them were; may say() later, not at once.
    std::function<void()> on_room;

    std::uint64_t bytes_out() const { return bytes_out_; }
    /// Called when a watched stream is over; may say() and unwatch() later, not at once.
    std::function<void()> on_ended;

private:
    struct Watched {
        std::uint32_t key;
        std::unique_ptr<hub::Viewer> viewer;
        std::unique_ptr<Lens> lens; ///< None: all bytes go out as they are.
    };

    bool send_own();
    bool send_media(const Watched& watched, Clock::time_point now, bool to_boundary);
    bool send_through(const Watched& watched, std::span<const ByteView> views, Clock::time_point now);
    const Watched* half_sent() const;
    void give_up();
    net::awaitable<void> speak();

    std::shared_ptr<net::Channel> channel_; ///< None once detached.
    Bytes own_;
    std::size_t own_done_ = 0;
    std::vector<Watched> watched_;
    std::vector<ByteView> passing_;
    std::uint64_t bytes_out_ = 0;
    bool blocked_ = false;
    bool speaking_ = false;
    bool over_ = false; ///< Broken, given up or detached.
};

/// Fills in what the API tells of a viewer.
void describe(const hub::Viewer& viewer, SessionInfo& info);

} // namespace millrace::exchange
