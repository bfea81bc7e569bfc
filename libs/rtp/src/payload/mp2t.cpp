#include "mp2t.hpp"

#include <algorithm>

namespace millrace::rtp {
namespace {

constexpr std::uint8_t kSync = 0x47;
constexpr std::size_t kPacketBytes = 188;
constexpr std::int64_t kClock = 90000;

std::int64_t ticks(std::chrono::nanoseconds time)
{
    constexpr std::int64_t kSecond = 1'000'000'000;
    return time.count() / kSecond * kClock + time.count() % kSecond * kClock / kSecond;
}

} // namespace

Mp2tDepacketizer::Mp2tDepacketizer(const Limits& limits)
    : demuxer_{mpegts::Demuxer::Limits{.pes_bytes = limits.nal_bytes}}
{
}

void Mp2tDepacketizer::feed(const Packet& packet, std::int64_t /*timestamp*/, bool /*lost*/)
{
    auto data = packet.payload.view();
    if (failed_ || data.empty()) {
        return;
    }
    if (data[0] != kSync || data.size() % kPacketBytes != 0) {
        // Quirk: datagrams that do not begin with a packet: the demuxer finds the next one.
        stats_.quirks.add(Quirk::misaligned_ts);
    }
    // What is lost between them, the continuity counters tell.
    if (!demuxer_.feed(data)) {
        ++stats_.bad;
        failed_ = true;
    }
    drain();
}

void Mp2tDepacketizer::flush()
{
    demuxer_.end();
    drain();
}

void Mp2tDepacketizer::drain()
{
    while (auto item = demuxer_.next()) {
        if (auto* track = std::get_if<media::Track>(&*item)) {
            give(std::move(*track));
        } else if (auto* frame = std::get_if<media::Frame>(&*item)) {
            take(*frame);
        }
    }
}

void Mp2tDepacketizer::take(const media::Frame& frame)
{
    give(Unit{.track = frame.track,
              .kind = frame.kind,
              .timestamp = ticks(frame.pts().time_since_epoch()),
              .key = frame.key,
              .disposable = frame.disposable,
              .payload = frame.payload,
              .decode_offset = -frame.composition});
}

} // namespace millrace::rtp
