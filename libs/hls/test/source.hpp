// A publisher made by hand: pictures and sound at the times that a test wants.
#pragma once

#include <millrace/hls/packager.hpp>
#include <millrace/media/describe.hpp>
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>

namespace millrace::hls {

using namespace millrace::testing::literals;
using namespace std::chrono_literals;

// The H.264 and AAC configurations of HLS vector H3.
inline constexpr auto kAvcC =
    "0142c00affe100166742c00ada25b011000003000100000300320f1226a001000468ce0fc8"_hex;
inline constexpr auto kAsc = "1190"_hex;

inline media::Track picture_track(std::uint8_t number = 0)
{
    media::Track track{.id = media::track_id(media::Kind::video, number),
                       .kind = media::Kind::video,
                       .number = number,
                       .codec = media::Codec::h264,
                       .config = SharedBytes::copy_of(kAvcC)};
    media::describe(track);
    return track;
}

inline media::Track sound_track(std::uint8_t number = 0)
{
    media::Track track{.id = media::track_id(media::Kind::audio, number),
                       .kind = media::Kind::audio,
                       .number = number,
                       .codec = media::Codec::aac,
                       .config = SharedBytes::copy_of(kAsc)};
    media::describe(track);
    return track;
}

/// Frames by the clock of a stream, handed to a packager in the order of their times.
class Source {
public:
    explicit Source(Packager& packager) : packager_{packager} {}

    Nanoseconds frame = 40ms;
    Nanoseconds gop = 2s;
    bool pictures = true;
    bool sound = true;
    std::size_t picture_bytes = 100;
    WallTime wall = WallTime{1'763'623'270s}; ///< Of the time zero.
    Clock::time_point start{};
    std::uint8_t picture_number = 0;

    /// Everything before `until`, from where the last call ended.
    void run(Nanoseconds until)
    {
        constexpr Nanoseconds kSound{1024 * std::int64_t{1'000'000'000} / 48000};
        for (;;) {
            const auto next_picture = pictures ? picture_at_ : Nanoseconds::max();
            const auto next_sound = sound ? kSound * sounds_ : Nanoseconds::max();
            const auto next = std::min(next_picture, next_sound);
            if (next >= until) {
                break;
            }
            if (next == next_picture) {
                picture(next);
                picture_at_ += frame;
            } else {
                // As RTMP tells it: in whole milliseconds.
                send({.track = media::track_id(media::Kind::audio, 0),
                      .kind = media::Kind::audio,
                      .key = true,
                      .dts = media_ms(next / 1ms),
                      .payload = SharedBytes{Bytes(20, 0x21)}});
                ++sounds_;
            }
        }
        if (!pictures) {
            picture_at_ = (until + frame - 1ns) / frame * frame;
        }
        while (!sound && kSound * sounds_ < until) {
            ++sounds_;
        }
        now_ = until;
    }

    void picture(Nanoseconds at)
    {
        const auto since = (at - gop_begin_) % gop;
        send({.track = media::track_id(media::Kind::video, picture_number),
              .kind = media::Kind::video,
              .key = since < frame / 2,
              .dts = MediaTime{at},
              .composition = 80ms,
              .payload = SharedBytes{Bytes(picture_bytes, 0x41)}});
    }

    void send(const media::Frame& sent)
    {
        packager_.hear(sent.dts,
                       wall + std::chrono::duration_cast<WallTime::duration>(sent.dts.time_since_epoch()));
        packager_.take(sent, start + sent.dts.time_since_epoch());
    }

    /// Everything goes on so much later.
    void pause(Nanoseconds length)
    {
        constexpr Nanoseconds kSound{1024 * std::int64_t{1'000'000'000} / 48000};
        picture_at_ += length;
        gop_begin_ = picture_at_;
        sounds_ = (picture_at_ + kSound - 1ns) / kSound;
    }

    Clock::time_point now() const { return start + now_; }

private:
    Packager& packager_;
    Nanoseconds picture_at_{0};
    Nanoseconds gop_begin_{0};
    Nanoseconds now_{0};
    std::int64_t sounds_ = 0;
};

inline Bytes joined(const SharedBody& body)
{
    Bytes bytes;
    for (const auto& piece : body->pieces) {
        bytes.insert(bytes.end(), piece.view().begin(), piece.view().end());
    }
    return bytes;
}

} // namespace millrace::hls
