#include "ac3.hpp"

#include <millrace/codec/ac3.hpp>
#include <millrace/media/describe.hpp>

#include <algorithm>
#include <array>

namespace millrace::rtp {
namespace {

constexpr std::size_t kHeadBytes = 2;
constexpr unsigned kWhole = 0;      ///< Frame type of RFC 4184 §4.1.1: whole frames …
constexpr unsigned kFirstLong = 1;  ///< … a first fragment with the first five eighths of its frame …
constexpr unsigned kFirstShort = 2; ///< … one with less …
constexpr unsigned kLater = 3;      ///< … another fragment.

} // namespace

// payload := 0:u6 type:u2 count:u8 data      AC-3: count of frames, or of the fragments of the frame
// payload := 0:u7 part:u1 count:u8 data      E-AC-3: the same
void Ac3Depacketizer::feed(const Packet& packet, std::int64_t timestamp, bool lost)
{
    ByteReader in{packet.payload};
    const unsigned type = in.u8() & (enhanced_ ? 1U : 3U);
    in.skip(1);
    if (!in.ok() || in.at_end()) {
        ++stats_.bad;
        return;
    }
    if (!part_.empty() && (lost || timestamp != part_time_)) {
        ++stats_.damaged;
        part_.clear();
    }
    auto data = packet.payload.slice(kHeadBytes);
    if (type != kWhole) {
        const bool first = enhanced_ ? part_.empty() : type != kLater;
        take_part(data, timestamp, first, packet.marker);
        return;
    }
    while (!data.empty()) {
        const auto header = codec::ac3::read_header(data);
        if (!header || header->frame_bytes == 0 || header->frame_bytes > data.size()) {
            ++stats_.bad;
            return;
        }
        take(data.slice(0, header->frame_bytes), timestamp);
        timestamp += std::int64_t{header->samples} * clock_rate_ / header->sample_rate;
        data = data.slice(header->frame_bytes);
    }
}

void Ac3Depacketizer::take_part(ByteView data, std::int64_t timestamp, bool first, bool last)
{
    if (first) {
        part_.clear();
        part_time_ = timestamp;
    } else if (part_.empty()) {
        ++stats_.damaged;
        return;
    }
    if (part_.size() + data.size() > limits_.unit_bytes) {
        ++stats_.oversize;
        part_.clear();
        return;
    }
    part_.insert(part_.end(), data.begin(), data.end());
    const auto header = codec::ac3::read_header(part_);
    if (!header) {
        ++stats_.bad;
        part_.clear();
    } else if (part_.size() >= header->frame_bytes) {
        take(SharedBytes{std::move(part_)}, timestamp);
        part_ = Bytes{};
    } else if (last) {
        ++stats_.damaged;
        part_.clear();
    }
}

void Ac3Depacketizer::take(SharedBytes frame, std::int64_t timestamp)
{
    if (!told_) {
        told_ = true;
        media::describe_by_frame(track_, frame);
        give(track_);
    }
    give(Unit{
        .track = track_.id, .kind = media::Kind::audio, .timestamp = timestamp, .payload = std::move(frame)});
}

void Ac3Packetizer::packetize(const media::Frame& frame, std::uint32_t timestamp, PayloadSink& sink)
{
    const auto whole = frame.payload.view();
    const auto each = most_ - kHeadBytes;
    const auto count = (whole.size() + each - 1) / each;
    if (whole.empty() || count > 255) {
        return;
    }
    for (std::size_t at = 0; at < whole.size();) {
        const auto data = whole.subspan(at, std::min(each, whole.size() - at));
        const unsigned first = data.size() * 8 >= whole.size() * 5 ? kFirstLong : kFirstShort;
        const unsigned type = count == 1 ? kWhole : enhanced_ ? 1 : at == 0 ? first : kLater;
        const std::array<std::uint8_t, kHeadBytes> head{static_cast<std::uint8_t>(type),
                                                        static_cast<std::uint8_t>(count)};
        const std::array<ByteView, 2> parts{ByteView{head}, data};
        at += data.size();
        sink.add(timestamp, at == whole.size(), parts);
    }
}

} // namespace millrace::rtp
