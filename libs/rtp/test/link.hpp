// A source of two media and a reception, for tests.
#pragma once

#include "payload_test.hpp"
#include <millrace/rtp/muxer.hpp>
#include <millrace/rtp/reception.hpp>
#include <millrace/rtp/rtcp.hpp>
#include <millrace/rtp/timeline.hpp>

namespace millrace::rtp {

inline constexpr media::TrackId kVideo = media::track_id(media::Kind::video, 0);
inline constexpr media::TrackId kAudio = media::track_id(media::Kind::audio, 0);
inline const Bytes kIdr = "6588843a26280c9d75e0"_hex;
inline const Bytes kP1 = "419a20268b"_hex;

inline Format video_format()
{
    return {.payload = Payload::h264,
            .payload_type = 96,
            .parameters = {{"packetization-mode", "1"},
                           {"sprop-parameter-sets", "Z0LACtolsBEAAAMAAQAAAwAyDxImoA==,aM4PyA=="}}};
}

inline Format audio_format()
{
    return {.payload = Payload::g711a,
            .kind = media::Kind::audio,
            .payload_type = 8,
            .clock_rate = 8000,
            .channels = 1};
}

/// A source of pictures and sounds whose clocks have offsets of their own, and a reception.
struct Link {
    explicit Link(bool reliable = false, Reception::Options options = {}) : reception{options}
    {
        EXPECT_EQ(*reception.add(video_format(), kVideo, 0, reliable), 0U);
        EXPECT_EQ(*reception.add(audio_format(), kAudio, 0, reliable), 1U);
    }

    SharedBytes picture(std::uint16_t sequence, std::uint32_t timestamp, bool key = false) const
    {
        return datagram({.marker = true,
                         .payload_type = 96,
                         .sequence = sequence,
                         .timestamp = timestamp,
                         .ssrc = video_ssrc,
                         .payload = SharedBytes::copy_of(key ? kIdr : kP1)});
    }
    SharedBytes sound(std::uint16_t sequence, std::uint32_t timestamp) const
    {
        return datagram({.payload_type = 8,
                         .sequence = sequence,
                         .timestamp = timestamp,
                         .ssrc = audio_ssrc,
                         .payload = SharedBytes{Bytes(160, 0xd5)}});
    }
    static SharedBytes datagram(const Packet& packet)
    {
        Bytes bytes;
        ByteWriter out{bytes};
        write(out, packet);
        return SharedBytes{std::move(bytes)};
    }
    SharedBytes report(std::uint32_t ssrc, std::chrono::nanoseconds wall, std::uint32_t timestamp) const
    {
        Bytes bytes;
        ByteWriter out{bytes};
        const WallTime at{
            std::chrono::duration_cast<WallTime::duration>(std::chrono::hours{24 * 365 * 54} + wall)};
        rtcp::write(out, rtcp::SenderReport{.ssrc = ssrc, .ntp = to_ntp(at), .rtp = timestamp});
        return SharedBytes{std::move(bytes)};
    }
    void gather()
    {
        while (auto item = reception.next()) {
            if (auto* frame = std::get_if<media::Frame>(&*item)) {
                (frame->track == kVideo ? pictures : sounds).push_back(*frame);
            } else {
                tracks.push_back(std::get<media::Track>(*item));
            }
        }
    }
    Clock::time_point at(std::chrono::nanoseconds time) const { return begin + time; }

    Reception reception;
    Clock::time_point begin{std::chrono::hours{5}};
    std::uint32_t video_ssrc = 0x11111111;
    std::uint32_t audio_ssrc = 0x22222222;
    std::vector<media::Track> tracks;
    std::vector<media::Frame> pictures;
    std::vector<media::Frame> sounds;
};

} // namespace millrace::rtp
