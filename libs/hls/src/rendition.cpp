#include "writer.hpp"
#include <millrace/crypto/aes.hpp>
#include <millrace/hls/rendition.hpp>

#include <algorithm>

namespace millrace::hls {
namespace {

constexpr Nanoseconds kSlack = std::chrono::milliseconds{1}; ///< Of clocks that count in milliseconds.
constexpr Nanoseconds kReach =
    std::chrono::milliseconds{500}; ///< A frame lasts no longer beyond its segment.
constexpr std::size_t kLeastListed = 3;

} // namespace

Body::Body(media::Pieces held) : pieces{std::move(held)}
{
    for (const auto& piece : pieces) {
        bytes += piece.size();
    }
}

Rendition::Rendition(std::string id, std::vector<media::Track> tracks, const Rules& rules)
    : id_{std::move(id)}, tracks_{std::move(tracks)}, rules_{rules}
{
    changed_ = true;
}

Rendition::~Rendition() = default;

bool Rendition::has_track(media::TrackId track) const
{
    return std::ranges::find(tracks_, track, &media::Track::id) != tracks_.end();
}

void Rendition::change(const media::Track& track)
{
    const auto known = std::ranges::find(tracks_, track.id, &media::Track::id);
    if (known != tracks_.end()) {
        *known = track;
        changed_ = true;
        stale_.push_back(track.id);
    }
}

void Rendition::assign(std::vector<media::Track> tracks)
{
    if (tracks_ != tracks) {
        for (const auto& track : tracks) {
            if (!has_track(track.id)) {
                stale_.push_back(track.id);
            }
        }
        tracks_ = std::move(tracks);
        changed_ = true;
    }
}

void Rendition::begin(const Boundary& boundary, const media::Frame& first, std::shared_ptr<const Key> key,
                      Clock::time_point now)
{
    Nanoseconds begin{0};
    if (open()) {
        const auto limit = boundary.at.time_since_epoch() + kBegin;
        if (boundary.discontinuous || changed_) {
            close_segment(writer_->settle(), now);
        } else {
            begin = writer_->settle(first);
            close_segment(begin - limit > kReach ? limit : begin, now);
        }
    }
    if (changed_) {
        changed_ = false;
        stale_.clear();
        writer_ = rules_.settings.container == Container::ts
                      ? make_transport_writer(tracks_, rules_.timed_metadata)
                      : make_fragment_writer(tracks_.front());
        init_ = nullptr;
        if (auto body = writer_->initialisation()) {
            init_ = std::make_shared<const Init>(Init{++inits_, std::move(body)});
        }
    } else if (boundary.discontinuous) {
        writer_->begin_anew();
    }
    begin = writer_->settle(first);
    Segment segment{.msn = boundary.msn,
                    .discontinuity = boundary.discontinuity,
                    .discontinuous = boundary.discontinuous,
                    .independent = first.key || kind() == media::Kind::audio,
                    .begin = begin,
                    .wall = boundary.wall + std::chrono::duration_cast<WallTime::duration>(
                                                begin - kBegin - boundary.at.time_since_epoch()),
                    .period_begin = boundary.period_at.time_since_epoch() + kBegin,
                    .period_wall = boundary.period_wall,
                    .init = init_,
                    .key = std::move(key),
                    .parts = {}};
    listed_.push_back(std::move(segment));
    part_begin_ = begin;
    part_empty_ = true;
    part_bytes_ = 0;
    newest_.reset();
    take(first, now);
}

void Rendition::skip(const Boundary& boundary, Nanoseconds duration, Clock::time_point now)
{
    if (open()) {
        close_segment(writer_->settle(), now);
    }
    if (writer_) {
        writer_->begin_anew();
    }
    const auto begin = boundary.at.time_since_epoch() + kBegin;
    listed_.push_back({.msn = boundary.msn,
                       .discontinuity = boundary.discontinuity,
                       .discontinuous = boundary.discontinuous,
                       .gap = true,
                       .closed = true,
                       .begin = begin,
                       .duration = duration,
                       .wall = boundary.wall,
                       .init = init_,
                       .parts = {}});
    ++version_;
}

void Rendition::take(const media::Frame& frame, Clock::time_point now)
{
    static_cast<void>(now);
    if (!open() || std::ranges::find(stale_, frame.track) != stale_.end()) {
        return;
    }
    auto& segment = listed_.back();
    const bool measured = frame.track == tracks_.front().id;
    if (measured) {
        const bool begins = !newest_;
        if (newest_ && frame.dts > *newest_) {
            frame_duration_ = frame.dts - *newest_;
        }
        newest_ = frame.dts;
        if (!begins) {
            const auto at = writer_->settle(frame);
            const bool full = rules_.settings.has_parts() && rules_.part_target > Nanoseconds{0} &&
                              at - part_begin_ + frame_duration_ > rules_.part_target + kSlack &&
                              segment.parts.size() + 1 < rules_.settings.parts;
            if (full) {
                close_part(at);
            }
        }
        if (part_empty_) {
            part_independent_ = frame.key || kind() == media::Kind::audio;
        }
    }
    writer_->add(frame, measured && part_empty_ && segment.parts.empty());
    part_empty_ = false;
    part_bytes_ += frame.payload.size();
}

void Rendition::finish(Clock::time_point now)
{
    if (open()) {
        close_segment(writer_->settle(), now);
    }
}

void Rendition::tell(const SharedBytes& id3, MediaTime at)
{
    if (open()) {
        writer_->tell(id3, at);
    }
}

void Rendition::close_part(Nanoseconds end)
{
    auto& segment = listed_.back();
    auto body = std::make_shared<const Body>(writer_->close(segment.parts.empty()));
    segment.bytes += body->bytes;
    bytes_ += body->bytes;
    const auto duration = end - part_begin_;
    if (rules_.part_target > Nanoseconds{0} && duration > rules_.part_target + kSlack) {
        ++long_parts_;
    }
    segment.parts.push_back({duration, part_independent_, std::move(body)});
    part_begin_ = end;
    part_empty_ = true;
    part_bytes_ = 0;
    ++version_;
}

void Rendition::close_segment(Nanoseconds end, Clock::time_point now)
{
    static_cast<void>(now);
    if (!part_empty_) {
        close_part(end);
    }
    auto& segment = listed_.back();
    media::Pieces pieces;
    for (const auto& part : segment.parts) {
        pieces.insert(pieces.end(), part.body->pieces.begin(), part.body->pieces.end());
    }
    if (segment.key) {
        encipher(segment, pieces);
    }
    segment.duration = end - segment.begin;
    segment.closed = true;
    segment.body = std::make_shared<const Body>(std::move(pieces));
    measure(segment);
    ++version_;
}

/// RFC 8216 §4.3.2.4: the whole segment as one chain; its parts are of no use any more.
void Rendition::encipher(Segment& segment, media::Pieces& pieces)
{
    std::vector<ByteView> views;
    for (const auto& piece : pieces) {
        views.emplace_back(piece.view());
    }
    auto secret = crypto::aes128_cbc_encrypt(segment.key->key, segment.key->iv, views);
    bytes_ += secret.size() - segment.bytes;
    segment.bytes = secret.size();
    segment.parts.clear();
    pieces.clear();
    pieces.emplace_back(std::move(secret));
}

void Rendition::measure(const Segment& segment)
{
    const auto seconds = std::chrono::duration<double>(segment.duration).count();
    const auto bits = static_cast<double>(segment.bytes) * 8;
    if (seconds < 0.1) {
        return;
    }
    peak_rate_ = std::max(peak_rate_, bits / seconds);
    seconds_ += seconds;
    bits_ += bits;
}

/// Of the parts of the first segment, as long as it grows.
double Rendition::first_rate() const
{
    double bits = 0;
    Nanoseconds time{0};
    if (open()) {
        for (const auto& part : listed_.back().parts) {
            bits += 8.0 * static_cast<double>(part.body ? part.body->bytes : 0);
            time += part.duration;
        }
    }
    return time > Nanoseconds{0} ? bits / std::chrono::duration<double>{time}.count() : 0;
}

double Rendition::peak_rate() const
{
    return peak_rate_ > 0 ? peak_rate_ : first_rate();
}

double Rendition::mean_rate() const
{
    return seconds_ > 0 ? bits_ / seconds_ : first_rate();
}

void Rendition::let_go(const Segment& segment)
{
    bytes_ -= segment.bytes;
}

void Rendition::trim(Nanoseconds target, Clock::time_point now)
{
    Nanoseconds sum{0};
    for (const auto& segment : listed_) {
        sum += segment.duration;
    }
    const auto window = std::max(rules_.settings.window, 3 * target);
    while (closed() > kLeastListed && sum - listed_.front().duration >= window) {
        auto& front = listed_.front();
        const auto lingers = std::min(sum, rules_.settings.linger) + front.duration;
        sum -= front.duration;
        gone_.push_back({std::move(front), now + lingers});
        listed_.pop_front();
        ++version_;
    }
    while (!gone_.empty() && gone_.front().until <= now) {
        let_go(gone_.front().segment);
        gone_.pop_front();
    }
}

bool Rendition::drop_oldest()
{
    if (!gone_.empty()) {
        let_go(gone_.front().segment);
        gone_.pop_front();
        return true;
    }
    if (closed() <= kLeastListed) {
        return false;
    }
    let_go(listed_.front());
    listed_.pop_front();
    ++version_;
    return true;
}

const Segment* Rendition::find(std::uint64_t msn) const
{
    const auto in = [msn](const auto& list, auto of) -> const Segment* {
        if (list.empty()) {
            return nullptr;
        }
        const auto first = of(list.front()).msn;
        if (msn < first || msn - first >= list.size()) {
            return nullptr;
        }
        return &of(list[static_cast<std::size_t>(msn - first)]);
    };
    const auto* found = in(listed_, [](const Segment& s) -> const Segment& { return s; });
    return found != nullptr ? found : in(gone_, [](const Gone& g) -> const Segment& { return g.segment; });
}

SharedBody Rendition::init(std::uint64_t number) const
{
    if (init_ && init_->number == number) {
        return init_->body;
    }
    const auto search = [number](const Segment& segment) {
        return segment.init && segment.init->number == number;
    };
    const auto listed = std::ranges::find_if(listed_, search);
    if (listed != listed_.end()) {
        return listed->init->body;
    }
    const auto gone = std::ranges::find_if(gone_, search, &Gone::segment);
    return gone != gone_.end() ? gone->segment.init->body : nullptr;
}

std::shared_ptr<const Key> Rendition::key(const std::string& id) const
{
    const auto search = [&id](const Segment& segment) { return segment.key && segment.key->id == id; };
    const auto listed = std::ranges::find_if(listed_, search);
    if (listed != listed_.end()) {
        return listed->key;
    }
    const auto gone = std::ranges::find_if(gone_, search, &Gone::segment);
    return gone != gone_.end() ? gone->segment.key : nullptr;
}

} // namespace millrace::hls
