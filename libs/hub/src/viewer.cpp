#include <millrace/hub/stream.hpp>
#include <millrace/hub/viewer.hpp>

#include <algorithm>

namespace millrace::hub {
namespace {

/// A fallen viewer must have kept up for so long before the picture comes back.
constexpr std::chrono::seconds kProof{1};

/// An image of which a viewer is so far behind counts as late, whatever the times say.
constexpr std::uint64_t kMostBytesBehind = std::uint64_t{48} << 20U;

} // namespace

std::string_view name(Viewer::State state)
{
    switch (state) {
    case Viewer::State::waiting: return "waiting";
    case Viewer::State::playing: return "playing";
    case Viewer::State::audio_only: return "audio_only";
    case Viewer::State::paused: return "paused";
    case Viewer::State::closed: return "closed";
    }
    return "unknown";
}

Viewer::Viewer(Outlet& outlet, Options options, Clock::time_point now)
    : outlet_{&outlet}, options_{options}, attached_{now}, began_{now}, progress_{now}, drained_{now}
{
}

Viewer::~Viewer()
{
    if (stream_ != nullptr) {
        stream_->detach(*this);
    }
}

WireImage& Viewer::image(Selection selection) const
{
    return stream_->image(packaging_, selection);
}

bool Viewer::caught_up() const
{
    return rest_.empty() && (image_ == nullptr || offset_ == image_->end());
}

bool Viewer::at_boundary() const
{
    if (!rest_.empty()) {
        return !rest_begun_; // A prologue may wait; once begun it goes out whole, as does the rest of a
                             // message.
    }
    return image_ == nullptr || image_->boundary(offset_) == offset_;
}

Clock::duration Viewer::lag() const
{
    if (image_ == nullptr) {
        return Clock::duration::zero();
    }
    return std::chrono::duration_cast<Clock::duration>(image_->end_time() - image_->time_at(offset_));
}

bool Viewer::too_late(Clock::time_point now) const
{
    if (image_ == nullptr || caught_up()) {
        return false;
    }
    // The first seconds of a GOP are old by nature: a viewer has as long to catch up with them.
    const bool had_time = now - began_ > options_.max_latency;
    return (had_time && lag() > options_.max_latency) || image_->end() - offset_ > kMostBytesBehind;
}

void Viewer::begin(WireImage& image, State state, Clock::time_point now)
{
    image_ = &image;
    offset_ = *image.join_offset();
    for (const auto& piece : image.join_prologue()) {
        if (!piece.empty()) {
            rest_.push_back(piece);
        }
    }
    state_ = state;
    began_ = now;
}

void Viewer::keep_rest_of_message()
{
    if (image_ != nullptr) {
        left_at_ = image_->time_at(offset_);
        for (auto& piece : image_->share(offset_, image_->boundary(offset_))) {
            rest_begun_ = true;
            rest_.push_back(std::move(piece));
        }
    }
    image_ = nullptr;
}

void Viewer::fall(Clock::time_point now)
{
    const auto behind = lag();
    keep_rest_of_message();
    full_seen_ = image(Selection::all).end();
    state_ = State::audio_only;
    drained_ = now;
    ++record_.falls;
    record_.skipped += behind;
    reason_ = "the connection was too slow for picture and sound";
}

void Viewer::skip(Clock::time_point)
{
    record_.skipped += lag();
    keep_rest_of_message();
    state_ = State::waiting;
    ++record_.skips;
    reason_ = "the connection was too slow; went on at the newest key frame";
}

/// The beginning, and the way back from a skip: at a join point that is newer than what was already sent.
void Viewer::try_begin(Clock::time_point now)
{
    if (!rest_.empty()) {
        return;
    }
    auto& full = image(options_.selection);
    const auto join = full.join_offset();
    if (!join || (record_.skips > 0 && full.time_at(*join) <= left_at_)) {
        return;
    }
    begin(full, State::playing, now);
    if (!record_.first_frame) {
        record_.first_frame = now - attached_;
    }
}

/// While audio only: first finds its place in the audio image, and when that keeps up, the picture's next
/// join point.
void Viewer::try_return(Clock::time_point now)
{
    auto& full = image(Selection::all);
    const auto seen = std::exchange(full_seen_, full.end());
    if (!rest_.empty()) {
        drained_ = now;
        return;
    }
    if (image_ == nullptr) {
        auto& sound = image(Selection::audio_only);
        if (const auto join = sound.join_offset(); join && sound.time_at(*join) > left_at_) {
            begin(sound, State::audio_only, now);
        }
        drained_ = now;
        return;
    }
    if (lag() > kProof) {
        drained_ = now;
    }
    const auto join = full.join_offset();
    if (now - drained_ >= kProof && join && *join >= seen) {
        begin(full, State::playing, now);
        ++record_.returns;
        reason_ = {};
    }
}

void Viewer::step(Clock::time_point now)
{
    if (stream_ == nullptr || state_ == State::closed || state_ == State::paused) {
        return;
    }
    if (state_ == State::waiting) {
        try_begin(now);
    } else if (state_ == State::audio_only) {
        try_return(now);
    }
    if (caught_up()) {
        progress_ = now;
        return;
    }
    if (now - progress_ > options_.stall_limit) {
        close("the connection accepted nothing for too long");
    } else if (too_late(now)) {
        const bool can_fall = state_ == State::playing && options_.selection == Selection::all &&
                              stream_->has_audio_and_video();
        can_fall ? fall(now) : skip(now);
    }
}

void Viewer::close(std::string_view reason)
{
    state_ = State::closed;
    reason_ = reason;
    image_ = nullptr;
    rest_.clear();
}

std::span<const ByteView> Viewer::pending(bool to_boundary)
{
    if (rest_.empty()) {
        if (image_ == nullptr) {
            return {};
        }
        const auto views = image_->gather(offset_);
        const auto end = to_boundary ? image_->boundary(offset_) : UINT64_MAX;
        if (end >= image_->end()) {
            return views;
        }
        return stream_->cut(views, end - offset_);
    }
    auto& views = stream_->scratch();
    views.clear();
    for (const auto& piece : rest_) {
        views.push_back(piece.view());
    }
    views.front() = views.front().subspan(rest_done_);
    if (image_ != nullptr && !to_boundary) {
        const auto more = image_->gather(offset_);
        views.insert(views.end(), more.begin(), more.end());
    }
    return views;
}

void Viewer::sent(std::size_t bytes, Clock::time_point now)
{
    if (bytes == 0) {
        return;
    }
    record_.bytes += bytes;
    progress_ = now;
    rest_begun_ = true;
    std::size_t whole = 0;
    while (whole < rest_.size() && bytes > 0) {
        const auto left = rest_[whole].size() - rest_done_;
        if (bytes < left) {
            rest_done_ += bytes;
            bytes = 0;
            break;
        }
        bytes -= left;
        rest_done_ = 0;
        ++whole;
    }
    if (whole == rest_.size()) {
        media::Pieces{}.swap(rest_);
        rest_begun_ = false;
    } else {
        rest_.erase(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(whole));
    }
    offset_ += bytes;
}

media::Pieces Viewer::take(std::size_t most, Clock::time_point now)
{
    media::Pieces taken = std::move(rest_);
    rest_.clear();
    rest_begun_ = false;
    if (!taken.empty()) {
        taken.front() = taken.front().slice(rest_done_);
        rest_done_ = 0;
    }
    if (image_ != nullptr && offset_ < image_->end()) {
        const auto to = image_->end() - offset_ > most ? image_->boundary(offset_ + most) : image_->end();
        for (auto& piece : image_->share(offset_, to)) {
            taken.push_back(std::move(piece));
        }
        offset_ = to;
    }
    for (const auto& piece : taken) {
        record_.bytes += piece.size();
    }
    if (!taken.empty()) {
        progress_ = now;
    }
    return taken;
}

void Viewer::pause()
{
    if (state_ != State::closed) {
        keep_rest_of_message();
        state_ = State::paused;
    }
}

void Viewer::resume()
{
    if (state_ == State::paused) {
        state_ = State::waiting;
    }
}

void Viewer::select(Selection selection)
{
    if (selection != options_.selection) {
        options_.selection = selection;
        if (state_ == State::playing || state_ == State::audio_only) {
            keep_rest_of_message();
            state_ = State::waiting;
        }
    }
}

} // namespace millrace::hub
