#include "parts.hpp"

#include <algorithm>

namespace millrace::mp4 {

std::chrono::nanoseconds to_time(std::int64_t units, std::uint32_t timescale)
{
    constexpr std::int64_t kMaxSeconds = 10'000'000;
    constexpr std::int64_t kSecond = 1'000'000'000;
    const auto seconds = std::clamp(units / timescale, -kMaxSeconds, kMaxSeconds);
    return std::chrono::nanoseconds{seconds * kSecond + units % timescale * kSecond / timescale};
}

TrackCursor::TrackCursor(const Movie::Parts& parts, std::size_t track)
    : parts_{&parts}, track_{track}, tables_{parts.tracks[track].tables, parts.file_bytes, parts.limits}
{
}

std::optional<RawSample> TrackCursor::next_raw()
{
    if (auto raw = tables_.next()) {
        return raw;
    }
    const auto& track = parts_->tracks[track_];
    while (samples_ == nullptr || at_ >= samples_->size()) {
        if (fragment_ >= parts_->fragments.size()) {
            return std::nullopt;
        }
        samples_ = std::make_shared<const std::vector<RawSample>>(
            read_samples(parts_->fragments[fragment_], track.defaults, track.begins[fragment_],
                         parts_->file_bytes, parts_->limits));
        ++fragment_;
        at_ = 0;
    }
    return (*samples_)[at_++];
}

const Sample* TrackCursor::peek()
{
    if (ready_) {
        return &sample_;
    }
    const auto raw = next_raw();
    if (!raw) {
        return nullptr;
    }
    const auto& track = parts_->tracks[track_];
    const auto dts = to_time(raw->dts, track.header.timescale);
    sample_ = {.track = track_,
               .offset = raw->offset,
               .size = raw->size,
               .dts = MediaTime{dts + track.shift},
               .composition = to_time(raw->dts + raw->composition, track.header.timescale) - dts,
               .key = raw->key};
    ready_ = true;
    return &sample_;
}

const std::vector<media::Track>& Movie::tracks() const
{
    return parts_->media;
}

std::chrono::nanoseconds Movie::duration() const
{
    return parts_->duration;
}

MediaTime Movie::last() const
{
    return parts_->last;
}

bool Movie::fragmented() const
{
    return !parts_->fragments.empty();
}

const Counters& Movie::counters() const
{
    return parts_->counters;
}

struct Movie::Walker::State {
    std::shared_ptr<const Parts> parts;
    std::vector<std::size_t> tracks;
    std::vector<TrackCursor> cursors;
    std::size_t main = 0; ///< Of the cursors: the one that is sought in.

    void rewind()
    {
        cursors.clear();
        for (const auto track : tracks) {
            cursors.emplace_back(*parts, track);
        }
    }
};

Movie::Walker::Walker(const Movie& movie, const std::vector<std::size_t>& tracks)
    : state_{std::make_unique<State>(State{movie.parts_, tracks, {}, 0})}
{
    const auto video = std::ranges::find_if(
        tracks, [&](std::size_t track) { return movie.tracks()[track].kind == media::Kind::video; });
    state_->main = video == tracks.end() ? 0 : static_cast<std::size_t>(video - tracks.begin());
    state_->rewind();
}

Movie::Walker::~Walker() = default;
Movie::Walker::Walker(Walker&&) noexcept = default;
Movie::Walker& Movie::Walker::operator=(Walker&&) noexcept = default;

std::optional<Sample> Movie::Walker::next()
{
    TrackCursor* first = nullptr;
    for (auto& cursor : state_->cursors) {
        const auto* sample = cursor.peek();
        if (sample != nullptr && (first == nullptr || sample->dts < first->peek()->dts)) {
            first = &cursor;
        }
    }
    if (first == nullptr) {
        return std::nullopt;
    }
    const auto sample = *first->peek();
    first->take();
    return sample;
}

MediaTime Movie::Walker::seek(MediaTime at)
{
    state_->rewind();
    if (state_->cursors.empty()) {
        return {};
    }
    auto& main = state_->cursors[state_->main];
    auto place = main;
    MediaTime found{};
    if (const auto* first = place.peek()) {
        found = first->dts;
    }
    for (auto walking = main; const auto* sample = walking.peek(); walking.take()) {
        if (sample->dts > at) {
            break;
        }
        if (sample->key) {
            place = walking;
            found = sample->dts;
        }
    }
    main = place;
    for (std::size_t i = 0; i < state_->cursors.size(); ++i) {
        auto& cursor = state_->cursors[i];
        while (i != state_->main) {
            const auto* sample = cursor.peek();
            if (sample == nullptr || sample->dts >= found) {
                break;
            }
            cursor.take();
        }
    }
    return found;
}

} // namespace millrace::mp4
