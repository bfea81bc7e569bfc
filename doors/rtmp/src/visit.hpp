// One RTMP connection between its core and the exchange.
#pragma once

#include "vod_player.hpp"
#include <millrace/doors/rtmp/serve.hpp>
#include <millrace/exchange/exchange.hpp>
#include <millrace/exchange/viewer_socket.hpp>
#include <millrace/flv/body.hpp>
#include <millrace/net/listener.hpp>
#include <millrace/objects/shelf.hpp>
#include <millrace/rtmp/server.hpp>

namespace millrace::doors {

/// Lives on its desk's worker. Only listening has a coroutine of its own: speaking has one while the socket
/// is full (ViewerSocket), and the time is told by the desk.
class Visit : public exchange::Session, private VodLine, public std::enable_shared_from_this<Visit> {
public:
    Visit(exchange::Desk& desk, objects::Shelf& shelf, net::Caller caller, const RtmpOffer& offer);
    ~Visit() override;

    /// Bytes in: the peer speaks, the core decides, the exchange hears of it. Owns the visit while it runs.
    static net::awaitable<void> listen(std::shared_ptr<Visit> visit);

    void tick(Clock::time_point now) override;
    exchange::SessionInfo info(Clock::time_point now) const override;
    void disconnect(std::string_view reason) override;
    bool ask_to_move(std::string_view server, std::string_view reason) override;

private:
    struct Publishing {
        rtmp::StreamId stream;
        std::unique_ptr<exchange::Publication> publication;
        flv::BodyReader bodies;
        std::vector<media::Item> items; ///< Since the last batch.
    };
    struct Playing {
        rtmp::StreamId stream;
        std::shared_ptr<exchange::LocalStream> source;
        flv::Options options;
    };

    net::awaitable<void> drain();
    net::awaitable<void> on(rtmp::ConnectRequested event);

    // visit_publish.cpp
    net::awaitable<void> on(rtmp::PublishRequested event);
    void on(const rtmp::MediaReceived& event);
    void on(const rtmp::PublishStopped& event);
    void push();
    void end_publication(rtmp::StreamId stream);
    void end_publications();

    // visit_play.cpp
    net::awaitable<void> on(rtmp::PlayRequested event);
    void on(const rtmp::PlayStopped& event);
    void on(const rtmp::PauseRequested& event);
    void on(const rtmp::SeekRequested& event);
    void on(const rtmp::ReceiveChanged& event);
    void stop_playing(rtmp::StreamId stream);
    void end_streams();

    // visit_objects.cpp
    net::awaitable<void> on(rtmp::SharedObjectReceived event);
    void hear(const rtmp::ObjectMessage& message);
    void leave_objects();

    // visit_vod.cpp: recordings, played and made
    net::awaitable<bool> play_recorded(const rtmp::PlayRequested& event);
    net::awaitable<void> on(rtmp::StreamLengthRequested event);
    void on(const rtmp::TransitionRequested& event);
    void on(const rtmp::BufferLengthSet& event);
    void queue_play(const rtmp::PlayRequested& event);
    VodPlayer* vod(rtmp::StreamId stream) const;
    void leave_vods();
    exchange::RecordNews record_news(rtmp::StreamId stream);
    void tell_record_news();
    rtmp::Server& vod_core() override { return core_; }
    void vod_send(Bytes bytes) override;
    std::size_t vod_unsent() const override { return out_->waiting(); }
    void vod_ended(rtmp::StreamId stream) override;

    // visit_access.cpp
    void admit(const rtmp::ConnectRequested& event);
    bool may(const rtmp::PublishRequested& event);
    bool may(const rtmp::PlayRequested& event);
    std::string why_not_play(std::string_view path);

    bool receive();
    void encipher();
    std::string protocol() const;
    std::string label() const;
    void say();
    net::awaitable<void> say_goodbye();
    void closed_by(std::string_view who, const Error& error);

    exchange::Desk& desk_;
    net::Caller caller_;
    WallTime since_;
    std::uint64_t number_;
    rtmp::Server core_;
    rtmp::Capabilities capabilities_;
    std::shared_ptr<exchange::ViewerSocket> out_;
    std::shared_ptr<RtmpAccess> access_;
    Admission admission_; ///< From connect on.
    std::string app_;
    std::string route_; ///< The servers that the connection came through.
    std::string path_;  ///< Of the stream that was published or played last.
    std::string reason_;
    std::vector<Publishing> publishing_;
    std::vector<Playing> playing_;
    objects::Shelf& shelf_;
    std::shared_ptr<objects::Guest> guest_; ///< From the first shared object on.
    vod::Shelf* films_;
    std::vector<std::shared_ptr<VodPlayer>> vods_;
    std::uint32_t buffer_ms_ = 0; ///< That the player asked for last.
    struct RecordStatus {
        rtmp::StreamId stream;
        std::string level;
        std::string code;
        std::string text;
    };
    std::vector<RecordStatus> record_news_; ///< Waiting until the publication is accepted.
    bool claiming_ = false;
};

} // namespace millrace::doors
