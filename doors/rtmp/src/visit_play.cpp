// What a connection watches: one live stream, or several, each on a message stream of its own.
#include "play_form.hpp"
#include "visit.hpp"
#include <millrace/exchange/route.hpp>
#include <millrace/exchange/viewer_options.hpp>

#include <spdlog/spdlog.h>

namespace millrace::doors {
namespace {

std::string_view play_status(const Error& error)
{
    return error == exchange::make_error_code(exchange::Errc::no_such_stream)
               ? "NetStream.Play.StreamNotFound"
               : "NetStream.Play.Failed";
}

} // namespace

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

} // namespace millrace::doors
