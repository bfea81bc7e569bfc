#include "tag.hpp"
#include <millrace/flv/muxer.hpp>

#include <algorithm>

namespace millrace::flv {
namespace {

using media::Kind;
using media::Track;

constexpr std::uint8_t kVideoFlag = 1;
constexpr std::uint8_t kAudioFlag = 4;

/// One tag: a small piece before the payload, the payload itself, and the back pointer.
void write_tag(Body body, MediaTime at, media::Pieces& out)
{
    const auto size = body.lead.size() + body.payload.size();
    if (size > kMaxTagData) {
        return;
    }
    const TagHead head{.type = static_cast<std::uint8_t>(body.type),
                       .size = static_cast<std::uint32_t>(size),
                       .timestamp = static_cast<std::uint32_t>(to_ms(at))};
    Bytes own;
    own.reserve(kTagHeadBytes + body.lead.size() + kBackPointerBytes);
    ByteWriter writer{own};
    write(writer, head);
    writer.bytes(body.lead);
    const auto front = own.size();
    writer.u32(static_cast<std::uint32_t>(head.tag_bytes()));
    const SharedBytes shared{std::move(own)};
    if (body.payload.empty()) {
        out.push_back(shared);
        return;
    }
    out.push_back(shared.slice(0, front));
    out.push_back(std::move(body.payload));
    out.push_back(shared.slice(front));
}

/// Whether no track of the same kind has a lower id.
bool is_main(const std::vector<Track>& tracks, const Track& track)
{
    return std::ranges::none_of(
        tracks, [&track](const Track& other) { return other.kind == track.kind && other.id < track.id; });
}

void write_header(const std::vector<Track>& tracks, media::Pieces& out)
{
    unsigned flags = 0;
    for (const auto& track : tracks) {
        flags |= track.kind == Kind::video ? kVideoFlag : track.kind == Kind::audio ? kAudioFlag : 0U;
    }
    if (flags == 0) {
        flags = kVideoFlag | kAudioFlag; // not known yet: whatever comes
    }
    Bytes header;
    ByteWriter writer{header};
    writer.text("FLV");
    writer.u8(1);
    writer.u8(static_cast<std::uint8_t>(flags));
    writer.u32(kHeaderBytes);
    writer.u32(0);
    out.emplace_back(std::move(header));
}

} // namespace

void Muxer::prologue(const media::Head& head, MediaTime at, media::Pieces& out) const
{
    write_header(head.tracks, out);
    // Quirk: FFmpeg takes metadata of any time but 0 for subtitles and shows a track that is not there.
    constexpr MediaTime kMetadataTime{};
    if (std::ranges::find(head.metadata, "onMetaData", &media::Metadata::name) == head.metadata.end()) {
        write_tag(write_metadata(make_metadata(head.tracks)), kMetadataTime, out);
    }
    for (const auto& metadata : head.metadata) {
        write_tag(write_metadata(metadata), kMetadataTime, out);
    }
    for (const auto& track : head.tracks) {
        if (auto config = write_config(track); config && is_main(head.tracks, track)) {
            write_tag(std::move(*config), at, out);
        }
    }
}

void Muxer::write(const Track& track, MediaTime at, media::Pieces& out)
{
    const auto place = std::ranges::lower_bound(tracks_, track.id, {}, &Track::id);
    if (place != tracks_.end() && place->id == track.id) {
        *place = track;
    } else {
        tracks_.insert(place, track);
    }
    if (auto config = write_config(track); config && is_main(tracks_, track)) {
        write_tag(std::move(*config), at, out);
    }
}

void Muxer::write(const media::Metadata& metadata, MediaTime at, media::Pieces& out)
{
    write_tag(write_metadata(metadata), at, out);
}

void Muxer::write(const media::Frame& frame, bool /*join*/, media::Pieces& out)
{
    const auto track = std::ranges::lower_bound(tracks_, frame.track, {}, &Track::id);
    if (track != tracks_.end() && track->id == frame.track && is_main(tracks_, *track)) {
        write_tag(write_body(*track, frame), frame.dts, out);
    }
}

} // namespace millrace::flv
