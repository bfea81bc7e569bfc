// One stream of a connection that plays recordings.
#pragma once

#include <millrace/exchange/desk.hpp>
#include <millrace/rtmp/muxer.hpp>
#include <millrace/rtmp/server.hpp>
#include <millrace/vod/shelf.hpp>

#include <deque>

namespace millrace::doors {

/// What a player of recordings needs of its connection.
class VodLine {
public:
    virtual ~VodLine() = default;

    virtual rtmp::Server& vod_core() = 0;
    /// Sends what the core has to say, and then these bytes.
    virtual void vod_send(Bytes bytes) = 0;
    /// Bytes that the connection has not taken yet.
    virtual std::size_t vod_unsent() const = 0;
    /// All was played; the player is not needed any more.
    virtual void vod_ended(rtmp::StreamId stream) = 0;
};

/// Plays files to one message stream, one after the other: reads a little ahead on a file thread, sends each
/// frame when it is due and the connection has room. Lives on its desk's worker; a coroutine of its own keeps
/// it while it plays.
class VodPlayer : public std::enable_shared_from_this<VodPlayer> {
public:
    static constexpr std::size_t kMostQueued = 64; ///< Entries of a playlist.

    VodPlayer(exchange::Desk& desk, vod::Shelf& shelf, VodLine& line, rtmp::StreamId stream);

    /// Begins to play; the core has accepted it.
    void play(std::unique_ptr<store::Title> title, const rtmp::PlayRequested& wanted);
    /// Plays it when what plays and is queued has ended. False: the playlist is full.
    bool queue(rtmp::PlayRequested wanted);
    void request(rtmp::TransitionRequested transition);

    void seek(double ms);
    void pause(bool paused);
    void receive(bool audio, bool video);
    void set_buffer(std::uint32_t ms);
    /// The connection has sent all that it was given.
    void room();
    /// The connection goes, or the stream is to stop; nothing is sent any more.
    void leave();

    rtmp::StreamId stream() const { return stream_; }
    const std::string& path() const { return path_; }
    bool paused() const { return paused_; }
    /// Of the recording: how far it was sent.
    MediaTime position() const { return position_; }

private:
    /// Another version that is ready to take over.
    struct Switch {
        std::unique_ptr<store::Title> title;
        std::string path;
        std::deque<media::Item> items;
        bool at_end = false;
        MediaTime at; ///< Of its first key frame.
    };

    static net::awaitable<void> run(std::shared_ptr<VodPlayer> self);
    net::awaitable<void> wait(Clock::time_point until);
    void ring();

    // vod_titles.cpp: what reads files
    net::awaitable<void> fill();
    net::awaitable<void> go_to_start();
    net::awaitable<void> go_to(MediaTime place);
    net::awaitable<bool> open_next();
    net::awaitable<void> prepare_switch();
    void switch_over();

    void begin_at(MediaTime at);
    Clock::time_point step(Clock::time_point now);
    bool wants(const media::Frame& frame);
    void mux(media::Item item, media::Pieces& out);
    void complete();
    void fail(const std::string& what, const Error& error);

    exchange::Desk& desk_;
    vod::Shelf& shelf_;
    VodLine* line_; ///< None: it is gone.
    const rtmp::StreamId stream_;

    std::unique_ptr<store::Title> title_;
    std::string path_;
    rtmp::PlayRequested wanted_;
    std::deque<rtmp::PlayRequested> next_;
    std::optional<rtmp::TransitionRequested> transition_;
    std::optional<Switch> switch_;
    std::deque<media::Item> items_; ///< Read, not yet sent.
    bool at_end_ = false;
    bool begun_ = false;
    std::optional<MediaTime> end_; ///< Of what is wanted of the title.
    std::optional<MediaTime> seek_;

    rtmp::Muxer muxer_;
    bool gathers_ = false;               ///< The player asked for aggregate messages.
    MediaTime plain_until_{};            ///< Before any aggregate.
    bool fresh_ = true;                  ///< The next frame begins the chunk streams anew.
    std::chrono::nanoseconds offset_{0}; ///< Added to a title's times: those of a playlist go on.
    MediaTime position_{};
    std::uint64_t bytes_ = 0;
    bool audio_ = true;
    bool video_ = true;
    bool waits_for_key_ = false; ///< The picture was switched on again.
    bool paused_ = false;
    vod::Pace pace_;

    net::asio::steady_timer timer_;
    bool rung_ = false;
};

} // namespace millrace::doors
