// One RTSP connection between its core, the sessions and the exchange.
#pragma once

#include "description.hpp"
#include "part.hpp"
#include "room.hpp"
#include <millrace/exchange/exchange.hpp>
#include <millrace/store/title.hpp>

#include <set>

namespace millrace::doors {

/// Lives on its room's worker. Without a channel it is a conversation by single messages: of a session that
/// another worker's connection asks for, or by datagrams.
class RtspVisit final : public exchange::Session, public std::enable_shared_from_this<RtspVisit> {
public:
    RtspVisit(RtspRoom& room, net::Caller caller);
    RtspVisit(RtspRoom& room, RtspCaller as);
    ~RtspVisit() override;

    /// Bytes in: the peer speaks, the core decides, the exchange hears of it. Owns the visit while it runs.
    static net::awaitable<void> listen(std::shared_ptr<RtspVisit> visit);
    /// One message and what is answered to it. Expects: no channel.
    static net::awaitable<Bytes> converse(std::shared_ptr<RtspVisit> visit, Bytes message);

    void tick(Clock::time_point now) override;
    exchange::SessionInfo info(Clock::time_point now) const override;
    void disconnect(std::string_view reason) override;

private:
    net::awaitable<void> drain();
    net::awaitable<void> on(rtsp::Ask ask);
    net::awaitable<void> forward(rtsp::Ask ask, std::size_t worker);
    net::awaitable<void> describe(rtsp::Ask ask);
    void announce(const rtsp::Ask& ask);
    net::awaitable<void> set_up(rtsp::Ask ask);
    net::awaitable<void> play(rtsp::Ask ask);
    net::awaitable<void> record(rtsp::Ask ask);
    void pause(const rtsp::Ask& ask);
    void tear_down(const rtsp::Ask& ask);
    void parameters(const rtsp::Ask& ask);
    bool may(const rtsp::Ask& ask);
    /// What there is of a name: a live stream, or else a recording.
    struct Found {
        std::shared_ptr<exchange::LocalStream> source;
        std::unique_ptr<store::Title> film;
        WallTime recorded; ///< When the film's first frame was taken.

        explicit operator bool() const { return source || film; }
        const std::vector<media::Track>& tracks() const;
    };
    net::awaitable<Found> find(std::string path);
    net::awaitable<bool> find_film(std::string path, Found& found);
    void own(const std::shared_ptr<RtspPart>& part);
    void refuse(const RtspReply& reply);

    bool receive();
    void say();
    net::awaitable<void> say_goodbye();
    void session_ended(const std::string& session, std::string_view reason);
    std::string label() const;

    RtspRoom& room_;
    exchange::Desk& desk_;
    std::shared_ptr<net::Channel> channel_; ///< None: by single messages.
    std::optional<net::Ticket> ticket_;
    RtspCaller me_;
    WallTime since_;
    std::uint64_t number_ = 0; ///< 0: not known to the desk.
    rtsp::Server core_;
    std::shared_ptr<const Announcement> announced_;
    std::string described_path_;
    Found described_;                                 ///< Held from DESCRIBE until SETUP.
    std::set<std::pair<std::string, bool>> admitted_; ///< Paths, and whether to publish.
    std::string user_;
    std::string reason_;
    std::uint64_t frames_ = 0;
};

} // namespace millrace::doors
