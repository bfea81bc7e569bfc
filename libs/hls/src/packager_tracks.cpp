// Which tracks a packager has, and which rendition each is in.
#include "lane.hpp"
#include <millrace/mp4/fragments.hpp>
#include <millrace/mpegts/muxer.hpp>

#include <algorithm>

namespace millrace::hls {
namespace {

using media::Kind;

std::string rendition_id(const media::Track& track, Container container)
{
    const bool picture = track.kind == Kind::video;
    const char* kind = container == Container::ts ? (picture ? "t" : "ta") : (picture ? "v" : "a");
    return kind + std::to_string(track.number);
}

} // namespace

void Packager::tell(const media::Track& track)
{
    if (track.kind == Kind::data) {
        rules_.timed_metadata = true;
        return;
    }
    auto& held = lanes_[track.id];
    if (!held) {
        held = std::make_unique<Lane>();
        held->track = track;
        examine(*held);
        return;
    }
    const bool back = !std::exchange(held->present, true);
    if (held->track.config == track.config && held->track.codec == track.codec) {
        if (back && running_) {
            arrange();
        }
        return;
    }
    held->track = track;
    examine(*held);
    for (auto* seat : held->seats) {
        seat->rendition->change(track);
        interrupted_ = running_;
    }
}

void Packager::gone(media::TrackId track)
{
    if (auto* known = lane(track)) {
        known->present = false;
        if (running_) {
            tag_next_ = true;
            arrange();
        }
    }
}

/// Finds out whether a rendition can have a track.
void Packager::examine(Lane& lane)
{
    lane.why_not = rules_.settings.container == Container::ts
                       ? mpegts::left_out(lane.track, {.multitrack = true})
                       : mp4::why_not_in_fragments(lane.track);
    if (lane.carried() && lanes_.size() > rules_.settings.renditions) {
        lane.why_not = "there are too many renditions already";
    }
    if (running_ && lane.carried() && lane.seats.empty()) {
        arrange();
        tag_next_ = true; // Those who play learn of it by the tag.
    }
}

/// Gives each track its rendition. fMP4 has one for each; MPEG-TS has the first sound together with each
/// picture.
void Packager::arrange()
{
    elect();
    const bool muxed = rules_.settings.container == Container::ts;
    Lane* sound = nullptr;
    bool picture = false;
    for (const auto& [id, candidate] : lanes_) {
        if (candidate->carried() && candidate->present) {
            picture = picture || candidate->is_picture();
            const bool first = !candidate->is_picture() &&
                               (sound == nullptr || candidate->track.number < sound->track.number);
            sound = first ? candidate.get() : sound;
        }
        if (muxed) {
            candidate->seats.clear();
        }
    }
    for (const auto& [id, candidate] : lanes_) {
        const bool rides = muxed && picture && candidate.get() == sound;
        if (!candidate->carried() || !candidate->present || rides || !candidate->seats.empty()) {
            continue;
        }
        std::vector<media::Track> tracks{candidate->track};
        if (muxed && candidate->is_picture() && sound != nullptr) {
            tracks.push_back(sound->track);
        }
        auto& seat = seat_for(*candidate, tracks);
        candidate->seats.push_back(&seat);
        if (tracks.size() > 1) {
            sound->seats.push_back(&seat);
        }
    }
}

Packager::Seat& Packager::seat_for(const Lane& lane, const std::vector<media::Track>& tracks)
{
    const auto id = rendition_id(lane.track, rules_.settings.container);
    const auto known =
        std::ranges::find_if(seats_, [&](const auto& seat) { return seat->rendition->id() == id; });
    if (known != seats_.end()) {
        (*known)->rendition->assign(tracks);
        return **known;
    }
    auto rendition = std::make_unique<Rendition>(id, tracks, rules_);
    view_.push_back(rendition.get());
    seats_.push_back(std::make_unique<Seat>(std::move(rendition), next_msn_));
    return *seats_.back();
}

const Rendition& Packager::lead_rendition()
{
    return *lane(leader_)->seats.front()->rendition;
}

/// The leader is the first picture that is brought, or else the first sound.
void Packager::elect()
{
    const Lane* best = nullptr;
    for (const auto& [id, candidate] : lanes_) {
        if (!candidate->carried() || !candidate->present) {
            continue;
        }
        const bool better =
            best == nullptr || (candidate->track.kind == Kind::video && best->track.kind != Kind::video) ||
            (candidate->track.kind == best->track.kind && candidate->track.number < best->track.number);
        best = better ? candidate.get() : best;
    }
    if (best != nullptr) {
        leader_ = best->track.id;
    }
}

} // namespace millrace::hls
