#include "lane.hpp"
#include "sample_count.hpp"
#include "writer.hpp"
#include <millrace/mp4/fragments.hpp>
#include <millrace/mpegts/id3.hpp>
#include <millrace/mpegts/muxer.hpp>

#include <algorithm>
#include <cmath>

namespace millrace::hls {
namespace {

using media::Kind;

constexpr Nanoseconds kTolerance =
    std::chrono::milliseconds{20}; ///< Of key frames that mean the same moment.
constexpr Nanoseconds kStraggle =
    std::chrono::seconds{1};       ///< A picture without a key frame is cut so much late.
constexpr std::size_t kBehind = 3; ///< Boundaries that a silent track may be behind.

} // namespace

Packager::Packager(Settings settings, Start start)
    : rules_{.settings = settings, .token = start.token}, start_{std::move(start)}, next_msn_{start_.msn},
      discontinuity_{start_.discontinuity}
{
    tag_next_ = start_.continues;
}

Packager::~Packager() = default;

Packager::Lane* Packager::lane(media::TrackId id)
{
    const auto at = lanes_.find(id);
    return at == lanes_.end() ? nullptr : at->second.get();
}

void Packager::hear(MediaTime newest, WallTime wall)
{
    const auto clock =
        std::chrono::duration_cast<Nanoseconds>(wall.time_since_epoch()) - newest.time_since_epoch();
    heard_ = heard_ ? std::min(*heard_, clock) : clock;
}

void Packager::interrupt(bool anew)
{
    interrupted_ = running_;
    ended_ = false;
    rebase_ = anew && running_;
    heard_.reset();
}

void Packager::take(const media::Frame& arrived, Clock::time_point now)
{
    if (arrived.kind == Kind::data) {
        announce(arrived, now);
        return;
    }
    auto* known = lane(arrived.track);
    if (known == nullptr || arrived.payload.empty()) {
        return;
    }
    if (!known->carried()) {
        mp4::fill_from_frame(known->track, arrived.payload);
        examine(*known);
        if (!known->carried()) {
            return;
        }
    }
    auto frame = arrived;
    if (rebase_) {
        rebase_ = false;
        base_ = newest_of_all_ + kTolerance * 2 - frame.dts;
    }
    frame.dts += base_;
    newest_of_all_ = std::max(newest_of_all_, frame.dts);
    ended_ = false;
    if (running_ && frame.track == leader_) {
        lead(frame, now);
        return;
    }
    if (held_ >= rules_.settings.held_frames) {
        ++dropped_;
        return;
    }
    ++held_;
    known->held.push_back(std::move(frame));
    if (!running_) {
        if (gathered()) {
            begin_all(now);
        }
    } else if (known->held.back().dts - leader_seen_ > kPatience) {
        leaderless_ = true;
        release(known->held.back().dts, now);
        leaderless_ = false;
        leave_behind(now);
    }
}

/// Timed metadata: in fMP4 as ID3 in an event beside the leader's samples, in MPEG-TS as a stream of its own.
void Packager::announce(const media::Frame& arrived, Clock::time_point now)
{
    if (!running_ || rebase_) {
        return;
    }
    auto frame = arrived;
    frame.dts += base_;
    if (rules_.settings.container == Container::ts) {
        for (const auto& seat : seats_) {
            seat->rendition->take(frame, now);
        }
        return;
    }
    if (auto id3 = mpegts::id3_of_script(frame.payload); !id3.empty()) {
        lane(leader_)->seats.front()->rendition->tell(SharedBytes{std::move(id3)}, frame.pts());
    }
}

/// Whether all that is expected has come: picture and sound, or one of them for long enough.
bool Packager::gathered() const
{
    bool picture = false;
    bool sound = false;
    std::optional<MediaTime> first;
    for (const auto& [id, candidate] : lanes_) {
        if (candidate->held.empty()) {
            continue;
        }
        const bool video = candidate->track.kind == Kind::video;
        picture = picture || (video && candidate->held.size() > 2);
        sound = sound || (!video && candidate->held.size() > 2);
        first = std::min(first.value_or(candidate->held.front().dts), candidate->held.front().dts);
    }
    return (picture && sound) || (first && newest_of_all_ - *first >= rules_.settings.gather);
}

void Packager::begin_all(Clock::time_point now)
{
    arrange();
    auto* first = lane(leader_);
    auto waiting = std::move(first->held);
    first->held.clear();
    held_ -= waiting.size();
    while (!waiting.empty() && !waiting.front().key && waiting.front().kind == Kind::video &&
           newest_of_all_ - waiting.front().dts < rules_.settings.longest) {
        waiting.pop_front();
    }
    if (waiting.empty()) {
        return;
    }
    running_ = true;
    first->held = waiting; // The usual durations are measured here.
    choose_part_target();
    first->held.clear();
    interrupted_ = true;
    newest_ = waiting.front().dts;
    leader_seen_ = newest_;
    for (const auto& frame : waiting) {
        lead(frame, now);
    }
}

Nanoseconds Packager::usual_duration(const Lane& lane) const
{
    constexpr std::size_t kEnough = 3;
    const auto scale = mp4::timescale_of(lane.track);
    if (lane.track.kind == Kind::audio && !lane.held.empty()) {
        if (const auto samples = sample_count(lane.track, lane.held.front().payload)) {
            return Nanoseconds{std::int64_t{1'000'000'000} * *samples / scale};
        }
    }
    if (lane.held.size() >= kEnough) {
        return (lane.held.back().dts - lane.held.front().dts) /
               static_cast<std::int64_t>(lane.held.size() - 1);
    }
    constexpr double kUsual = 25;
    const double fps = lane.track.fps > 0 ? lane.track.fps : kUsual;
    return Nanoseconds{std::llround(1e9 / fps)};
}

/// The least part target that lets parts of all tracks fill at least 85 % of it (rfc8216bis §4.4.4.9).
void Packager::choose_part_target()
{
    const auto& settings = rules_.settings;
    if (!settings.has_parts() || rules_.part_target > Nanoseconds{0}) {
        return;
    }
    constexpr Nanoseconds kStep = std::chrono::milliseconds{5};
    constexpr Nanoseconds kRounding = std::chrono::milliseconds{1};
    std::vector<Nanoseconds> frames;
    for (const auto& [id, candidate] : lanes_) {
        if (candidate->carried()) {
            frames.push_back(std::max<Nanoseconds>(usual_duration(*candidate), kRounding));
        }
    }
    const auto fits = [&](Nanoseconds target) {
        return std::ranges::all_of(frames, [&](Nanoseconds frame) {
            return (target + kRounding) / frame * frame * 100 >= target * 87;
        });
    };
    auto target = settings.part;
    while (!fits(target) && target < settings.segment) {
        target += kStep;
    }
    rules_.part_target = target;
}

void Packager::lead(const media::Frame& frame, Clock::time_point now)
{
    if (cuts(frame)) {
        const bool tagged = std::exchange(interrupted_, false) && next_msn_ != start_.msn;
        cut(frame.dts, tagged);
        open_bytes_ = 0;
    }
    newest_ = frame.dts;
    leader_seen_ = frame.dts;
    open_bytes_ += frame.payload.size();
    release(frame.dts, now);
    deliver(*lane(frame.track), frame, now);
    leave_behind(now);
    settle_target();
}

/// Whether a segment begins with this frame of the leader.
bool Packager::cuts(const media::Frame& frame)
{
    constexpr Nanoseconds kHalf = std::chrono::milliseconds{490}; ///< A rounded second is no longer.
    constexpr Nanoseconds kHole = std::chrono::milliseconds{1500};
    if (interrupted_ || boundaries_.empty()) {
        last_was_forced_ = false;
        return true;
    }
    const auto& settings = rules_.settings;
    const auto elapsed = frame.dts - boundaries_.back().at;
    const auto usual = lead_rendition().frame_duration();
    if (frame.dts - newest_ > std::max(kHole, 4 * usual)) {
        interrupted_ = true;
        return true;
    }
    const auto due = last_was_forced_ ? settings.segment / 2 : settings.segment;
    if (frame.key && elapsed + kTolerance >= due) {
        last_was_forced_ = false;
        return true;
    }
    const auto limit = target_ > Nanoseconds{0} ? target_ : settings.longest;
    if (elapsed + usual > limit + kHalf || open_bytes_ + frame.payload.size() > settings.segment_bytes) {
        ++forced_cuts_;
        last_was_forced_ = true;
        return true;
    }
    return false;
}

/// The leader is silent: a frame of another track says how late it is.
void Packager::lead_by_another(const media::Frame& frame)
{
    newest_ = frame.dts;
    if (boundaries_.empty() || frame.dts - boundaries_.back().at < rules_.settings.segment) {
        return;
    }
    cut(frame.dts, false);
    last_was_forced_ = true;
}

void Packager::cut(MediaTime at, bool discontinuous)
{
    const bool tagged = discontinuous || std::exchange(tag_next_, false);
    discontinuity_ += tagged ? 1 : 0;
    move_clock(discontinuous);
    const auto wall = WallTime{std::chrono::duration_cast<WallTime::duration>(
        at.time_since_epoch() + clock_.value_or(Nanoseconds{}))};
    if (tagged || !period_) {
        period_ = {at, wall};
    }
    boundaries_.push_back({next_msn_++, discontinuity_, tagged, at, wall, period_->first, period_->second});
}

/// Program date times follow what is heard, by small steps; at a break they jump (rfc8216bis §4.4.4.6).
void Packager::move_clock(bool anew)
{
    constexpr Nanoseconds kMostStep = std::chrono::milliseconds{10};
    if (!heard_) {
        return;
    }
    const auto heard = *heard_ - base_;
    clock_ = !clock_ || anew ? heard : *clock_ + std::clamp(heard - *clock_, -kMostStep, kMostStep);
    heard_.reset();
}

/// Hands on what belongs before a time, in the order of decode times.
void Packager::release(MediaTime before, Clock::time_point now)
{
    for (;;) {
        Lane* first = nullptr;
        for (const auto& [id, candidate] : lanes_) {
            if (candidate->held.empty()) {
                continue;
            }
            const auto slack = candidate->track.kind == Kind::video ? kTolerance : Nanoseconds{0};
            const bool due = candidate->held.front().dts + slack < before;
            if (due && (first == nullptr || candidate->held.front().dts < first->held.front().dts)) {
                first = candidate.get();
            }
        }
        if (first == nullptr) {
            return;
        }
        const auto frame = std::move(first->held.front());
        first->held.pop_front();
        --held_;
        if (leaderless_) {
            lead_by_another(frame);
        }
        deliver(*first, frame, now);
    }
}

bool Packager::begins(const Seat& seat, const Lane& lane, const media::Frame& frame) const
{
    if (seat.next >= next_msn_ || boundaries_.empty() || seat.next < boundaries_.front().msn) {
        return false;
    }
    const auto& boundary = boundaries_[static_cast<std::size_t>(seat.next - boundaries_.front().msn)];
    if (lane.track.kind != Kind::video || lane.track.id == leader_) {
        return frame.dts >= boundary.at;
    }
    return (frame.key && frame.dts + kTolerance >= boundary.at) || frame.dts >= boundary.at + kStraggle;
}

void Packager::deliver(Lane& lane, const media::Frame& frame, Clock::time_point now)
{
    for (auto* seat : lane.seats) {
        deliver(*seat, lane, frame, now);
    }
}

void Packager::deliver(Seat& seat, const Lane& lane, const media::Frame& frame, Clock::time_point now)
{
    auto& rendition = *seat.rendition;
    if (rendition.tracks().front().id != frame.track || !begins(seat, lane, frame)) {
        rendition.take(frame, now);
        return;
    }
    // Those that end before this frame have nothing in them.
    while (seat.next + 1 < next_msn_) {
        const auto place = static_cast<std::size_t>(seat.next - boundaries_.front().msn);
        if (boundaries_[place + 1].at > frame.dts) {
            break;
        }
        rendition.skip(boundaries_[place], boundaries_[place + 1].at - boundaries_[place].at, now);
        ++seat.next;
    }
    const auto& boundary = boundaries_[static_cast<std::size_t>(seat.next - boundaries_.front().msn)];
    rendition.begin(boundary, frame, key_for(boundary.msn), now);
    ++seat.next;
}

/// Renditions whose tracks have fallen silent go on with gaps; boundaries that all have passed are forgotten.
void Packager::leave_behind(Clock::time_point now)
{
    auto least = next_msn_ - 1;
    for (const auto& seat : seats_) {
        while (seat->next + kBehind <= next_msn_ - 1 && seat->next >= boundaries_.front().msn) {
            const auto place = static_cast<std::size_t>(seat->next - boundaries_.front().msn);
            seat->rendition->skip(boundaries_[place], boundaries_[place + 1].at - boundaries_[place].at, now);
            ++seat->next;
        }
        least = std::min(least, seat->next);
    }
    while (boundaries_.size() > 1 && boundaries_.front().msn < least) {
        boundaries_.pop_front();
    }
}

/// The target duration is known when the leader's first segment is: it holds for ever (RFC 8216 §4.3.3.1).
void Packager::settle_target()
{
    if (target_ > Nanoseconds{0}) {
        return;
    }
    const auto& rendition = lead_rendition();
    if (rendition.closed() == 0) {
        return;
    }
    const auto seconds = [](Nanoseconds time) { return std::chrono::duration<double>(time).count(); };
    auto most = std::max(seconds(rules_.settings.segment), seconds(rendition.listed().front().duration));
    if (start_.gop > Nanoseconds{0} && start_.gop < rules_.settings.longest) {
        const auto gop = seconds(start_.gop);
        most = std::max(most, gop * std::ceil(seconds(rules_.settings.segment) / gop - 0.02));
    }
    target_ = std::chrono::seconds{std::max(1L, std::lround(most))};
}

std::shared_ptr<const Key> Packager::key_for(std::uint64_t msn)
{
    if (rules_.settings.encryption == Encryption::none) {
        return nullptr;
    }
    const auto every = rules_.settings.rotate_every;
    if (!key_ || (every != 0 && msn >= key_since_ + every)) {
        Key key;
        std::array<std::uint8_t, 16> id{};
        random(key.key);
        random(key.iv);
        random(id);
        constexpr std::string_view kDigits = "0123456789abcdef";
        for (const auto byte : id) {
            key.id.push_back(kDigits[byte >> 4U]);
            key.id.push_back(kDigits[byte & 0xfU]);
        }
        key_ = std::make_shared<const Key>(std::move(key));
        key_since_ = msn;
    }
    return key_;
}

void Packager::end(Clock::time_point now)
{
    if (!running_) {
        return;
    }
    release(MediaTime::max() - kTolerance, now);
    for (const auto& seat : seats_) {
        seat->rendition->finish(now);
    }
    settle_target();
    ended_ = true;
    interrupted_ = true;
}

void Packager::tick(Clock::time_point now)
{
    for (const auto& seat : seats_) {
        seat->rendition->trim(target_, now);
    }
    while (bytes() > rules_.settings.bytes) {
        bool dropped = false;
        for (const auto& seat : seats_) {
            dropped = seat->rendition->drop_oldest() || dropped;
        }
        if (!dropped) {
            break;
        }
    }
}

} // namespace millrace::hls
