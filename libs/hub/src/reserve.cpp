#include <millrace/hub/reserve.hpp>

#include <algorithm>
#include <utility>

namespace millrace::hub {
namespace {

constexpr std::chrono::seconds kMostSound{1};
/// A track that lies further back has begun its times anew.
constexpr std::chrono::seconds kSameNumbering{10};

bool is_video(const media::Track& track)
{
    return track.kind == media::Kind::video;
}

template <class T, class Key>
void put(std::vector<T>& list, const T& item, Key key, std::size_t most)
{
    const auto known = std::ranges::find(list, item.*key, key);
    if (known != list.end()) {
        *known = item;
    } else if (list.size() < most) {
        list.push_back(item);
    }
}

} // namespace

void Reserve::learn(const media::Item& item)
{
    if (const auto* track = std::get_if<media::Track>(&item)) {
        put(head_.tracks, *track, &media::Track::id, limits_.tracks);
    } else if (const auto* metadata = std::get_if<media::Metadata>(&item)) {
        put(head_.metadata, *metadata, &media::Metadata::name, limits_.metadata);
    }
}

void Reserve::let_go()
{
    held_.clear();
    bytes_ = 0;
}

void Reserve::know(const media::Item& item)
{
    let_go();
    learn(item);
}

/// A key frame; where there is no picture, sound once a second.
bool Reserve::is_join(const media::Frame& frame) const
{
    if (std::ranges::any_of(head_.tracks, is_video)) {
        return frame.kind == media::Kind::video && frame.key;
    }
    if (frame.kind != media::Kind::audio) {
        return false;
    }
    const auto* first = held_.empty() ? nullptr : std::get_if<media::Frame>(&held_.front());
    return first == nullptr || frame.dts - first->dts >= kMostSound || frame.dts < first->dts;
}

void Reserve::take(media::Item item)
{
    if (const auto* track = std::get_if<media::Track>(&item)) {
        if (is_video(*track) && std::ranges::none_of(head_.tracks, is_video)) {
            let_go(); // What was held began with sound.
        }
    }
    learn(item);
    const auto* frame = std::get_if<media::Frame>(&item);
    if (frame != nullptr && is_join(*frame)) {
        let_go();
        held_head_ = head_;
    } else if (held_.empty()) {
        return;
    }
    bytes_ += frame != nullptr ? frame->payload.size() : 0;
    held_.push_back(std::move(item));
    if (bytes_ > limits_.bytes || held_.size() > limits_.frames) {
        let_go();
    }
}

std::vector<media::Item> Reserve::release()
{
    const auto& head = held_.empty() ? head_ : held_head_;
    std::vector<media::Item> out;
    out.reserve(head.metadata.size() + head.tracks.size() + held_.size());
    out.insert(out.end(), head.metadata.begin(), head.metadata.end());
    out.insert(out.end(), head.tracks.begin(), head.tracks.end());
    const auto* key = held_.empty() ? nullptr : std::get_if<media::Frame>(&held_.front());
    const auto begin = key != nullptr ? key->dts : MediaTime{};
    for (auto& item : held_) {
        const auto* frame = std::get_if<media::Frame>(&item);
        const bool early = frame != nullptr && frame->dts < begin && begin - frame->dts < kSameNumbering;
        if (!early) {
            out.push_back(std::move(item));
        }
    }
    let_go();
    return out;
}

} // namespace millrace::hub
