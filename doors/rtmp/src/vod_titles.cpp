// A player's dealings with files: each on a file thread, and after each the player may have been told to
// leave.
#include "vod_player.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace millrace::doors {
namespace {

constexpr std::size_t kBlock = std::size_t{128} << 10U;   ///< Read at once, and most that waits to be sent.
constexpr std::size_t kSearched = std::size_t{32} << 20U; ///< For the next key frame of another version.

MediaTime start_of(const rtmp::PlayRequested& wanted)
{
    return media_ms(static_cast<std::int64_t>(std::clamp(wanted.start_ms, 0.0, 4294967295.0)));
}

} // namespace

net::awaitable<void> VodPlayer::fill()
{
    std::vector<media::Item> items;
    auto read = [title = title_.get(), &items] { return title->read(kBlock, items); };
    const auto more = co_await shelf_.run(read);
    if (!more) {
        fail("cannot be read", more.error());
    }
    if (seek_) {
        co_return; // Nobody wants these any more.
    }
    at_end_ = !more.value_or(false);
    std::ranges::move(items, std::back_inserter(items_));
}

/// To where what is wanted of the title begins.
net::awaitable<void> VodPlayer::go_to_start()
{
    const auto start = start_of(wanted_);
    auto look = [title = title_.get(), start] { return title->seek(start); };
    const auto found = co_await shelf_.run(look);
    if (line_ == nullptr) {
        co_return;
    }
    if (!found) {
        fail("cannot be read", found.error());
    }
    const auto at = found.value_or(MediaTime{});
    items_.clear();
    at_end_ = !found;
    end_.reset();
    if (wanted_.duration_ms == 0) {
        end_ = at + std::chrono::nanoseconds{1}; // A single frame.
    } else if (wanted_.duration_ms > 0) {
        end_ = start + std::chrono::milliseconds{static_cast<std::int64_t>(wanted_.duration_ms)};
    }
    if (begun_) {
        // The next of a playlist: its times go on where those of the last one ended.
        constexpr std::chrono::milliseconds kGap{40};
        offset_ += position_ + kGap - at;
    } else if (wanted_.start_ms > 0) {
        // Quirk: librtmp, which resumes so, counts from 0 at the place that it asked for, and adds that
        // itself.
        offset_ = MediaTime{} - at;
    }
    begun_ = true;
    begin_at(at);
}

net::awaitable<void> VodPlayer::go_to(MediaTime place)
{
    auto look = [title = title_.get(), place] { return title->seek(place); };
    const auto found = co_await shelf_.run(look);
    if (line_ == nullptr || seek_) {
        co_return;
    }
    if (!found) {
        fail("cannot be sought in", found.error());
        line_->vod_core().refuse_seek(stream_, found.error().message());
        line_->vod_send({});
        co_return;
    }
    items_.clear();
    switch_.reset();
    at_end_ = false;
    offset_ = {}; // From here on the times are the file's own.
    line_->vod_core().accept_seek(stream_);
    begin_at(*found);
}

/// The next one of the playlist that can be opened; false when there is none.
net::awaitable<bool> VodPlayer::open_next()
{
    while (!next_.empty()) {
        auto wanted = std::move(next_.front());
        next_.pop_front();
        auto title = co_await shelf_.open(wanted.path, wanted.form);
        if (line_ == nullptr) {
            co_return true;
        }
        if (title) {
            spdlog::info("{}: goes on with {}", path_, wanted.path);
            title_ = std::move(*title);
            path_ = wanted.path;
            wanted_ = std::move(wanted);
            line_->vod_core().switch_play(stream_, true);
            co_await go_to_start();
            co_return true;
        }
        line_->vod_core().notify(stream_, "error", "NetStream.Play.StreamNotFound",
                                 wanted.path + ": " + title.error().message());
        line_->vod_send({});
    }
    co_return false;
}

/// Grants play2 or refuses it. A switch takes place at the first key frame of the other version that lies
/// ahead.
net::awaitable<void> VodPlayer::prepare_switch()
{
    auto transition = *std::exchange(transition_, std::nullopt);
    const auto& kind = transition.transition;
    auto refusal = [&](const std::string& why) {
        line_->vod_core().notify(stream_, "error", "NetStream.Play.Failed",
                                 transition.wanted.path + ": " + why);
        line_->vod_send({});
    };
    auto title = co_await shelf_.open(transition.wanted.path, transition.wanted.form);
    if (line_ == nullptr) {
        co_return;
    }
    if (!title) {
        refusal(title.error().message());
        co_return;
    }
    if (kind == "append") {
        line_->vod_core().begin_transition(stream_, transition.wanted.path);
        line_->vod_send({});
        queue(std::move(transition.wanted));
        co_return;
    }
    if (!kind.empty() && kind != "switch" && kind != "swap") {
        refusal("a transition of the kind " + kind + " is not known: use switch, swap or append");
        co_return;
    }
    Switch ready{.title = std::move(*title), .path = transition.wanted.path};
    auto search = [&ready, from = position_]() -> Result<bool> {
        if (const auto sought = ready.title->seek(from); !sought) {
            return Unexpected{sought.error()};
        }
        std::vector<media::Item> items;
        for (std::size_t read = 0; read < kSearched; read += kBlock) {
            const auto more = ready.title->read(kBlock, items);
            if (!more) {
                return Unexpected{more.error()};
            }
            const auto key = std::ranges::find_if(items, [from](const media::Item& item) {
                const auto* frame = std::get_if<media::Frame>(&item);
                return frame != nullptr && frame->kind == media::Kind::video && frame->key &&
                       frame->dts > from;
            });
            if (key != items.end()) {
                ready.at = std::get<media::Frame>(*key).dts;
                ready.items.assign(std::make_move_iterator(key), std::make_move_iterator(items.end()));
                ready.at_end = !*more;
                return true;
            }
            items.clear();
            if (!*more) {
                return false;
            }
        }
        return false;
    };
    const auto found = co_await shelf_.run(search);
    if (line_ == nullptr) {
        co_return;
    }
    if (!found.value_or(false)) {
        refusal(found ? "it has no key frame behind this place" : found.error().message());
        co_return;
    }
    line_->vod_core().begin_transition(stream_, ready.path);
    line_->vod_send({});
    switch_ = std::move(ready);
}

void VodPlayer::switch_over()
{
    auto ready = std::move(*switch_);
    switch_.reset();
    spdlog::info("{}: gives way to {}", path_, ready.path);
    title_ = std::move(ready.title);
    path_ = std::move(ready.path);
    items_ = std::move(ready.items);
    at_end_ = ready.at_end;
    const auto kept = pace_;
    line_->vod_core().end_transition(stream_, path_);
    begin_at(ready.at);
    pace_ = kept; // The clock goes on.
}

} // namespace millrace::doors
