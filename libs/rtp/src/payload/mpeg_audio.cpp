#include "mpeg_audio.hpp"

#include <millrace/codec/mp3.hpp>
#include <millrace/media/describe.hpp>

#include <algorithm>
#include <array>

namespace millrace::rtp {
namespace {

constexpr std::uint32_t kClock = 90000;
constexpr std::size_t kHeadBytes = 4;

} // namespace

// payload := 0:u16 offset:u16 (frame+ | part)
void MpegAudioDepacketizer::feed(const Packet& packet, std::int64_t timestamp, bool lost)
{
    ByteReader in{packet.payload};
    in.skip(2);
    const std::size_t offset = in.u16();
    if (!in.ok() || in.at_end()) {
        ++stats_.bad;
        return;
    }
    if (!part_.empty() && (lost || timestamp != part_time_ || offset != part_.size())) {
        ++stats_.damaged;
        part_.clear();
    }
    auto data = packet.payload.slice(kHeadBytes);
    if (offset > 0) {
        if (part_.empty() || part_.size() + data.size() > limits_.unit_bytes) {
            ++stats_.damaged;
            part_.clear();
            return;
        }
        part_.insert(part_.end(), data.view().begin(), data.view().end());
        if (const auto header = codec::mp3::read_header(part_);
            header && part_.size() >= header->frame_bytes) {
            take(SharedBytes{std::move(part_)}, timestamp);
            part_ = Bytes{};
        }
        return;
    }
    while (!data.empty()) {
        const auto header = codec::mp3::read_header(data);
        if (!header) {
            ++stats_.bad;
            return;
        }
        const auto size = header->frame_bytes > 0 ? header->frame_bytes : data.size();
        if (size > data.size()) {
            part_ = to_bytes(data);
            part_time_ = timestamp;
            return;
        }
        take(data.slice(0, size), timestamp);
        timestamp += std::int64_t{header->samples} * kClock / header->sample_rate;
        data = data.slice(size);
    }
}

void MpegAudioDepacketizer::take(SharedBytes frame, std::int64_t timestamp)
{
    if (!told_) {
        told_ = true;
        media::describe_by_frame(track_, frame);
        give(track_);
    }
    give(Unit{
        .track = track_.id, .kind = media::Kind::audio, .timestamp = timestamp, .payload = std::move(frame)});
}

void MpegAudioPacketizer::packetize(const media::Frame& frame, std::uint32_t timestamp, PayloadSink& sink)
{
    const auto whole = frame.payload.view();
    if (whole.size() > 0xffff) {
        return;
    }
    for (std::size_t at = 0; at < whole.size();) {
        const auto data = whole.subspan(at, std::min(most_ - kHeadBytes, whole.size() - at));
        const std::array<std::uint8_t, kHeadBytes> head{0, 0, static_cast<std::uint8_t>(at >> 8U),
                                                        static_cast<std::uint8_t>(at)};
        const std::array<ByteView, 2> parts{ByteView{head}, data};
        sink.add(timestamp, false, parts);
        at += data.size();
    }
}

} // namespace millrace::rtp
