#include "tag.hpp"
#include <millrace/flv/muxer.hpp>

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

void write_tags(std::vector<Body> bodies, MediaTime at, media::Pieces& out)
{
    for (auto& body : bodies) {
        write_tag(std::move(body), at, out);
    }
}

/// Some players wait for all that the header promises.
void write_header(const std::vector<Choice>& choices, media::Pieces& out)
{
    unsigned flags = 0;
    for (const auto& [track, form, why] : choices) {
        const bool media = form && track.kind != Kind::data;
        flags |= media ? (track.kind == Kind::video ? kVideoFlag : kAudioFlag) : 0U;
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
    write_header(choose(head.tracks, delivery_.options()), out);
    // Quirk: FFmpeg takes metadata of any time but 0 for subtitles and shows a track that is not there.
    constexpr MediaTime kMetadataTime{};
    for (auto& body : delivery_.head(head, true)) {
        const auto time = body.type == TagType::script ? kMetadataTime : at;
        write_tag(std::move(body), time, out);
    }
}

void Muxer::write(const Track& track, MediaTime at, media::Pieces& out)
{
    std::vector<Body> bodies;
    delivery_.learn(track, bodies);
    write_tags(std::move(bodies), at, out);
}

void Muxer::forget(media::TrackId track, MediaTime at, media::Pieces& out)
{
    std::vector<Body> bodies;
    delivery_.forget(track, bodies);
    write_tags(std::move(bodies), at, out);
}

void Muxer::write(const media::Metadata& metadata, MediaTime at, media::Pieces& out)
{
    write_tag(delivery_.metadata(metadata), at, out);
}

void Muxer::write(const media::Frame& frame, bool /*join*/, media::Pieces& out)
{
    if (auto body = delivery_.frame(frame)) {
        write_tag(std::move(*body), frame.dts, out);
    }
}

} // namespace millrace::flv
