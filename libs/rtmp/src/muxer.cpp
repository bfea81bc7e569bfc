#include "aggregate.hpp"
#include <millrace/rtmp/muxer.hpp>

namespace millrace::rtmp {

namespace {

constexpr std::size_t kMaxMessage = 0xffffff; ///< Lengths have 24 bits (RTMP 1.0 §5.3.1.2.1).
/// Payloads up to here are copied behind their header. The copy is made once; two pieces instead of one would
/// be gathered again for each viewer.
constexpr std::size_t kCopied = 1024;
/// Of an aggregate: more are written in several.
constexpr std::size_t kMostGathered = std::size_t{64} << 10U;

/// RTMP counts milliseconds modulo 2^32.
std::uint32_t timestamp(MediaTime time)
{
    return static_cast<std::uint32_t>(to_ms(time));
}

std::uint32_t csid_of(flv::TagType type)
{
    switch (type) {
    case flv::TagType::audio: return csid::kAudio;
    case flv::TagType::video: return csid::kVideo;
    case flv::TagType::script: return csid::kData;
    }
    return csid::kData;
}

void put(ChunkWriter& writer, std::uint32_t stream, flv::Body body, std::uint32_t time, media::Pieces& out)
{
    if (body.lead.size() + body.payload.size() > kMaxMessage) {
        return;
    }
    const MessageHead head{csid_of(body.type), stream, time, static_cast<MessageType>(body.type)};
    if (body.payload.size() <= kCopied) {
        body.lead.insert(body.lead.end(), body.payload.view().begin(), body.payload.view().end());
        body.payload = {};
    }
    writer.write(out, head, body.lead, body.payload);
}

/// With a full header, and so that the next message of its chunk stream has one, too: it depends on nothing,
/// and nothing depends on it.
void put_alone(ChunkWriter& writer, std::uint32_t stream, flv::Body body, std::uint32_t time,
               media::Pieces& out)
{
    const std::uint32_t csid = csid_of(body.type);
    writer.restart(csid);
    put(writer, stream, std::move(body), time, out);
    writer.restart(csid);
}

} // namespace

Muxer::Muxer(std::uint32_t stream, flv::Options options) : stream_{stream}, delivery_{options} {}

Muxer::~Muxer() = default;
Muxer::Muxer(Muxer&&) noexcept = default;
Muxer& Muxer::operator=(Muxer&&) noexcept = default;

void Muxer::prologue(const media::Head& head, MediaTime at, media::Pieces& out) const
{
    ChunkWriter writer{kPlayChunkSize};
    // Quirk: FFmpeg takes metadata of any time but 0 for subtitles and shows a track that is not there.
    for (auto& body : delivery_.head(head, !head.tracks.empty())) {
        const auto time = body.type == flv::TagType::script ? 0 : timestamp(at);
        put_alone(writer, stream_, std::move(body), time, out);
    }
}

void Muxer::put_all(std::vector<flv::Body> bodies, MediaTime at, media::Pieces& out)
{
    finish(out);
    for (auto& body : bodies) {
        put_alone(writer_, stream_, std::move(body), timestamp(at), out);
    }
}

void Muxer::write(const media::Track& track, MediaTime at, media::Pieces& out)
{
    std::vector<flv::Body> bodies;
    delivery_.learn(track, bodies);
    put_all(std::move(bodies), at, out);
}

void Muxer::forget(media::TrackId track, MediaTime at, media::Pieces& out)
{
    std::vector<flv::Body> bodies;
    delivery_.forget(track, bodies);
    put_all(std::move(bodies), at, out);
}

void Muxer::write(const media::Metadata& metadata, MediaTime at, media::Pieces& out)
{
    finish(out);
    put_alone(writer_, stream_, delivery_.metadata(metadata), timestamp(at), out);
}

void Muxer::write(const media::Frame& frame, bool join, media::Pieces& out)
{
    auto body = delivery_.frame(frame);
    if (join) {
        finish(out);
        writer_.restart();
    }
    if (!body) {
        return;
    }
    const auto bytes = body->lead.size() + body->payload.size();
    if (gathered_ && gathered_->bytes() + bytes > kMostGathered) {
        finish(out);
    }
    if (gathered_ && !join && bytes <= kMostGathered) {
        gathered_->add(static_cast<MessageType>(body->type), timestamp(frame.dts), body->lead,
                       body->payload.view());
    } else if (body->type == flv::TagType::script) {
        put_alone(writer_, stream_, *std::move(body), timestamp(frame.dts), out);
    } else {
        put(writer_, stream_, *std::move(body), timestamp(frame.dts), out);
    }
}

void Muxer::gather()
{
    if (!gathered_) {
        gathered_ = std::make_unique<AggregateWriter>();
    }
}

void Muxer::finish(media::Pieces& out)
{
    if (!gathered_ || gathered_->empty()) {
        return;
    }
    const MessageHead head{csid::kVideo, stream_, gathered_->timestamp(), MessageType::aggregate};
    writer_.write(out, head, {}, SharedBytes{gathered_->take()});
}

} // namespace millrace::rtmp
