#include "visit.hpp"

#include <boost/asio/co_spawn.hpp>
#include <spdlog/spdlog.h>

namespace millrace::doors {
namespace {

constexpr std::chrono::seconds kGoodbye{1};

RtspCaller caller_of(const net::Caller& caller, RtspRoom& room)
{
    RtspCaller me{.protocol = caller.tls ? "rtsps" : "rtsp", .remote = caller.remote};
    me.protocol += caller.tunnel ? "-http" : "";
    net::error_code ignored;
    const auto remote = net::parse_endpoint(caller.remote);
    me.peer = net::unmapped(remote.address());
    me.local = net::asio::ip::address_v4::any();
    if (me.peer.is_v6()) {
        me.local = net::asio::ip::address_v6::any();
    }
    me.wire = std::make_shared<exchange::ViewerSocket>(caller.channel);
    me.connection = room.next_connection();
    return me;
}

} // namespace

RtspVisit::RtspVisit(RtspRoom& room, net::Caller caller)
    : room_{room}, desk_{room.desk()}, channel_{caller.channel}, ticket_{std::move(caller.ticket)},
      me_{caller_of(caller, room)}, since_{WallTime::clock::now()}, number_{desk_.enter(*this)},
      core_{{.connection = me_.connection}, room.book(), Clock::now()}
{
    channel_->prepare();
    me_.wire->on_ended = [this] {
        desk_.worker().post([weak = weak_from_this()] {
            if (const auto self = weak.lock()) {
                // Players whose stream is over.
                const auto sessions = self->core_.sessions();
                for (const auto& [session, made] : sessions) {
                    if (const auto part = self->room_.find(session)) {
                        part->tick(Clock::now());
                    }
                }
            }
        });
    };
}

RtspVisit::RtspVisit(RtspRoom& room, RtspCaller as)
    : room_{room}, desk_{room.desk()}, me_{std::move(as)}, since_{WallTime::clock::now()},
      core_{{.connection = me_.connection, .persistent = false}, room.book(), Clock::now()}
{
}

RtspVisit::~RtspVisit()
{
    if (me_.wire) {
        me_.wire->detach();
    }
    for (const auto& [name, count] : core_.counters()) {
        desk_.count("rtsp_tolerated", name, count);
    }
    if (number_ != 0) {
        desk_.leave(number_);
    }
}

net::awaitable<void> RtspVisit::listen(std::shared_ptr<RtspVisit> visit)
{
    while (!visit->core_.closed()) {
        const auto error = co_await visit->channel_->readable();
        if (error || visit->core_.closed() || !visit->receive()) {
            break;
        }
        co_await visit->drain();
        visit->say();
    }
    co_await visit->say_goodbye();
}

net::awaitable<Bytes> RtspVisit::converse(std::shared_ptr<RtspVisit> visit, Bytes message)
{
    static_cast<void>(visit->core_.feed(message, Clock::now()));
    co_await visit->drain();
    co_return visit->core_.take_output();
}

bool RtspVisit::receive()
{
    const auto inbox = desk_.inbox();
    const auto got = channel_->receive_now(inbox);
    if (got.would_block) {
        return true;
    }
    if (got.error || got.bytes == 0) {
        return false;
    }
    if (const auto fed = core_.feed(inbox.first(got.bytes), Clock::now()); !fed) {
        reason_ = fed.error().message();
        spdlog::info("{}: closed: {}", label(), reason_);
        desk_.count("rtsp_errors", fed.error().code().message());
    }
    return true;
}

std::string RtspVisit::label() const
{
    return (number_ != 0 ? exchange::session_id(number_) + " " : "") + me_.protocol + " " + me_.remote;
}

void RtspVisit::tick(Clock::time_point now)
{
    if (core_.closed() || now < core_.deadline()) {
        return;
    }
    if (const auto ticked = core_.tick(now); !ticked) {
        reason_ = ticked.error().message();
        spdlog::info("{}: closed: {}", label(), reason_);
        desk_.count("rtsp_timeouts", ticked.error().code().message());
        channel_->cancel();
    }
}

/// Interleaved sessions end with their connection; others go on without it.
net::awaitable<void> RtspVisit::say_goodbye()
{
    core_.close();
    const auto sessions = core_.sessions();
    for (const auto& [id, made] : sessions) {
        const auto* session = room_.book().find(id);
        const auto part = room_.find(id);
        if (session == nullptr || !part) {
            continue;
        }
        part->on_end = {};
        part->on_move = {};
        if (session->interleaved()) {
            part->end({});
        } else {
            spdlog::info("{}: session {} goes on without its connection", label(), id);
        }
    }
    say();
    co_await me_.wire->finish(kGoodbye);
    channel_->shut();
}

void RtspVisit::say()
{
    if (me_.wire) {
        if (core_.has_output()) {
            me_.wire->say(core_.take_output());
        }
        me_.wire->flush(Clock::now());
    }
}

net::awaitable<void> RtspVisit::drain()
{
    while (auto event = core_.next_event()) {
        if (auto* frame = std::get_if<rtsp::FrameReceived>(&*event)) {
            ++frames_;
            if (const auto part = room_.find(frame->session)) {
                part->feed(frame->track, std::move(frame->payload));
            }
        } else if (auto* ask = std::get_if<rtsp::Ask>(&*event)) {
            co_await on(std::move(*ask));
            say();
        } else if (const auto* replied = std::get_if<rtsp::Replied>(&*event)) {
            spdlog::debug("{}: answered {} to our {}", label(), replied->status, name(replied->method));
        }
    }
}

net::awaitable<void> RtspVisit::on(rtsp::Ask ask)
{
    spdlog::debug("{}: {} {}", label(), ask.request.method, ask.target.path);
    desk_.count("rtsp_requests", name(ask.method));
    if (!ask.elsewhere.empty()) {
        const auto worker = RtspRoom::worker_of(ask.elsewhere);
        const bool other = worker && *worker < room_.house().size() && *worker != desk_.worker().index();
        if (other && number_ != 0) {
            co_await forward(std::move(ask), *worker);
        } else {
            core_.refuse(454,
                         "there is no such session: it was closed, or nothing was heard of it for too long");
        }
        co_return;
    }
    if (!may(ask)) {
        co_return;
    }
    switch (ask.method) {
    case rtsp::Method::describe: co_await describe(std::move(ask)); break;
    case rtsp::Method::announce: announce(ask); break;
    case rtsp::Method::setup: co_await set_up(std::move(ask)); break;
    case rtsp::Method::play: co_await play(std::move(ask)); break;
    case rtsp::Method::record: co_await record(std::move(ask)); break;
    case rtsp::Method::pause: pause(ask); break;
    case rtsp::Method::teardown: tear_down(ask); break;
    case rtsp::Method::get_parameter:
    case rtsp::Method::set_parameter: parameters(ask); break;
    default: core_.refuse(501, "not implemented"); break;
    }
}

/// A session of another worker's: the request is made there, and its answer given here.
net::awaitable<void> RtspVisit::forward(rtsp::Ask ask, std::size_t worker)
{
    auto& there = room_.house().room(worker);
    Bytes message;
    write(message, ask.request);
    auto as = me_;
    as.wire.reset();
    auto envoy = std::make_shared<RtspVisit>(there, std::move(as));
    auto work = converse(std::move(envoy), std::move(message));
    const auto answer = co_await net::asio::co_spawn(there.desk().worker().context(), std::move(work),
                                                     net::asio::use_awaitable);
    rtsp::MessageReader reader{rtsp::MessageReader::Role::client};
    if (reader.feed(answer)) {
        if (auto response = reader.next(); response && std::holds_alternative<rtsp::Response>(*response)) {
            core_.relay(std::move(std::get<rtsp::Response>(*response)));
            co_return;
        }
    }
    core_.refuse(454, "the session is gone");
}

/// Who has shown once that it may is not asked again on this connection.
bool RtspVisit::may(const rtsp::Ask& ask)
{
    const auto* access = room_.house().access();
    const auto* session = room_.book().find(ask.session);
    const auto path = ask.target.path;
    const bool publishes =
        ask.method == rtsp::Method::announce || (session != nullptr && session->record) ||
        (ask.method == rtsp::Method::setup && !ask.transports.empty() && ask.transports.front().record);
    if (access == nullptr || path.empty() || admitted_.contains({path, publishes})) {
        return true;
    }
    const auto verdict =
        access->judge({.publishes = publishes,
                       .path = path,
                       .query = ask.target.query,
                       .method = ask.request.method,
                       .uri = ask.uri,
                       .authorization = std::string{ask.request.headers.value("Authorization")},
                       .peer = me_.peer.to_string()});
    switch (verdict.kind) {
    case RtspVerdict::Kind::accept:
        user_ = verdict.user;
        admitted_.emplace(path, publishes);
        return true;
    case RtspVerdict::Kind::challenge:
        desk_.count("rtsp_challenged", verdict.reason);
        if (!verdict.reason.empty()) {
            reason_ = verdict.reason;
            spdlog::warn("{}: {}: {}", label(), path, verdict.reason);
        }
        core_.challenge(verdict.challenges);
        return false;
    case RtspVerdict::Kind::refuse:
        reason_ = verdict.reason;
        spdlog::warn("{}: {} {}: refused: {}", label(), ask.request.method, path, verdict.reason);
        desk_.count(publishes ? "publish_refused" : "play_refused", verdict.reason);
        core_.refuse(403, verdict.reason);
        return false;
    case RtspVerdict::Kind::redirect:
        desk_.count("rtsp_redirected");
        core_.redirect(verdict.location);
        return false;
    }
    return false;
}

void RtspVisit::session_ended(const std::string& session, std::string_view reason)
{
    core_.forget(session);
    reason_ = reason;
    if (!reason.empty() && channel_ && core_.sessions().empty()) {
        // Nothing is left to be said on this connection: its end tells the client.
        core_.close();
        channel_->cancel();
    }
}

void RtspVisit::disconnect(std::string_view reason)
{
    reason_ = reason;
    const auto sessions = core_.sessions();
    for (const auto& [id, made] : sessions) {
        if (const auto part = room_.find(id)) {
            part->end(reason);
        }
    }
    core_.close();
    channel_->cancel();
}

exchange::SessionInfo RtspVisit::info(Clock::time_point) const
{
    return {.protocol = me_.protocol,
            .remote = me_.remote,
            .since = since_,
            .bytes_in = core_.bytes_in(),
            .bytes_out = me_.wire ? me_.wire->bytes_out() : 0,
            .state = "control",
            .reason = reason_};
}

} // namespace millrace::doors
