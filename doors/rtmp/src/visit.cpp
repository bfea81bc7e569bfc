#include "visit.hpp"

#include "play_form.hpp"
#include <millrace/crypto/random.hpp>
#include <millrace/exchange/route.hpp>

#include <spdlog/spdlog.h>

namespace millrace::doors {
namespace {

constexpr std::chrono::seconds kGoodbye{1};

} // namespace

Visit::Visit(exchange::Desk& desk, objects::Shelf& shelf, net::Caller caller, const RtmpOffer& offer)
    : desk_{desk}, caller_{std::move(caller)}, since_{WallTime::clock::now()}, number_{desk.enter(*this)},
      core_{Clock::now(),
            [](std::span<std::uint8_t> bytes) { crypto::random_fill(bytes); },
            {},
            {.encryption = offer.encryption}},
      out_{std::make_shared<exchange::ViewerSocket>(caller_.channel)}, access_{offer.access}, shelf_{shelf},
      films_{offer.shelf}
{
    caller_.channel->prepare();
    // Viewers are let go after the stream has told all of them.
    out_->on_ended = [this] {
        desk_.worker().post([weak = weak_from_this()] {
            if (const auto self = weak.lock()) {
                self->end_streams();
            }
        });
    };
}

Visit::~Visit()
{
    leave_objects();
    leave_vods();
    out_->detach();
    for (const auto& [name, count] : core_.counters()) {
        desk_.count("rtmp_tolerated", name, count);
    }
    desk_.leave(number_);
}

net::awaitable<void> Visit::listen(std::shared_ptr<Visit> visit)
{
    while (!visit->core_.closed()) {
        const auto error = co_await visit->caller_.channel->readable();
        if (error || visit->core_.closed() || !visit->receive()) {
            break;
        }
        co_await visit->drain();
        visit->say();
    }
    co_await visit->say_goodbye();
}

/// Gives the core what has come; false when nothing more will.
bool Visit::receive()
{
    const auto inbox = desk_.inbox();
    const auto got = caller_.channel->receive_now(inbox);
    if (got.would_block) {
        return true;
    }
    if (got.error || got.bytes == 0) {
        return false;
    }
    if (const auto fed = core_.feed(inbox.first(got.bytes), Clock::now()); !fed) {
        closed_by("protocol", fed.error());
    }
    if (core_.encrypted()) {
        encipher();
    }
    return true;
}

/// Once the handshake of RTMPE is done, all that goes out passes through its cipher.
void Visit::encipher()
{
    if (core_.has_output()) {
        out_->say(core_.take_output());
    }
    if (auto cipher = core_.take_output_cipher()) {
        auto shared = std::make_shared<rtmp::OutputCipher>(std::move(*cipher));
        out_->encipher([shared](std::span<std::uint8_t> bytes) { shared->apply(bytes); });
    }
}

/// "rtmp", "rtmps", "rtmpte", …: what carries it, in the letters of the URL schemes.
std::string Visit::protocol() const
{
    return std::string{"rtmp"} + (caller_.tunnel ? "t" : "") + (core_.encrypted() ? "e" : "") +
           (caller_.tls ? "s" : "");
}

std::string Visit::label() const
{
    return exchange::session_id(number_) + " " + protocol() + " " + caller_.remote;
}

void Visit::tick(Clock::time_point now)
{
    if (core_.closed() || now < core_.deadline()) {
        return;
    }
    const auto ticked = core_.tick(now);
    say();
    if (!ticked) {
        closed_by("deadline", ticked.error());
        caller_.channel->cancel();
    }
}

net::awaitable<void> Visit::say_goodbye()
{
    core_.close();
    leave_objects();
    end_publications();
    leave_vods();
    for (const auto& playing : playing_) {
        out_->unwatch(playing.stream);
    }
    say();
    co_await out_->finish(kGoodbye);
}

void Visit::say()
{
    if (core_.has_output()) {
        out_->say(core_.take_output());
    }
    out_->flush(Clock::now());
}

void Visit::closed_by(std::string_view who, const Error& error)
{
    reason_ = error.message();
    spdlog::info("{}: closed: {}", label(), reason_);
    desk_.count(who == "deadline" ? "rtmp_timeouts" : "rtmp_errors", error.code().message());
}

net::awaitable<void> Visit::drain()
{
    while (auto event = core_.next_event()) {
        if (auto* media = std::get_if<rtmp::MediaReceived>(&*event)) {
            on(*media);
        } else if (auto* connect = std::get_if<rtmp::ConnectRequested>(&*event)) {
            co_await on(std::move(*connect));
        } else if (auto* publish = std::get_if<rtmp::PublishRequested>(&*event)) {
            co_await on(std::move(*publish));
        } else if (auto* play = std::get_if<rtmp::PlayRequested>(&*event)) {
            co_await on(std::move(*play));
        } else if (const auto* unpublish = std::get_if<rtmp::PublishStopped>(&*event)) {
            on(*unpublish);
        } else if (const auto* stop = std::get_if<rtmp::PlayStopped>(&*event)) {
            on(*stop);
        } else if (const auto* pause = std::get_if<rtmp::PauseRequested>(&*event)) {
            on(*pause);
        } else if (const auto* receive = std::get_if<rtmp::ReceiveChanged>(&*event)) {
            on(*receive);
        } else if (auto* object = std::get_if<rtmp::SharedObjectReceived>(&*event)) {
            co_await on(std::move(*object));
        } else if (const auto* seek = std::get_if<rtmp::SeekRequested>(&*event)) {
            on(*seek);
        } else if (const auto* transition = std::get_if<rtmp::TransitionRequested>(&*event)) {
            on(*transition);
        } else if (auto* length = std::get_if<rtmp::StreamLengthRequested>(&*event)) {
            co_await on(std::move(*length));
        } else if (const auto* buffer = std::get_if<rtmp::BufferLengthSet>(&*event)) {
            on(*buffer);
        }
    }
    push();
}

net::awaitable<void> Visit::on(rtmp::ConnectRequested event)
{
    if (const auto* route = event.properties.find(exchange::kRouteProperty)) {
        route_ = route->text();
    }
    capabilities_ = event.capabilities;
    admit(event);
    co_return;
}

void Visit::disconnect(std::string_view reason)
{
    reason_ = reason;
    spdlog::info("{}: disconnected: {}", label(), reason);
    desk_.count("sessions_disconnected");
    core_.disconnect(reason);
    say();
    caller_.channel->cancel();
}

exchange::SessionInfo Visit::info(Clock::time_point) const
{
    exchange::SessionInfo info{.protocol = protocol(),
                               .role = !publishing_.empty()                ? exchange::Role::publisher
                                       : playing_.empty() && vods_.empty() ? exchange::Role::idle
                                                                           : exchange::Role::viewer,
                               .stream = path_,
                               .remote = caller_.remote,
                               .since = since_,
                               .bytes_in = core_.bytes_in(),
                               .bytes_out = out_->bytes_out(),
                               .state = publishing_.empty() ? "idle" : "live",
                               .reason = reason_};
    if (const auto* viewer = out_->any_viewer()) {
        exchange::describe(*viewer, info);
    }
    if (publishing_.empty() && !vods_.empty()) {
        info.state = vods_.front()->paused() ? "paused" : "playing";
    }
    for (const auto& playing : playing_) {
        describe_tracks(playing.options, playing.source->stream(), info);
    }
    for (const auto& [name, count] : core_.counters()) {
        info.tolerated.emplace(name, count);
    }
    for (const auto& publishing : publishing_) {
        for (const auto& [name, count] : publishing.bodies.counters()) {
            info.tolerated[std::string{name}] += count;
        }
    }
    return info;
}

} // namespace millrace::doors
