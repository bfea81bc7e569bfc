#include <millrace/hub/ingest.hpp>

#include <algorithm>

namespace millrace::hub {
namespace {

constexpr std::chrono::seconds kLongGop{10};
constexpr double kSkewSeconds = 1.0;

} // namespace

Ingest::Ingest(Limits limits) : limits_{limits}, clock_{std::chrono::nanoseconds{0}, limits.clock} {}

void Ingest::begin(std::chrono::nanoseconds wrap, Clock::time_point now)
{
    clock_.restart(wrap);
    aligning_ = !first_;
    first_ = false;
    brought_.clear();
    began_ = now;
    key_seen_.reset();
    meter_ = {};
}

void Ingest::feed(media::Item item, Clock::time_point now, std::vector<Update>& out)
{
    if (auto* frame = std::get_if<media::Frame>(&item)) {
        feed_frame(std::move(*frame), now, out);
    } else if (auto* track = std::get_if<media::Track>(&item)) {
        feed_track(std::move(*track), out);
    } else {
        out.emplace_back(std::move(std::get<media::Metadata>(item)));
    }
}

void Ingest::feed_track(media::Track track, std::vector<Update>& out)
{
    brought_.insert(track.id);
    const auto known = std::ranges::find(tracks_, track.id, &media::Track::id);
    if (known == tracks_.end()) {
        if (tracks_.size() >= limits_.tracks) {
            return;
        }
        tracks_.push_back(track);
    } else if (*known == track) {
        return; // A successor that goes on in the same form.
    } else {
        *known = track;
    }
    out.emplace_back(std::move(track));
}

/// The first video track that the present publisher has brought.
std::optional<media::TrackId> Ingest::picture() const
{
    std::optional<media::TrackId> first;
    for (const auto& track : tracks_) {
        if (track.kind == media::Kind::video && brought_.contains(track.id)) {
            first = std::min(first.value_or(track.id), track.id);
        }
    }
    return first;
}

bool Ingest::waits(const media::Frame& frame, Clock::time_point now) const
{
    const auto first = picture();
    const bool key = first == frame.track && frame.key;
    // Sound that comes before the picture's own header is not yet known to be without a picture.
    const bool may_have_video = first || now - began_ < std::chrono::seconds{1};
    return may_have_video && !key && now - began_ < limits_.key_frame;
}

/// A successor goes on air: what it did not bring is gone.
void Ingest::align(std::vector<Update>& out)
{
    aligning_ = false;
    std::erase_if(tracks_, [&](const media::Track& track) {
        const bool gone = !brought_.contains(track.id);
        if (gone) {
            out.emplace_back(TrackGone{track.id});
        }
        return gone;
    });
}

void Ingest::feed_frame(media::Frame frame, Clock::time_point now, std::vector<Update>& out)
{
    if (aligning_) {
        if (waits(frame, now)) {
            ++waited_out_;
            return;
        }
        align(out);
    }
    const auto mapped = clock_.map(frame.track, frame.dts, now);
    frame.dts = mapped.time;
    frame.composition -= mapped.clamped; // Presentation stays where it was.
    if (frame.kind == media::Kind::video && frame.key && picture() == frame.track) {
        key_seen_ = now;
    }
    meter_.see(frame, now);
    out.emplace_back(std::move(frame));
}

std::vector<std::string> Ingest::warnings(Clock::time_point now) const
{
    std::vector<std::string> warnings;
    const auto quality = meter_.read(now);
    const bool has_video =
        std::ranges::any_of(tracks_, [](const auto& track) { return track.kind == media::Kind::video; });
    if (has_video && now - key_seen_.value_or(began_) > kLongGop) {
        warnings.emplace_back("no key frame for more than 10 s: set the encoder's key-frame interval to 2 s");
    }
    if (std::abs(quality.av_skew_seconds) > kSkewSeconds) {
        warnings.emplace_back("sound and picture arrive more than 1 s apart: players must buffer that much");
    }
    if (clock_.wraps_24_bit() > 0) {
        warnings.emplace_back("timestamps wrapped at 2^24 ms " + std::to_string(clock_.wraps_24_bit()) +
                              " times: the encoder sends no extended timestamps");
    }
    if (clock_.jumps() > 0) {
        warnings.emplace_back("timestamps jumped " + std::to_string(clock_.jumps()) +
                              " times: each jump is a discontinuity for players");
    }
    return warnings;
}

} // namespace millrace::hub
