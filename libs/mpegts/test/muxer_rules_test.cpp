#include "reading.hpp"
#include "walk.hpp"
#include <millrace/mpegts/id3.hpp>

#include <gtest/gtest.h>

#include <numeric>

namespace millrace::mpegts {
namespace {

using namespace std::chrono_literals;

std::vector<media::Frame> seconds(std::chrono::nanoseconds from, int count)
{
    std::vector<media::Frame> frames;
    for (int i = 0; i < count; ++i) {
        const auto more = second(from + i * 1s);
        frames.insert(frames.end(), more.begin(), more.end());
    }
    return frames;
}

media::Frame big_picture(std::size_t bytes, std::chrono::nanoseconds at, bool key)
{
    Bytes unit(bytes, 0xaa);
    unit[0] = key ? 0x65 : 0x41;
    return picture(unit, at, key);
}

TEST(MuxerRules, ContinuityCountersGoOnOverSegmentsAndClockPackets)
{
    std::vector<media::Frame> frames;
    for (int i = 0; i < 40; ++i) { // 5 pictures a second: clock packets in between
        frames.push_back(big_picture(static_cast<std::size_t>(100 + 97 * i), i * 200ms, i % 10 == 0));
    }
    const auto packets = walk(write({video_track()}, frames));
    expect_continuity(packets);
    EXPECT_EQ(pes_of(packets, 0x100).size(), 40U);
}

TEST(MuxerRules, EveryLengthFillsItsPackets)
{
    for (std::size_t bytes = 1; bytes < 600; ++bytes) {
        const auto out = write({video_track()}, {big_picture(bytes, 0ms, true)});
        const auto read_back = read(out);
        ASSERT_EQ(read_back.frames(kVideo).size(), 1U) << bytes;
        EXPECT_EQ(read_back.frames(kVideo)[0].payload.size(), bytes + 4);
    }
}

TEST(MuxerRules, ClockReferencesStandAtMost100MsApartAndConstantlyBeforeTheirPictures)
{
    for (const auto step : {16ms, 40ms, 90ms, 200ms, 1000ms, 7000ms}) {
        std::vector<media::Frame> frames;
        for (int i = 0; i < 12; ++i) {
            frames.push_back(picture(i == 0 ? kIdr : kSlice1, i * step, i == 0));
        }
        std::optional<Ticks> last;
        for (const auto& packet : walk(write({video_track()}, frames))) {
            if (packet.pcr) {
                EXPECT_LE(*packet.pcr - last.value_or(*packet.pcr), kTicksPerSecond / 10) << step.count();
                EXPECT_GE(*packet.pcr, last.value_or(0)) << "never back";
                EXPECT_FALSE(packet.discontinuity);
                last = packet.pcr;
            }
            if (packet.pcr && packet.start) {
                const auto dts = read_timestamp(&packet.payload[14]); // PES packets with both times
                EXPECT_EQ(*dts - *packet.pcr, kDelay) << "0.7 s";
            }
        }
    }
}

TEST(MuxerRules, SoundAloneCarriesTheClock)
{
    std::vector<media::Frame> frames;
    for (int i = 0; i < 100; ++i) {
        frames.push_back(sound(sound_at(0ms, i)));
    }
    const auto packets = walk(write({audio_track()}, frames));
    std::optional<Ticks> last;
    for (const auto& packet : packets) {
        if (packet.pid == 0x101 && packet.start) {
            ASSERT_TRUE(packet.pcr);
            EXPECT_TRUE(packet.random_access);
            EXPECT_LE(*packet.pcr - last.value_or(*packet.pcr), kTicksPerSecond / 10);
            last = packet.pcr;
        }
    }
    EXPECT_EQ(packets[1].payload[10], 0x01) << "PCR PID 0x101";
    EXPECT_EQ(packets[1].payload[6] >> 1U & 31U, 16U)
        << "versions of programs without a picture are their own";
}

TEST(MuxerRules, ClockGoesOnWhileThePictureIsSilent)
{
    std::vector<media::Frame> frames{picture(kIdr, 0ms, true)};
    for (int i = 0; i < 150; ++i) {
        frames.push_back(sound(sound_at(0ms, i)));
    }
    std::vector<Ticks> references;
    for (const auto& packet : walk(write({video_track(), audio_track()}, frames))) {
        if (packet.pcr) {
            EXPECT_EQ(packet.pid, 0x100);
            references.push_back(*packet.pcr);
        }
    }
    EXPECT_GT(references.back(), references.front() + 3 * kTicksPerSecond);
    std::adjacent_difference(references.begin(), references.end(), references.begin());
    EXPECT_TRUE(std::all_of(references.begin() + 1, references.end(),
                            [](Ticks step) { return step <= kTicksPerSecond / 10; }));
}

TEST(MuxerRules, ALongGapIsANewTimeBase)
{
    const auto packets = walk(write(
        {video_track()}, {picture(kIdr, 0s, true), picture(kSlice1, 3600s), picture(kSlice2, 3600s + 40ms)}));
    std::vector<bool> marks;
    for (const auto& packet : packets) {
        if (packet.pcr) {
            marks.push_back(packet.discontinuity);
        }
    }
    EXPECT_EQ(marks, (std::vector<bool>{false, true, false}));
}

TEST(MuxerRules, TablesStandBeforeEachKeyFrameAndAtLeastEvery400Ms)
{
    auto frames = seconds(0ms, 3);
    for (auto& frame : frames) {
        frame.key = frame.key && (frame.kind == media::Kind::audio || frame.dts < MediaTime{1s});
    }
    const auto packets = walk(write({video_track(), audio_track()}, frames));
    std::size_t tables = 0;
    for (std::size_t i = 0; i < packets.size(); ++i) {
        if (packets[i].random_access && packets[i].pid == 0x100) {
            ASSERT_GE(i, 2U);
            EXPECT_EQ(packets[i - 1].pid, 0x1000);
            EXPECT_EQ(packets[i - 2].pid, 0);
            EXPECT_TRUE(packets[i].pcr);
        }
        if (packets[i].pid == 0) {
            EXPECT_EQ(packets[i + 1].pid, 0x1000);
            ++tables;
        }
    }
    EXPECT_EQ(tables, 8U) << "at 0, 400, 800 … 2800 ms";
    const auto segments = walk(write({video_track(), audio_track()}, seconds(0ms, 3), {.tables_every = 0ms}));
    EXPECT_EQ(std::ranges::count(segments, std::uint16_t{0}, &Packet::pid), 3) << "one a key frame";
}

TEST(MuxerRules, WhatFollowsAJoinPointIsAStreamOfItsOwn)
{
    Muxer muxer;
    media::Pieces before;
    media::Pieces after;
    muxer.write(video_track(), {}, before);
    muxer.write(audio_track(), {}, before);
    for (const auto& frame : seconds(0ms, 2)) {
        const bool join = frame.kind == media::Kind::video && frame.key;
        muxer.write(frame, join, frame.dts < MediaTime{1s} ? before : after);
    }
    muxer.flush(after);
    const auto out = read(joined(after));
    EXPECT_TRUE(out.counters.empty());
    EXPECT_EQ(out.frames(kVideo).size(), 25U);
    EXPECT_GE(out.frames(kAudio).size(), 46U);
    EXPECT_TRUE(out.frames(kVideo)[0].key);
}

TEST(MuxerRules, TimesWrapAt33Bits)
{
    const auto wrap = to_duration(kTimestampMask + 1) - 10s; // 10 s is what a timeline begins with
    const auto packets = walk(
        write({video_track()}, {picture(kIdr, wrap - 40ms, true, 0ms), picture(kSlice1, wrap, false, 0ms),
                                picture(kSlice2, wrap + 800ms, false, 0ms)}));
    const auto pes = pes_of(packets, 0x100);
    EXPECT_EQ(read_timestamp(&pes[0][9]), kTimestampMask + 1 - 3600);
    EXPECT_EQ(read_timestamp(&pes[1][9]), 0);
    EXPECT_EQ(read_timestamp(&pes[2][9]), 72000);
    std::optional<Ticks> last;
    for (const auto& packet : packets) {
        if (packet.pcr) {
            EXPECT_FALSE(packet.discontinuity) << "a wrap is none";
            EXPECT_LE((*packet.pcr - last.value_or(*packet.pcr)) & kTimestampMask, kTicksPerSecond / 10);
            last = packet.pcr;
        }
    }
    EXPECT_EQ(last, 9000) << "0.8 s - 0.7 s behind the wrap";
}

TEST(MuxerRules, EachPictureHasOneDelimiterAndKeyFramesTheirParameterSets)
{
    // With a delimiter, filler and enhancement information of its own.
    const auto payload =
        prefixed("0910"_hex) + prefixed("0605"_hex) + prefixed("0cffff80"_hex) + prefixed(kIdr);
    auto own = picture(kIdr, 0ms, true);
    own.payload = SharedBytes{Bytes{payload}};
    auto with_sets = picture(kIdr, 40ms, true);
    with_sets.payload = SharedBytes{prefixed(kSps) + prefixed(kPps) + prefixed(kIdr)};
    const auto pes = pes_of(walk(write({video_track()}, {own, with_sets, picture(kSlice1, 80ms)})), 0x100);
    const Bytes code{0, 0, 0, 1};
    const auto body = [](const Bytes& packet) { return Bytes(packet.begin() + 19, packet.end()); };
    EXPECT_EQ(body(pes[0]), code + "09f0"_hex + code + kSps + code + kPps + code + "0605"_hex + code + kIdr);
    EXPECT_EQ(body(pes[1]), code + "09f0"_hex + code + kSps + code + kPps + code + kIdr) << "no second pair";
    EXPECT_EQ(body(pes[2]), code + "09f0"_hex + code + kSlice1);
}

TEST(MuxerRules, AacFramesHaveAdtsHeadersOfTheCore)
{
    struct Case {
        Bytes config;
        std::string_view why;
        std::uint8_t second;
        std::uint8_t third;
    };
    for (const auto& [config, why, second, third] : std::vector<Case>{
             {"1190"_hex, "LC, 48 kHz, stereo", 0x4c, 0x80},
             {"1388"_hex, "LC, 22050 Hz, mono", 0x5c, 0x40},
             {"2b920800"_hex, "HE-AAC tells its core, at 22050 Hz", 0x5c, 0x80},
             {"11b0"_hex, "5.1", 0x4d, 0x80},
         }) {
        auto track = audio_track();
        track.config = SharedBytes{Bytes{config}};
        const auto pes = pes_of(walk(write({track}, {sound(0ms), sound(21ms)}, {.audio_span = 90ms})), 0x101);
        EXPECT_EQ(pes[0][14], 0xff) << why;
        EXPECT_EQ(pes[0][15], 0xf1) << why;
        EXPECT_EQ(pes[0][16], second) << why;
        EXPECT_EQ(pes[0][17], third) << why;
        EXPECT_EQ(pes[0][4] * 256U + pes[0][5], 8 + 2 * (7 + kSilence.size()))
            << "two frames, and they tell so";
    }
    auto odd = audio_track();
    odd.config = SharedBytes{Bytes{"f8d83000"_hex}};
    EXPECT_FALSE(left_out(odd, {}).empty()) << "object type 39 has no ADTS";
}

TEST(MuxerRules, SoundIsCountedInSamplesUntilItsSourceLeaves)
{
    std::vector<media::Frame> frames;
    for (int i = 0; i < 40; ++i) { // as FLV rounds it
        frames.push_back(sound(std::chrono::floor<std::chrono::milliseconds>(sound_at(0ms, i))));
    }
    for (int i = 0; i < 10; ++i) {
        frames.push_back(sound(sound_at(5s, i)));
    }
    const auto out = read(write({audio_track()}, frames)).frames(kAudio);
    ASSERT_EQ(out.size(), 50U);
    for (std::size_t i = 0; i < 40; ++i) {
        EXPECT_EQ(to_ticks(out[i].dts.time_since_epoch()), 900000 + static_cast<Ticks>(i) * 1920);
    }
    EXPECT_EQ(out[40].dts, MediaTime{15s});
}

TEST(MuxerRules, TracksThatComeAndGoAreToldByNewTables)
{
    Muxer muxer;
    media::Pieces out;
    muxer.write(video_track(), {}, out);
    muxer.write(picture(kIdr, 0ms, true), true, out);
    muxer.write(audio_track(), {}, out);
    muxer.write(picture(kSlice1, 40ms), false, out);
    muxer.write(sound(40ms), false, out);
    muxer.forget(kAudio, {}, out);
    muxer.write(picture(kSlice2, 80ms), false, out);
    std::vector<unsigned> versions;
    for (const auto& packet : walk(joined(out))) {
        if (packet.pid == 0x1000) {
            versions.push_back(packet.payload[6] >> 1U & 31U);
        }
    }
    EXPECT_EQ(versions, (std::vector<unsigned>{0, 1, 2}));
    EXPECT_EQ(read(joined(out)).frames(kAudio).size(), 1U) << "what was held is given before its track goes";
}

TEST(MuxerRules, OnlyWhatIsAskedForIsWritten)
{
    auto second_sound = audio_track();
    second_sound.id = media::track_id(media::Kind::audio, 1);
    second_sound.number = 1;
    EXPECT_FALSE(left_out(second_sound, {}).empty());
    EXPECT_TRUE(left_out(second_sound, {.multitrack = true}).empty());
    EXPECT_TRUE(left_out(second_sound, {.audio = 1}).empty());
    EXPECT_FALSE(left_out(audio_track(), {.audio = 1}).empty());
    media::Track av1{.kind = media::Kind::video, .codec = media::Codec::av1};
    EXPECT_EQ(left_out(av1, {}), "MPEG-TS has no room for this codec");
    auto bare = video_track();
    bare.config = {};
    EXPECT_EQ(left_out(bare, {}), "its parameter sets are not known");

    std::vector<media::Frame> frames{picture(kIdr, 0ms, true)};
    for (int i = 0; i < 10; ++i) {
        frames.push_back(sound(sound_at(0ms, i)));
        frames.back().track = second_sound.id;
    }
    EXPECT_EQ(pes_of(walk(write({video_track(), second_sound}, frames)), 0x101).size(), 0U);
    EXPECT_EQ(pes_of(walk(write({video_track(), second_sound}, frames, {.audio = 1})), 0x101).size(), 5U);
    EXPECT_EQ(pes_of(walk(write({video_track(), second_sound}, frames, {.multitrack = true})), 0x110).size(),
              5U);
    EXPECT_EQ(with_query({}, "tracks=all&video_track=3&token=x"), (Options{.multitrack = true, .video = 3}));
    EXPECT_EQ((Options{.multitrack = true, .video = 3}).key(), "/all/v3");
    EXPECT_EQ(Options{}.key(), "");
}

TEST(MuxerRules, ShortFilesArePadded)
{
    Bytes bytes;
    pad(bytes);
    EXPECT_EQ(bytes.size(), 24 * kPacketBytes);
    EXPECT_TRUE(
        std::ranges::all_of(walk(bytes), [](const Packet& packet) { return packet.pid == kNullPid; }));
}

} // namespace
} // namespace millrace::mpegts
