// Recordings, as one connection plays and makes them.
#include "visit.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace millrace::doors {
namespace {

bool is_missing(const Error& error)
{
    return error == store::make_error_code(store::Errc::not_found) ||
           error == store::make_error_code(store::Errc::bad_name);
}

} // namespace

/// Plays a file, or says what is wrong with it. False: there is none of that name, and nothing was said.
net::awaitable<bool> Visit::play_recorded(const rtmp::PlayRequested& event)
{
    if (films_ == nullptr) {
        co_return false;
    }
    auto title = co_await films_->open(event.path, event.form);
    if (core_.closed()) {
        co_return true;
    }
    const bool only_there = event.start_ms > 0;
    if (!title && is_missing(title.error()) && !only_there) {
        co_return false;
    }
    if (!title) {
        reason_ = title.error().message();
        spdlog::info("{}: cannot play the recording {}: {}", label(), event.path, reason_);
        desk_.count("play_refused", reason_);
        core_.refuse_play(event.stream,
                          is_missing(title.error()) ? "NetStream.Play.StreamNotFound"
                                                    : "NetStream.Play.FileStructureInvalid",
                          event.path + ": " + reason_);
        co_return true;
    }
    spdlog::info("{}: plays the recording {} from {} ms", label(), event.path, std::max(0.0, event.start_ms));
    desk_.count("recordings_played");
    path_ = event.path;
    core_.accept_play(event.stream, true);
    auto player = std::make_shared<VodPlayer>(desk_, *films_, static_cast<VodLine&>(*this), event.stream);
    player->set_buffer(buffer_ms_);
    player->play(std::move(*title), event);
    vods_.push_back(std::move(player));
    out_->on_room = [this] {
        for (const auto& each : vods_) {
            each->room();
        }
    };
    co_return true;
}

void Visit::queue_play(const rtmp::PlayRequested& event)
{
    auto* player = vod(event.stream);
    if (player == nullptr) {
        core_.notify(event.stream, "error", "NetStream.Play.Failed",
                     event.path + ": a live stream has no end to be queued behind");
    } else if (!player->queue(event)) {
        core_.notify(event.stream, "error", "NetStream.Play.Failed",
                     event.path + ": a playlist has at most " + std::to_string(VodPlayer::kMostQueued) +
                         " entries");
    }
}

void Visit::on(const rtmp::TransitionRequested& event)
{
    if (const auto no = why_not_play(event.wanted.path); !no.empty()) {
        core_.notify(event.stream, "error", "NetStream.Play.Failed", no);
    } else if (auto* player = vod(event.stream)) {
        player->request(event);
    } else {
        core_.notify(event.stream, "error", "NetStream.Play.Failed",
                     event.wanted.path + ": only recordings have other versions to change to");
    }
}

void Visit::on(const rtmp::SeekRequested& event)
{
    if (auto* player = vod(event.stream)) {
        player->seek(event.position_ms);
    }
}

void Visit::on(const rtmp::BufferLengthSet& event)
{
    buffer_ms_ = event.ms;
    if (auto* player = vod(event.stream)) {
        player->set_buffer(event.ms);
    }
}

/// What play without a start would play: 0 for a live stream, and for what is not there.
net::awaitable<void> Visit::on(rtmp::StreamLengthRequested event)
{
    double seconds = 0;
    const bool live = co_await desk_.exchange().live(event.path);
    if (!live && films_ != nullptr) {
        const auto title = co_await films_->open(event.path, event.form);
        if (title) {
            seconds = std::chrono::duration<double>{(*title)->duration()}.count();
        }
    }
    core_.answer_stream_length(event, seconds);
}

VodPlayer* Visit::vod(rtmp::StreamId stream) const
{
    const auto at = std::ranges::find(vods_, stream, [](const auto& player) { return player->stream(); });
    return at == vods_.end() ? nullptr : at->get();
}

void Visit::vod_send(Bytes bytes)
{
    if (core_.has_output()) {
        out_->say(core_.take_output());
    }
    if (!bytes.empty()) {
        out_->say(std::move(bytes));
    }
    out_->flush(Clock::now());
}

void Visit::vod_ended(rtmp::StreamId stream)
{
    std::erase_if(vods_, [stream](const auto& player) { return player->stream() == stream; });
}

void Visit::leave_vods()
{
    for (const auto& player : std::exchange(vods_, {})) {
        player->leave();
    }
    out_->on_room = {};
}

/// To be called on any thread; what it is told comes to this worker, and waits until the publication is
/// accepted: clients take the first status for the answer to publish.
exchange::RecordNews Visit::record_news(rtmp::StreamId stream)
{
    return [weak = weak_from_this(), &worker = desk_.worker(),
            stream](std::string_view level, std::string_view code, const std::string& text) {
        worker.post([weak, news = RecordStatus{stream, std::string{level}, std::string{code}, text}] {
            if (const auto self = weak.lock()) {
                self->record_news_.push_back(news);
                self->tell_record_news();
                self->say();
            }
        });
    };
}

void Visit::tell_record_news()
{
    if (claiming_) {
        return;
    }
    for (const auto& news : std::exchange(record_news_, {})) {
        core_.notify(news.stream, news.level, news.code, news.text);
    }
}

} // namespace millrace::doors
