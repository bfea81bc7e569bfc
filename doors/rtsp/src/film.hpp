// A session that plays a file: from any place, at other speeds, backwards.
#pragma once

#include "lens.hpp"
#include "part.hpp"
#include <millrace/net/notice.hpp>
#include <millrace/net/udp.hpp>
#include <millrace/rtp/muxer.hpp>
#include <millrace/vod/shelf.hpp>

#include <deque>
#include <map>

namespace millrace::doors {

/// Where and how something is played.
struct FilmPiece {
    MediaTime from{};
    std::optional<MediaTime> to; ///< None: to the end, or the begin when it goes backwards.
    double scale = 1;
    double speed = 1;
};

/// The times of a request as places in a film. `recorded`: when its first frame was taken, for clock ranges.
RtspReply film_piece(const rtsp::Ask& ask, std::chrono::nanoseconds duration, WallTime recorded,
                     std::optional<MediaTime> here, FilmPiece& into);
/// What a piece is in the unit of a request.
rtsp::TimeRange film_range(const FilmPiece& piece, rtsp::TimeUnit unit, std::chrono::nanoseconds duration,
                           WallTime recorded);

class RtspFilm final : public RtspPart {
public:
    static constexpr std::size_t kMostQueued = 32;

    RtspFilm(RtspRoom& room, const RtspCaller& caller, std::string path, std::unique_ptr<store::Title> title,
             WallTime recorded);

    RtspReply set_up(int track, const std::string& url, const RtspCaller& caller,
                     rtsp::Transport& transport) override;
    void agreed(int track, const rtsp::Transport& transport) override;
    net::awaitable<RtspReply> play(const rtsp::Ask& ask) override;
    RtspReply pause(const rtsp::Ask& ask) override;
    void tear_down(std::optional<int> track) override;
    void go() override;
    void feed(int track, SharedBytes packet) override;
    std::optional<std::string> parameter(std::string_view name) const override;
    exchange::SessionInfo info(Clock::time_point now) const override;

private:
    struct Line {
        std::string url;
        rtsp::Transport transport;
        net::DatagramPair sockets;
    };
    struct Queued {
        FilmPiece piece;
        rtsp::TimeUnit unit = rtsp::TimeUnit::npt;
    };

    void release() override;
    net::awaitable<bool> begin(const FilmPiece& piece);
    net::awaitable<bool> read_more();
    net::awaitable<bool> step_back();
    std::optional<media::Frame> next_frame();
    bool plays(const media::Frame& frame) const;
    std::vector<rtsp::RtpInfo> infos() const;
    MediaTime time_of(const media::Frame& frame) const;
    void mux(media::Frame frame, bool join);
    void send(const media::Pieces& pieces);
    void finish();
    static net::awaitable<void> run(std::shared_ptr<RtspFilm> self, std::uint64_t turn);
    static net::awaitable<void> listen(std::shared_ptr<RtspFilm> self,
                                       std::shared_ptr<net::DatagramSocket> socket);

    std::unique_ptr<store::Title> title_;
    media::Head head_;
    WallTime recorded_;
    std::map<int, Line> lines_; ///< By slot.
    std::uint64_t seed_;
    std::unique_ptr<rtp::Muxer> muxer_;
    std::shared_ptr<exchange::ViewerSocket> wire_;
    net::asio::steady_timer timer_;

    FilmPiece piece_;
    std::deque<Queued> queue_;
    std::deque<media::Item> items_; ///< Read and not yet played.
    media::Pieces ready_;           ///< Of the first frame, made before PLAY is answered.
    bool at_end_ = false;
    std::optional<MediaTime> here_; ///< In the film; where PLAY without Range goes on.
    std::optional<MediaTime> stop_; ///< Where PAUSE with a Range said.
    MediaTime turned_{};            ///< In the film, at the begin of the piece.
    MediaTime shown_{};             ///< Time of playing, at the begin of the piece; never steps back.
    MediaTime newest_{};            ///< Latest time of playing that was sent.
    Clock::time_point started_;
    std::uint64_t turn_ = 0; ///< Which run() is the one that plays.
    bool playing_ = false;
    bool busy_ = false; ///< A file thread is at work for us.
    std::uint64_t bytes_out_ = 0;
};

} // namespace millrace::doors
