#include "vod_player.hpp"

#include "play_form.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace millrace::doors {
namespace {

constexpr std::size_t kBatch = std::size_t{64} << 10U; ///< Sent at once; then others have their turn.
/// Frames that become due within it go out together: players have them long before they need them.
constexpr std::chrono::milliseconds kRide{150};
/// Quirk: FFmpeg cannot begin with an aggregate, so the first second comes plain to whoever wants them.
constexpr std::chrono::seconds kPlain{1};
constexpr auto kNever = Clock::time_point::max();

Bytes joined(const media::Pieces& pieces)
{
    Bytes bytes;
    for (const auto& piece : pieces) {
        bytes.insert(bytes.end(), piece.view().begin(), piece.view().end());
    }
    return bytes;
}

} // namespace

VodPlayer::VodPlayer(exchange::Desk& desk, vod::Shelf& shelf, VodLine& line, rtmp::StreamId stream)
    : desk_{desk}, shelf_{shelf}, line_{&line}, stream_{stream}, muxer_{stream}, pace_{shelf.settings().pace},
      timer_{desk.worker().executor(), kNever}
{
}

void VodPlayer::play(std::unique_ptr<store::Title> title, const rtmp::PlayRequested& wanted)
{
    title_ = std::move(title);
    wanted_ = wanted;
    path_ = wanted.path;
    gathers_ = asks_for_aggregates(wanted.query);
    desk_.worker().spawn(run(shared_from_this()));
}

bool VodPlayer::queue(rtmp::PlayRequested wanted)
{
    if (next_.size() >= kMostQueued) {
        return false;
    }
    next_.push_back(std::move(wanted));
    return true;
}

void VodPlayer::request(rtmp::TransitionRequested transition)
{
    transition_ = std::move(transition);
    ring();
}

void VodPlayer::seek(double ms)
{
    constexpr double kMost = 4294967295.0;
    seek_ = media_ms(static_cast<std::int64_t>(std::clamp(ms, 0.0, kMost)));
    ring();
}

void VodPlayer::pause(bool paused)
{
    paused_ = paused;
    paused ? pace_.pause(Clock::now()) : pace_.resume(Clock::now());
    ring();
}

void VodPlayer::receive(bool audio, bool video)
{
    waits_for_key_ = video && (waits_for_key_ || !video_);
    audio_ = audio;
    video_ = video;
}

void VodPlayer::set_buffer(std::uint32_t ms)
{
    pace_.set_ahead(std::chrono::milliseconds{ms});
    ring();
}

void VodPlayer::room()
{
    ring();
}

void VodPlayer::leave()
{
    line_ = nullptr;
    ring();
}

void VodPlayer::ring()
{
    rung_ = true;
    timer_.cancel();
}

net::awaitable<void> VodPlayer::wait(Clock::time_point until)
{
    if (!std::exchange(rung_, false)) {
        timer_.expires_at(until);
        co_await timer_.async_wait(net::kNoThrow);
        rung_ = false;
    }
}

net::awaitable<void> VodPlayer::run(std::shared_ptr<VodPlayer> self)
{
    auto& player = *self;
    co_await player.go_to_start();
    while (player.line_ != nullptr) {
        if (player.seek_) {
            const auto place = *std::exchange(player.seek_, std::nullopt);
            co_await player.go_to(place);
        } else if (player.transition_) {
            co_await player.prepare_switch();
        } else if (player.paused_) {
            co_await player.wait(kNever);
        } else if (!player.items_.empty()) {
            if (const auto until = player.step(Clock::now()); until > Clock::now()) {
                co_await player.wait(until);
            }
        } else if (!player.at_end_) {
            co_await player.fill();
        } else if (player.switch_) {
            player.switch_over();
        } else {
            const bool more = co_await player.open_next();
            if (!more) {
                player.complete();
            }
        }
    }
}

/// Sends what is due and fits; gives when to look again.
Clock::time_point VodPlayer::step(Clock::time_point now)
{
    if (line_->vod_unsent() > 0) {
        return kNever; // room() will tell.
    }
    media::Pieces out;
    std::size_t bytes = 0;
    auto until = now;
    while (!items_.empty() && bytes < kBatch) {
        if (const auto* frame = std::get_if<media::Frame>(&items_.front())) {
            if (end_ && frame->dts >= *end_) {
                items_.clear();
                at_end_ = true;
                break;
            }
            if (switch_ && frame->dts >= switch_->at) {
                break;
            }
            if (const auto due = pace_.due(frame->dts); due > now) {
                until = due + kRide;
                break;
            }
            position_ = frame->dts;
            bytes += frame->payload.size();
        }
        mux(std::move(items_.front()), out);
        items_.pop_front();
    }
    muxer_.finish(out);
    if (auto sent = joined(out); !sent.empty()) {
        bytes_ += sent.size();
        line_->vod_send(std::move(sent));
    }
    const auto* next = items_.empty() ? nullptr : std::get_if<media::Frame>(&items_.front());
    if (switch_ && next != nullptr && next->dts >= switch_->at) {
        switch_over();
    }
    return until;
}

bool VodPlayer::wants(const media::Frame& frame)
{
    if (frame.kind == media::Kind::audio) {
        return audio_;
    }
    if (frame.kind == media::Kind::video) {
        waits_for_key_ = waits_for_key_ && !frame.key;
        return video_ && !waits_for_key_;
    }
    return true;
}

void VodPlayer::mux(media::Item item, media::Pieces& out)
{
    if (auto* frame = std::get_if<media::Frame>(&item)) {
        if (wants(*frame)) {
            if (gathers_ && frame->dts >= plain_until_) {
                muxer_.gather();
            }
            frame->dts += offset_;
            muxer_.write(*frame, std::exchange(fresh_, false), out);
        }
    } else if (const auto* track = std::get_if<media::Track>(&item)) {
        muxer_.write(*track, position_ + offset_, out);
    }
}

/// What a player must know before the media from there on.
void VodPlayer::begin_at(MediaTime at)
{
    muxer_ = rtmp::Muxer{stream_};
    fresh_ = true;
    media::Pieces unused;
    for (const auto& track : title_->head().tracks) {
        muxer_.write(track, at + offset_, unused);
    }
    media::Pieces out;
    muxer_.prologue(title_->head(), at + offset_, out);
    position_ = at;
    plain_until_ = at + kPlain;
    pace_.begin(at, Clock::now());
    line_->vod_send(joined(out));
}

void VodPlayer::complete()
{
    const auto seconds = std::chrono::duration<double>{title_->duration()}.count();
    auto* line = std::exchange(line_, nullptr);
    line->vod_core().complete_play(stream_, seconds, static_cast<double>(bytes_));
    line->vod_send({});
    line->vod_ended(stream_);
}

void VodPlayer::fail(const std::string& what, const Error& error)
{
    spdlog::warn("{}: {}: {}", path_, what, error.message());
    desk_.count("vod_errors", error.code().message());
}

} // namespace millrace::doors
