#include <millrace/clients/checkup.hpp>

#include <algorithm>

namespace millrace::clients {
namespace {

constexpr std::chrono::milliseconds kSettling{500};

double seconds(std::chrono::nanoseconds duration)
{
    return std::chrono::duration<double>{duration}.count();
}

} // namespace

void Checkup::see(const media::Item& item, Clock::time_point now)
{
    if (const auto* track = std::get_if<media::Track>(&item)) {
        tracks_[track->id].track = *track;
    } else if (const auto* frame = std::get_if<media::Frame>(&item)) {
        see_frame(*frame, now);
    }
}

void Checkup::see_frame(const media::Frame& frame, Clock::time_point now)
{
    const auto time = timeline_.map(frame, now);
    first_ = first_.value_or(now);
    if (now - *first_ >= kSettling) {
        if (!settled_) {
            settled_ = now;
            settled_position_ = timeline_.position();
        }
        meter_.see(frame, now);
    }
    auto& seen = tracks_[frame.track];
    if (seen.frames == 0) {
        seen.first = time;
    } else if (frame.dts < seen.source) {
        ++steps_back_;
    }
    ++seen.frames;
    seen.last_bytes = frame.payload.size();
    seen.bytes += seen.last_bytes;
    seen.newest = time;
    seen.source = frame.dts;
    if (frame.kind == media::Kind::video) {
        picture_ = std::min(picture_.value_or(frame.track), frame.track);
        if (frame.key && frame.track == *picture_) {
            see_key(time);
        }
    }
}

void Checkup::see_key(MediaTime time)
{
    if (last_key_) {
        gop_ = time - *last_key_;
        gop_longest_ = std::max(gop_longest_, gop_);
    }
    last_key_ = time;
}

double Checkup::speed(Clock::time_point now) const
{
    if (!settled_ || now - *settled_ < kSettling) {
        return 1;
    }
    return seconds(timeline_.position() - settled_position_) / seconds(now - *settled_);
}

StreamReport Checkup::report(Clock::time_point now) const
{
    StreamReport report{.speed = speed(now),
                        .gop_seconds = seconds(gop_),
                        .gop_longest_seconds = seconds(gop_longest_),
                        .steps_back = steps_back_};
    if (first_) {
        report.seconds = seconds(now - *first_);
        report.first_frame_seconds = seconds(*first_ - asked_);
    }
    const auto quality = meter_.read(now);
    report.av_skew_seconds = quality.av_skew_seconds;
    for (const auto& [id, seen] : tracks_) {
        if (seen.track.kind == media::Kind::data) {
            continue;
        }
        TrackReport track{.track = seen.track, .frames = seen.frames};
        // The newest frame lasts until the next one, which has not come.
        if (const double span = seconds(seen.newest - seen.first); span > 0) {
            track.bitrate = static_cast<double>(seen.bytes - seen.last_bytes) * 8 / span;
            track.fps = static_cast<double>(seen.frames - 1) / span;
        }
        if (const auto measured = quality.tracks.find(id); measured != quality.tracks.end()) {
            track.gaps = measured->second.gaps;
            track.jitter_seconds = measured->second.jitter_seconds;
        }
        report.bitrate += track.bitrate;
        report.bytes += seen.bytes;
        report.tracks.push_back(std::move(track));
    }
    return report;
}

} // namespace millrace::clients
