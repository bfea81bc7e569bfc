#include "metadata.hpp"
#include <millrace/flv/delivery.hpp>

#include <algorithm>

namespace millrace::flv {
namespace {

using media::Kind;
using media::Track;

constexpr std::string_view kMetadata = "onMetaData";

void add(std::optional<Body> body, std::vector<Body>& out)
{
    if (body) {
        out.push_back(std::move(*body));
    }
}

} // namespace

Delivery::OutgoingTracks Delivery::plan(const std::vector<Track>& tracks, const Options& options)
{
    OutgoingTracks outgoing;
    for (auto& choice : choose(tracks, options)) {
        if (choice.form) {
            outgoing.push_back({std::move(choice.track), *choice.form});
        }
    }
    std::ranges::sort(outgoing, {}, [](const Outgoing& out) { return out.track.id; });
    return outgoing;
}

/// What a reader must be told that knew `before`.
void Delivery::tell(const Outgoing& now, const Outgoing* before, std::vector<Body>& out)
{
    const auto& [track, form] = now;
    const bool fresh = before == nullptr || before->form != form || before->track.codec != track.codec;
    if (fresh || before->track.config != track.config) {
        add(write_config(track, form), out);
    }
    if (fresh ? track.colour.has_value() : before->track.colour != track.colour) {
        add(write_colour(track, form), out);
    }
    if (fresh || before->track.layout != track.layout) {
        add(write_layout(track, form), out);
    }
}

/// `told`: the track that is told again even when nothing of it has changed.
void Delivery::replan(const Track* told, std::vector<Body>& out)
{
    const auto before = std::exchange(outgoing_, plan(tracks_, options_));
    for (const auto& now : outgoing_) {
        const auto id = now.track.id;
        const auto was = std::ranges::find(before, id, [](const Outgoing& o) { return o.track.id; });
        const bool again =
            was != before.end() && told != nullptr && told->id == id && was->track == now.track;
        tell(now, was == before.end() || again ? nullptr : &*was, out);
    }
}

void Delivery::learn(const Track& track, std::vector<Body>& out)
{
    const auto place = std::ranges::lower_bound(tracks_, track.id, {}, &Track::id);
    if (place != tracks_.end() && place->id == track.id) {
        *place = track;
    } else {
        tracks_.insert(place, track);
    }
    replan(&track, out);
}

void Delivery::forget(media::TrackId id, std::vector<Body>& out)
{
    if (std::erase_if(tracks_, [id](const Track& track) { return track.id == id; }) > 0) {
        replan(nullptr, out);
    }
}

Body Delivery::metadata(const media::Metadata& metadata) const
{
    auto body = write_metadata(metadata);
    if (metadata.name == kMetadata && options_ != Options{}) {
        std::vector<OutgoingTrack> going;
        for (const auto& [track, form] : outgoing_) {
            going.push_back({&track, form});
        }
        body.payload = adapted(body.payload, tracks_, going);
    }
    return body;
}

std::vector<Body> Delivery::head(const media::Head& head, bool make_metadata) const
{
    Delivery fresh{options_};
    fresh.tracks_ = head.tracks;
    fresh.outgoing_ = plan(head.tracks, options_);
    std::vector<Body> out;
    const auto given = std::ranges::find(head.metadata, kMetadata, &media::Metadata::name);
    if (given != head.metadata.end()) {
        out.push_back(fresh.metadata(*given));
    } else if (make_metadata) {
        std::vector<OutgoingTrack> going;
        for (const auto& [track, form] : fresh.outgoing_) {
            going.push_back({&track, form});
        }
        out.push_back(write_metadata(made(going)));
    }
    for (auto other = head.metadata.begin(); other != head.metadata.end(); ++other) {
        if (other != given) {
            out.push_back(fresh.metadata(*other));
        }
    }
    for (const auto& outgoing : fresh.outgoing_) {
        tell(outgoing, nullptr, out);
    }
    return out;
}

std::optional<Body> Delivery::frame(const media::Frame& frame) const
{
    const auto at =
        std::ranges::lower_bound(outgoing_, frame.track, {}, [](const Outgoing& o) { return o.track.id; });
    if (at == outgoing_.end() || at->track.id != frame.track) {
        return std::nullopt;
    }
    return write_body(at->track, frame, at->form);
}

std::optional<media::TrackId> Delivery::picture() const
{
    const auto at =
        std::ranges::find_if(outgoing_, [](const Outgoing& o) { return o.track.kind == Kind::video; });
    return at != outgoing_.end() ? std::optional{at->track.id} : std::nullopt;
}

} // namespace millrace::flv
