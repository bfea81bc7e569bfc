#include "raw_sound.hpp"

#include <algorithm>

namespace millrace::rtp {
namespace {

Bytes swapped(ByteView samples)
{
    Bytes out(samples.begin(), samples.end());
    for (std::size_t i = 0; i + 1 < out.size(); i += 2) {
        std::swap(out[i], out[i + 1]);
    }
    return out;
}

} // namespace

void RawSoundDepacketizer::feed(const Packet& packet, std::int64_t timestamp, bool /*lost*/)
{
    if (packet.payload.empty()) {
        stats_.quirks.add(Quirk::empty_payload);
        return;
    }
    if (!told_) {
        told_ = true;
        give(track_);
    }
    give(Unit{.track = track_.id,
              .kind = media::Kind::audio,
              .timestamp = timestamp,
              .payload = swap_ ? SharedBytes{swapped(packet.payload)} : packet.payload});
}

void RawSoundPacketizer::packetize(const media::Frame& frame, std::uint32_t timestamp, PayloadSink& sink)
{
    const auto whole = swap_ ? SharedBytes{swapped(frame.payload)} : frame.payload;
    if (sample_bytes_ == 0) {
        // A packet of Opus is never cut: RFC 7587 §4.2.
        const auto payload = whole.view();
        if (!payload.empty() && payload.size() <= 0xffff - 12) {
            sink.add(timestamp, false, {&payload, 1});
        }
        return;
    }
    const auto samples = std::max<std::size_t>(most_ / sample_bytes_, 1);
    for (auto left = whole.view(); !left.empty();) {
        const auto data = left.first(std::min(samples * sample_bytes_, left.size()));
        left = left.subspan(data.size());
        sink.add(timestamp, false, {&data, 1});
        timestamp += static_cast<std::uint32_t>(data.size() / sample_bytes_);
    }
}

} // namespace millrace::rtp
