// The material of the vectors: three pictures of 32x32 and silence.
#pragma once

#include <millrace/codec/h264.hpp>
#include <millrace/media/describe.hpp>
#include <millrace/mpegts/muxer.hpp>
#include <millrace/mpegts/packet.hpp>
#include <millrace/testing/hex.hpp>

namespace millrace::mpegts {

using namespace millrace::testing::literals;

inline const Bytes kSps = to_bytes(ByteView{"6742c00ada25b011000003000100000300320f1226a0"_hex});
inline const Bytes kPps = to_bytes(ByteView{"68ce0fc8"_hex});
inline const Bytes kIdr = to_bytes(ByteView{"6588843a26280c9d75e0"_hex});
inline const Bytes kSlice1 = to_bytes(ByteView{"419a20268b"_hex});
inline const Bytes kSlice2 = to_bytes(ByteView{"419a402a8b"_hex});
inline const Bytes kSilence = to_bytes(ByteView{"211004608c1c"_hex});

constexpr auto kVideo = media::track_id(media::Kind::video, 0);
constexpr auto kAudio = media::track_id(media::Kind::audio, 0);

inline Bytes prefixed(ByteView unit)
{
    Bytes bytes;
    ByteWriter out{bytes};
    out.u32(static_cast<std::uint32_t>(unit.size()));
    out.bytes(unit);
    return bytes;
}

inline media::Track video_track()
{
    Bytes config;
    ByteWriter out{config};
    codec::h264::write(out, *codec::h264::make_config({kSps, kPps}));
    media::Track track{.id = kVideo, .kind = media::Kind::video, .codec = media::Codec::h264};
    track.config = SharedBytes{std::move(config)};
    static_cast<void>(media::describe(track));
    return track;
}

inline media::Track audio_track()
{
    media::Track track{.id = kAudio, .kind = media::Kind::audio, .codec = media::Codec::aac};
    track.config = SharedBytes{to_bytes(ByteView{"1190"_hex})};
    static_cast<void>(media::describe(track));
    return track;
}

inline media::Frame picture(ByteView unit, std::chrono::nanoseconds at, bool key = false,
                            std::chrono::nanoseconds composition = std::chrono::milliseconds{40})
{
    return {.track = kVideo,
            .kind = media::Kind::video,
            .key = key,
            .dts = MediaTime{at},
            .composition = composition,
            .payload = SharedBytes{prefixed(unit)}};
}

inline media::Frame sound(std::chrono::nanoseconds at)
{
    return {.track = kAudio,
            .kind = media::Kind::audio,
            .key = true,
            .dts = MediaTime{at},
            .payload = SharedBytes::copy_of(kSilence)};
}

/// The nth frame of sound behind `from`.
inline std::chrono::nanoseconds sound_at(std::chrono::nanoseconds from, std::int64_t n)
{
    return from + std::chrono::nanoseconds{n * 1024 * 1'000'000'000 / 48000};
}

inline Bytes operator+(Bytes a, const Bytes& b)
{
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

inline Bytes joined(const media::Pieces& pieces)
{
    Bytes all;
    for (const auto& piece : pieces) {
        all.insert(all.end(), piece.view().begin(), piece.view().end());
    }
    return all;
}

} // namespace millrace::mpegts
