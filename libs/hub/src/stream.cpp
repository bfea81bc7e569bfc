#include <millrace/hub/stream.hpp>

#include <algorithm>

namespace millrace::hub {
namespace {

std::size_t payload_size(const media::Item& item)
{
    const auto* frame = std::get_if<media::Frame>(&item);
    return frame != nullptr ? frame->payload.size() : 0;
}

void merge(media::Head& head, const media::Item& item)
{
    if (const auto* track = std::get_if<media::Track>(&item)) {
        const auto known = std::ranges::find(head.tracks, track->id, &media::Track::id);
        known != head.tracks.end() ? void(*known = *track) : head.tracks.push_back(*track);
    } else if (const auto* metadata = std::get_if<media::Metadata>(&item)) {
        const auto known = std::ranges::find(head.metadata, metadata->name, &media::Metadata::name);
        known != head.metadata.end() ? void(*known = *metadata) : head.metadata.push_back(*metadata);
    }
}

} // namespace

Stream::Stream(std::string name, Limits limits) : name_{std::move(name)}, limits_{limits} {}

Stream::~Stream()
{
    for (auto* viewer : viewers_) {
        viewer->stream_ = nullptr;
        viewer->image_ = nullptr;
    }
}

void Stream::learn(const media::Item& item)
{
    merge(head_, item);
    if (std::holds_alternative<media::Track>(item)) {
        see_tracks();
    }
}

void Stream::see_tracks()
{
    picture_.reset();
    has_audio_ = false;
    for (const auto& track : head_.tracks) {
        if (track.kind == media::Kind::video) {
            picture_ = std::min(picture_.value_or(track.id), track.id);
        }
        has_audio_ = has_audio_ || track.kind == media::Kind::audio;
    }
}

void Stream::forget_track(media::TrackId id)
{
    std::erase_if(head_.tracks, [id](const media::Track& track) { return track.id == id; });
    see_tracks();
    for (auto& images : images_) {
        for (auto& image : images->by_selection) {
            if (image) {
                image->forget(id, newest_);
            }
        }
    }
}

/// A key frame of the first picture; where there is none, any sound once in a while.
bool Stream::is_join(const media::Frame& frame)
{
    if (picture_) {
        return frame.track == *picture_ && frame.key;
    }
    return frame.kind == media::Kind::audio && (!last_join_ || frame.dts - *last_join_ >= limits_.join_every);
}

void Stream::append(Update update)
{
    if (const auto* gone = std::get_if<TrackGone>(&update)) {
        forget_track(gone->id);
        return;
    }
    append_item(std::visit(
        [](auto&& held) -> media::Item {
            if constexpr (std::is_same_v<std::decay_t<decltype(held)>, TrackGone>) {
                return media::Metadata{};
            } else {
                return std::forward<decltype(held)>(held);
            }
        },
        std::move(update)));
}

void Stream::append_item(media::Item item)
{
    learn(item);
    Entry entry{.item = std::move(item), .at = newest_};
    if (const auto* frame = std::get_if<media::Frame>(&entry.item)) {
        newest_ = std::max(newest_, frame->dts);
        entry.at = frame->dts;
        entry.join = is_join(*frame);
        picture_due_ = picture_due_ || frame->kind == media::Kind::video;
        if (entry.join) {
            last_join_ = frame->dts;
        }
    }
    due_ = true;
    for (auto& images : images_) {
        for (auto& image : images->by_selection) {
            if (image) {
                image->append(entry.item, entry.join, head_, entry.at);
            }
        }
    }
    keep(std::move(entry));
}

void Stream::keep(Entry entry)
{
    if (entry.join) {
        kept_.clear();
        kept_bytes_ = 0;
        kept_head_ = head_;
        keeping_ = true;
    }
    if (!keeping_) {
        return;
    }
    kept_bytes_ += payload_size(entry.item);
    kept_.push_back(std::move(entry));
    if (kept_bytes_ > limits_.kept_bytes) {
        kept_.clear(); // A GOP that is too long to be kept: readers wait for the next one.
        kept_bytes_ = 0;
        keeping_ = false;
    }
}

std::vector<Update> Stream::snapshot() const
{
    const auto& head = keeping_ ? kept_head_ : head_;
    std::vector<Update> items;
    items.reserve(head.tracks.size() + head.metadata.size() + kept_.size());
    items.insert(items.end(), head.metadata.begin(), head.metadata.end());
    items.insert(items.end(), head.tracks.begin(), head.tracks.end());
    for (const auto& entry : kept_) {
        std::visit([&items](const auto& item) { items.emplace_back(item); }, entry.item);
    }
    return items;
}

WireImage& Stream::image(std::size_t packaging, Selection selection)
{
    auto& images = *images_[packaging];
    auto& image = images.by_selection[static_cast<std::size_t>(selection)];
    if (!image) {
        image = std::make_unique<WireImage>(images.packaging.make(), selection, limits_.image);
        auto head = kept_head_;
        for (const auto& track : head.tracks) {
            image->tell(track);
        }
        for (const auto& entry : kept_) {
            merge(head, entry.item);
            image->append(entry.item, entry.join, head, entry.at);
        }
        if (!keeping_) {
            for (const auto& track : head_.tracks) {
                image->tell(track);
            }
        }
    }
    return *image;
}

bool Stream::has_room(const Packaging& packaging) const
{
    const auto used = static_cast<std::size_t>(
        std::ranges::count_if(images_, [](const auto& images) { return images->viewers > 0; }));
    return used < limits_.packagings || std::ranges::any_of(images_, [&](const auto& images) {
               return images->viewers > 0 && images->packaging.key == packaging.key;
           });
}

void Stream::attach(Viewer& viewer, const Packaging& packaging)
{
    auto at = std::ranges::find_if(images_, [&](const auto& i) { return i->packaging.key == packaging.key; });
    if (at == images_.end()) {
        at = std::ranges::find_if(images_, [](const auto& i) { return i->viewers == 0; });
        if (at == images_.end()) {
            images_.push_back(std::make_unique<Images>());
            at = images_.end() - 1;
        }
        (*at)->packaging = packaging;
    }
    ++(*at)->viewers;
    viewer.stream_ = this;
    viewer.packaging_ = static_cast<std::size_t>(at - images_.begin());
    viewers_.push_back(&viewer);
}

void Stream::detach(Viewer& viewer)
{
    if (viewer.stream_ != this) {
        return;
    }
    std::erase(viewers_, &viewer);
    bytes_of_departed_ += viewer.record().bytes;
    viewer.stream_ = nullptr;
    viewer.image_ = nullptr;
    auto& images = *images_[viewer.packaging_];
    if (--images.viewers == 0) {
        for (auto& image : images.by_selection) {
            image.reset();
        }
    }
}

void Stream::flush(Clock::time_point now)
{
    if (!due_) {
        return;
    }
    const bool may_wait = picture_ && !picture_due_ && viewers_.size() > limits_.small_audience;
    if (may_wait && now < deadline_) {
        if (deadline_ == Clock::time_point::max()) {
            deadline_ = now + limits_.audio_ride;
        }
        return;
    }
    tick(now);
}

void Stream::tick(Clock::time_point now)
{
    due_ = false;
    picture_due_ = false;
    deadline_ = Clock::time_point::max();
    send(now);
}

std::uint64_t Stream::bytes_out() const
{
    std::uint64_t bytes = bytes_of_departed_;
    for (const auto* viewer : viewers_) {
        bytes += viewer->record().bytes;
    }
    return bytes;
}

void Stream::send(Clock::time_point now)
{
    for (auto* viewer : viewers_) {
        viewer->outlet().flush(now);
    }
    trim_images();
}

void Stream::trim_images()
{
    for (auto& images : images_) {
        for (auto& image : images->by_selection) {
            if (image) {
                image->set_floor(image->end());
            }
        }
    }
    for (const auto* viewer : viewers_) {
        if (viewer->image_ != nullptr) {
            viewer->image_->set_floor(std::min(viewer->image_->floor(), viewer->offset_));
        }
    }
    for (auto& images : images_) {
        for (auto& image : images->by_selection) {
            if (image) {
                image->trim();
            }
        }
    }
}

std::uint64_t Stream::image_bytes() const
{
    std::uint64_t bytes = 0;
    for (const auto& images : images_) {
        for (const auto& image : images->by_selection) {
            bytes += image ? image->end() - image->begin() : 0;
        }
    }
    return bytes;
}

void Stream::end()
{
    const auto viewers = viewers_;
    for (auto* viewer : viewers) {
        viewer->outlet().ended();
    }
}

std::span<const ByteView> Stream::cut(std::span<const ByteView> views, std::size_t bytes)
{
    scratch_.clear();
    for (const auto view : views) {
        if (bytes == 0) {
            break;
        }
        scratch_.push_back(view.first(std::min(bytes, view.size())));
        bytes -= scratch_.back().size();
    }
    return scratch_;
}

} // namespace millrace::hub
