#include <millrace/hub/wire_image.hpp>

#include <algorithm>
#include <iterator>

namespace millrace::hub {
namespace {

media::Kind kind_of(const media::Item& item)
{
    if (const auto* frame = std::get_if<media::Frame>(&item)) {
        return frame->kind;
    }
    if (const auto* track = std::get_if<media::Track>(&item)) {
        return track->kind;
    }
    return media::Kind::data;
}

media::Head select(const media::Head& head, Selection selection)
{
    media::Head selected = head;
    std::erase_if(selected.tracks, [selection](const media::Track& track) {
        return (selection == Selection::audio_only && track.kind == media::Kind::video) ||
               (selection == Selection::video_only && track.kind == media::Kind::audio);
    });
    return selected;
}

} // namespace

WireImage::WireImage(std::unique_ptr<media::Muxer> muxer, Selection selection, Limits limits)
    : muxer_{std::move(muxer)}, selection_{selection}, limits_{limits}
{
}

bool WireImage::selected(const media::Item& item) const
{
    switch (selection_) {
    case Selection::all: return true;
    case Selection::audio_only: return kind_of(item) != media::Kind::video;
    case Selection::video_only: return kind_of(item) != media::Kind::audio;
    }
    return true;
}

bool WireImage::joins(const media::Item& item, bool join) const
{
    const auto* frame = std::get_if<media::Frame>(&item);
    if (frame == nullptr) {
        return false;
    }
    if (selection_ != Selection::audio_only) {
        // Readers of another picture than the stream's first begin with its own key frames.
        const auto picture = muxer_->picture();
        return picture ? frame->track == *picture && frame->key : join;
    }
    return frame->kind == media::Kind::audio && (!join_ || frame->dts - join_->time >= limits_.join_every);
}

void WireImage::tell(const media::Track& track)
{
    scratch_.clear();
    if (selected(track)) {
        muxer_->write(track, MediaTime{}, scratch_);
    }
}

void WireImage::forget(media::TrackId track, MediaTime at)
{
    scratch_.clear();
    muxer_->forget(track, at, scratch_);
    add(scratch_, at);
}

void WireImage::append(const media::Item& item, bool join, const media::Head& head, MediaTime at)
{
    if (!selected(item)) {
        return;
    }
    join = joins(item, join);
    if (join) {
        join_ = Join{.offset = end_, .time = at, .head = select(head, selection_), .prologue = {}};
    }
    scratch_.clear();
    if (const auto* frame = std::get_if<media::Frame>(&item)) {
        muxer_->write(*frame, join, scratch_);
    } else if (const auto* track = std::get_if<media::Track>(&item)) {
        muxer_->write(*track, at, scratch_);
    } else {
        muxer_->write(std::get<media::Metadata>(item), at, scratch_);
    }
    add(scratch_, at);
    if (join_ && end_ - join_->offset > limits_.bytes) {
        join_.reset(); // A GOP that is too long to be kept: readers wait for the next one.
    }
}

void WireImage::add(media::Pieces& pieces, MediaTime time)
{
    const auto begin = end_;
    for (auto& piece : pieces) {
        if (!piece.empty()) {
            const auto size = piece.size();
            pieces_.push_back({end_, std::move(piece)});
            end_ += size;
        }
    }
    if (end_ > begin) {
        marks_.push_back({begin, time});
        end_time_ = std::max(end_time_, time);
        views_from_ = UINT64_MAX;
    }
}

void WireImage::trim()
{
    const auto floor = std::min(floor_, join_ ? join_->offset : end_);
    while (!marks_.empty() && (marks_.size() > 1 ? marks_[1].begin : end_) <= floor) {
        marks_.pop_front();
    }
    begin_ = marks_.empty() ? end_ : marks_.front().begin;
    while (!pieces_.empty() && pieces_.front().begin < begin_) {
        pieces_.pop_front();
    }
}

std::optional<std::uint64_t> WireImage::join_offset() const
{
    return join_ ? std::optional{join_->offset} : std::nullopt;
}

const media::Pieces& WireImage::join_prologue()
{
    if (!join_->prologue) {
        join_->prologue.emplace();
        muxer_->prologue(join_->head, join_->time, *join_->prologue);
    }
    return *join_->prologue;
}

std::size_t WireImage::piece_at(std::uint64_t offset) const
{
    const auto after = std::ranges::upper_bound(pieces_, offset, {}, &Piece::begin);
    return static_cast<std::size_t>(std::distance(pieces_.begin(), after)) - 1;
}

std::size_t WireImage::mark_at(std::uint64_t offset) const
{
    const auto after = std::ranges::upper_bound(marks_, offset, {}, &Mark::begin);
    return static_cast<std::size_t>(std::distance(marks_.begin(), after)) - 1;
}

std::span<const ByteView> WireImage::gather(std::uint64_t from)
{
    if (views_from_ == from) {
        return views_;
    }
    views_.clear();
    views_from_ = from;
    if (from >= end_) {
        return views_;
    }
    const auto first = piece_at(from);
    for (auto i = first; i < pieces_.size() && views_.size() < kMostViews; ++i) {
        views_.push_back(pieces_[i].bytes.view());
    }
    views_.front() = views_.front().subspan(from - pieces_[first].begin);
    return views_;
}

media::Pieces WireImage::share(std::uint64_t from, std::uint64_t to) const
{
    media::Pieces shared;
    if (from >= to) {
        return shared;
    }
    for (auto i = piece_at(from); i < pieces_.size() && pieces_[i].begin < to; ++i) {
        const auto& piece = pieces_[i];
        const auto skip = from > piece.begin ? from - piece.begin : 0;
        shared.push_back(piece.bytes.slice(skip, to - piece.begin - skip));
    }
    return shared;
}

std::uint64_t WireImage::boundary(std::uint64_t offset) const
{
    if (offset >= end_ || marks_.empty()) {
        return offset;
    }
    const auto mark = mark_at(offset);
    if (marks_[mark].begin == offset) {
        return offset;
    }
    return mark + 1 < marks_.size() ? marks_[mark + 1].begin : end_;
}

MediaTime WireImage::time_at(std::uint64_t offset) const
{
    return offset >= end_ || marks_.empty() ? end_time_ : marks_[mark_at(offset)].time;
}

} // namespace millrace::hub
