#include "visit.hpp"

#include "play_form.hpp"
#include <millrace/crypto/random.hpp>
#include <millrace/exchange/publish_options.hpp>
#include <millrace/exchange/route.hpp>
#include <millrace/exchange/viewer_options.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>

namespace millrace::doors {
namespace {

constexpr std::chrono::seconds kGoodbye{1};
/// RTMP 1.0 §4: timestamps are 32-bit milliseconds and wrap.
constexpr std::chrono::milliseconds kWrap{std::int64_t{1} << 32};

std::string_view play_status(const Error& error)
{
    return error == exchange::make_error_code(exchange::Errc::no_such_stream)
               ? "NetStream.Play.StreamNotFound"
               : "NetStream.Play.Failed";
}

std::string_view publish_status(const Error& error)
{
    return error == exchange::make_error_code(exchange::Errc::busy) ? "NetStream.Publish.BadName"
                                                                    : "NetStream.Publish.Rejected";
}

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
    end_publishing();
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
    if (publishing_) {
        publishing_->publication->push(items_);
    }
    items_.clear();
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

net::awaitable<void> Visit::on(rtmp::PublishRequested event)
{
    if (publishing_ && publishing_->stream != event.stream) {
        core_.refuse_publish(event.stream, "NetStream.Publish.Rejected",
                             event.path + ": this connection publishes " + path_ +
                                 " already; open another one");
        co_return;
    }
    if (!may(event)) {
        co_return;
    }
    exchange::Claim claim{.stream = event.path,
                          .session = number_,
                          .protocol = protocol(),
                          .remote = caller_.remote,
                          .wrap = kWrap,
                          .route = route_,
                          .backup = exchange::asks_for_reserve(event.query),
                          .kind = event.kind,
                          .on_record = record_news(event.stream)};
    claiming_ = true;
    auto publication = co_await desk_.exchange().publish(desk_, std::move(claim));
    claiming_ = false;
    if (!publication) {
        reason_ = publication.error().message();
        spdlog::warn("{}: may not publish {}: {}", label(), event.path, reason_);
        desk_.count("publish_refused", reason_);
        core_.refuse_publish(event.stream, publish_status(publication.error()), event.path + ": " + reason_);
        co_return;
    }
    spdlog::info("{}: publishes {}", label(), event.path);
    path_ = event.path;
    end_publishing();
    publishing_.reset(new Publishing{event.stream, std::move(*publication), {}});
    core_.accept_publish(event.stream);
    tell_record_news();
}

net::awaitable<void> Visit::on(rtmp::PlayRequested event)
{
    if (!may(event)) {
        co_return;
    }
    if (event.queued) {
        queue_play(event);
        co_return;
    }
    stop_playing(event.stream);
    // A place in a recording: the file comes first. Without a place: what is live.
    bool done = false;
    if (event.start_ms >= 0) {
        done = co_await play_recorded(event);
    }
    if (done) {
        co_return;
    }
    std::string why;
    auto source = co_await desk_.exchange().watch(desk_, event.path, route_, &why);
    if (core_.closed()) {
        co_return; // It may have taken a relay some time.
    }
    if (!source && event.start_ms < -1000) {
        done = co_await play_recorded(event);
    }
    if (done) {
        co_return;
    }
    if (!source) {
        reason_ = why.empty() ? source.error().message() : why;
        spdlog::info("{}: cannot play {}: {}", label(), event.path, reason_);
        desk_.count("play_refused", source.error().message());
        core_.refuse_play(event.stream, play_status(source.error()), event.path + ": " + reason_);
        co_return;
    }
    const auto form = play_form(capabilities_, event, desk_.settings(), (*source)->stream());
    if (!form.refusal_code.empty()) {
        reason_ = form.refusal;
        spdlog::info("{}: cannot play {}", label(), reason_);
        desk_.count("play_refused", form.refusal_code);
        core_.refuse_play(event.stream, form.refusal_code, reason_);
        co_return;
    }
    spdlog::info("{}: plays {}", label(), event.path);
    path_ = event.path;
    if (!route_.empty()) {
        const auto way = co_await desk_.exchange().route_of(event.path);
        core_.notify(event.stream, "status", exchange::kRouteStatus, way);
    }
    core_.accept_play(event.stream);
    out_->say(core_.take_output());
    out_->watch(event.stream, (*source)->stream(), form.packaging,
                exchange::viewer_options(desk_.settings(), event.query));
    playing_.push_back({event.stream, std::move(*source), form.options});
}

void Visit::on(const rtmp::MediaReceived& event)
{
    if (!publishing_ || publishing_->stream != event.stream) {
        return;
    }
    publishing_->bodies.feed(static_cast<flv::TagType>(event.type), event.timestamp, event.payload);
    while (auto item = publishing_->bodies.next()) {
        items_.push_back(std::move(*item));
    }
}

void Visit::on(const rtmp::PublishStopped& event)
{
    if (publishing_ && publishing_->stream == event.stream) {
        publishing_->publication->stopped();
        end_publishing();
    }
}

void Visit::end_publishing()
{
    if (!publishing_) {
        return;
    }
    publishing_->publication->push(items_);
    for (const auto& [name, count] : publishing_->bodies.counters()) {
        desk_.count("flv_tolerated", name, count);
    }
    publishing_.reset();
}

void Visit::on(const rtmp::PlayStopped& event)
{
    stop_playing(event.stream);
}

void Visit::on(const rtmp::PauseRequested& event)
{
    if (auto* player = vod(event.stream)) {
        player->pause(event.paused);
    }
    if (auto* viewer = out_->viewer(event.stream)) {
        event.paused ? viewer->pause() : viewer->resume();
    }
}

void Visit::on(const rtmp::ReceiveChanged& event)
{
    if (auto* player = vod(event.stream)) {
        player->receive(event.audio, event.video);
    }
    auto* viewer = out_->viewer(event.stream);
    if (viewer == nullptr) {
        return;
    }
    if (!event.audio && !event.video) {
        viewer->pause();
        return;
    }
    viewer->select(!event.video   ? hub::Selection::audio_only
                   : !event.audio ? hub::Selection::video_only
                                  : hub::Selection::all);
    viewer->resume();
}

void Visit::stop_playing(rtmp::StreamId stream)
{
    if (auto* player = vod(stream)) {
        player->leave();
        vod_ended(stream);
    }
    out_->unwatch(stream);
    std::erase_if(playing_, [stream](const Playing& playing) { return playing.stream == stream; });
}

void Visit::end_streams()
{
    const auto playing = playing_;
    for (const auto& [stream, source, options] : playing) {
        if (source->over()) {
            stop_playing(stream);
            core_.end_play(stream);
        }
    }
    say();
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
                               .role = publishing_                         ? exchange::Role::publisher
                                       : playing_.empty() && vods_.empty() ? exchange::Role::idle
                                                                           : exchange::Role::viewer,
                               .stream = path_,
                               .remote = caller_.remote,
                               .since = since_,
                               .bytes_in = core_.bytes_in(),
                               .bytes_out = out_->bytes_out(),
                               .state = publishing_ ? "live" : "idle",
                               .reason = reason_};
    if (const auto* viewer = out_->any_viewer()) {
        exchange::describe(*viewer, info);
    }
    if (!publishing_ && !vods_.empty()) {
        info.state = vods_.front()->paused() ? "paused" : "playing";
    }
    for (const auto& playing : playing_) {
        describe_tracks(playing.options, playing.source->stream(), info);
    }
    for (const auto& [name, count] : core_.counters()) {
        info.tolerated.emplace(name, count);
    }
    if (publishing_) {
        for (const auto& [name, count] : publishing_->bodies.counters()) {
            info.tolerated[std::string{name}] += count;
        }
    }
    return info;
}

} // namespace millrace::doors
