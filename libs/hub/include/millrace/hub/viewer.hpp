// A viewer: an offset in an image, and the ladder that a slow one goes down.
#pragma once

#include <millrace/base/clock.hpp>
#include <millrace/hub/wire_image.hpp>

#include <string_view>

namespace millrace::hub {

class Stream;
class Viewer;

/// Where a viewer's bytes go: a connection. Called by the stream whenever there may be something to send.
class Outlet {
public:
    virtual ~Outlet() = default;

    /// Sends what can be sent at once. Must not attach or detach viewers.
    virtual void flush(Clock::time_point now) = 0;
    /// The stream has ended for good; nothing more will come.
    virtual void ended() = 0;
};

/// One who watches a stream: no queue of its own, no copy of its own.
///
/// It begins at the newest join point. When it lags more than `max_latency` behind, it falls to the
/// audio-only image; when that lags too (or the stream has only one kind of track) it skips to the newest
/// join point as soon as its connection has drained; when its connection accepts nothing for `stall_limit` it
/// is closed.
class Viewer {
public:
    enum class State : std::uint8_t {
        waiting, ///< For a join point.
        playing,
        audio_only, ///< Fallen: sound is live, the picture comes back at a join point once the connection
                    ///< keeps up.
        paused,
        closed, ///< Given up; `reason()` says why.
    };

    struct Options {
        Clock::duration max_latency = std::chrono::seconds{5};
        Clock::duration stall_limit = std::chrono::seconds{20};
        Selection selection = Selection::all;
    };

    /// What happened to this viewer, for the API.
    struct Record {
        std::uint64_t falls = 0;                    ///< Times it fell to audio only.
        std::uint64_t skips = 0;                    ///< Times it skipped to a newer join point.
        std::uint64_t returns = 0;                  ///< Times the picture came back.
        std::uint64_t bytes = 0;                    ///< Given to the connection.
        Clock::duration skipped{0};                 ///< Media time that it never got, in picture or sound.
        std::optional<Clock::duration> first_frame; ///< From attaching to the first join point's bytes.
    };

    Viewer(Outlet& outlet, Options options, Clock::time_point now);
    ~Viewer();
    Viewer(const Viewer&) = delete;
    Viewer& operator=(const Viewer&) = delete;

    /// Views of what is to be sent next; empty when there is nothing now. Only to the next message boundary
    /// when `to_boundary`. Valid until the next call of anything here or in the stream.
    std::span<const ByteView> pending(bool to_boundary = false);
    /// That many of the pending bytes were accepted by the connection.
    void sent(std::size_t bytes, Clock::time_point now);
    /// Takes at most about `most` bytes at once, with ownership, for connections that send in the background.
    media::Pieces take(std::size_t most, Clock::time_point now);
    /// True when other bytes (control messages) may go out now.
    bool at_boundary() const;

    /// Begins when there is a join point, and goes down or up the ladder. To be called before each sending.
    void step(Clock::time_point now);

    void pause();
    void resume();
    /// Which tracks are wanted; goes on at the next join point.
    void select(Selection selection);

    State state() const { return state_; }
    Selection selection() const { return options_.selection; }
    /// How much stream time lies between the newest frame and the next one to be sent.
    Clock::duration lag() const;
    /// The same in bytes.
    std::uint64_t behind() const { return image_ == nullptr ? 0 : image_->end() - offset_; }
    const Record& record() const { return record_; }
    std::string_view reason() const { return reason_; }
    Outlet& outlet() const { return *outlet_; }

private:
    friend class Stream;

    WireImage& image(Selection selection) const;
    bool caught_up() const;
    bool too_late(Clock::time_point now) const;
    void begin(WireImage& image, State state, Clock::time_point now);
    void keep_rest_of_message();
    void fall(Clock::time_point now);
    void skip(Clock::time_point now);
    void try_begin(Clock::time_point now);
    void try_return(Clock::time_point now);
    void close(std::string_view reason);

    Outlet* outlet_;
    Stream* stream_ = nullptr;
    std::size_t packaging_ = 0; ///< Index of the packaging in the stream.
    Options options_;
    State state_ = State::waiting;
    WireImage* image_ = nullptr; ///< Where `offset_` points into; null while there is no position.
    std::uint64_t offset_ = 0;
    media::Pieces rest_;        ///< Goes out before the image's bytes: a prologue, or the rest of a message.
    std::size_t rest_done_ = 0; ///< Bytes of the first piece of rest_ that were sent.
    bool rest_begun_ = false;   ///< Some of it was sent, or it is the rest of a message.
    std::uint64_t full_seen_ = 0; ///< While audio only: how far the full image went at the last step.
    MediaTime left_at_{};         ///< Stream time at which the position was given up.
    Clock::time_point attached_;
    Clock::time_point began_;
    Clock::time_point progress_; ///< When bytes were last accepted, or there was nothing to send.
    Clock::time_point drained_;  ///< While audio only: since when it has kept up.
    std::string_view reason_;
    Record record_;
};

std::string_view name(Viewer::State state);

} // namespace millrace::hub
