#include "bodies.hpp"

#include <gtest/gtest.h>

namespace millrace::flv {
namespace {

using namespace testing::literals;
using media::Codec;
using media::Frame;
using media::Kind;
using media::Track;
using std::chrono::milliseconds;
using Counters = BodyReader::Counters;

// libx264, 64x48 at 10 frames a second, as FFmpeg sends it.
constexpr auto kAvcConfig = R"(0164000affe10018 6764000aacd9447b01100000030010000003 0140f1225960
    01 0005 68ef839cb0 fdf8f800)"_hex;
constexpr auto kOtherAvcConfig =
    "0142c00aff e10016 6742c00ad902c4ec0840000003004000000783c48992 01000568cb83cb20"_hex;

Bytes with(ByteView lead, ByteView rest)
{
    auto bytes = to_bytes(lead);
    bytes.insert(bytes.end(), rest.begin(), rest.end());
    return bytes;
}

Track avc_track()
{
    return {.id = 0,
            .kind = Kind::video,
            .codec = Codec::h264,
            .config = shared(kAvcConfig),
            .origin = 7,
            .width = 64,
            .height = 48,
            .fps = 10,
            .codec_string = "avc1.64000a"};
}

TEST(LegacyVideo, GivesTheTrackOfAnAvcSequenceHeader)
{
    BodyReader reader;
    const auto items = feed(reader, TagType::video, 0, with("17 00 000000"_hex, kAvcConfig));
    EXPECT_EQ(only<Track>(items), std::vector{avc_track()});
    EXPECT_EQ(items.size(), 1U);
}

TEST(LegacyVideo, GivesAvcFramesWithTheirTimesAndFlags)
{
    BodyReader reader;
    feed(reader, TagType::video, 0, with("17 00 000000"_hex, kAvcConfig));
    struct Case {
        Bytes body;
        bool key;
        bool disposable;
        int composition;
    };
    for (const auto& [body, key, disposable, composition] : std::vector<Case>{
             {"17 01 0000c8 00000002 6588"_hex, true, false, 200},
             {"27 01 ffffec 00000002 4188"_hex, false, false, -20},
             {"37 01 000000 00000002 0188"_hex, false, true, 0},
             {"47 01 800000 00000002 6588"_hex, true, true, -8388608},
         }) {
        const auto frames = only<Frame>(feed(reader, TagType::video, 0xfffffff0, body));
        ASSERT_EQ(frames.size(), 1U);
        EXPECT_EQ(frames[0], (Frame{.track = 0,
                                    .kind = Kind::video,
                                    .key = key,
                                    .disposable = disposable,
                                    .dts = media_ms(0xfffffff0),
                                    .composition = milliseconds{composition},
                                    .payload = shared(ByteView{body}.subspan(5))}));
        EXPECT_EQ(joined(write_body(avc_track(), frames[0])), body);
    }
}

TEST(LegacyVideo, SharesTheBytesOfTheBody)
{
    BodyReader reader;
    feed(reader, TagType::video, 0, with("17 00 000000"_hex, kAvcConfig));
    const auto body = shared("17 01 000000 00000002 6588"_hex);
    reader.feed(TagType::video, 0, body);
    const auto frames = only<Frame>(drain(reader));
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_EQ(frames[0].payload.data(), body.data() + 5);
}

TEST(LegacyVideo, WritesTheSequenceHeaderAgain)
{
    const auto config = write_config(avc_track());
    ASSERT_TRUE(config);
    EXPECT_EQ(joined(*config), with("17 00 000000"_hex, kAvcConfig));
    EXPECT_FALSE(write_config({.kind = Kind::video, .codec = Codec::h263, .origin = 2}));
}

TEST(LegacyVideo, SwallowsARepeatedSequenceHeaderAndTellsAChangedOne)
{
    BodyReader reader;
    EXPECT_EQ(feed(reader, TagType::video, 0, with("17 00 000000"_hex, kAvcConfig)).size(), 1U);
    EXPECT_EQ(feed(reader, TagType::video, 9, with("17 00 000000"_hex, kAvcConfig)).size(), 0U);
    EXPECT_EQ(reader.counters(), (Counters{{"repeated_config", 1}}));
    const auto changed =
        only<Track>(feed(reader, TagType::video, 9, with("17 00 000000"_hex, kOtherAvcConfig)));
    ASSERT_EQ(changed.size(), 1U);
    EXPECT_EQ(changed[0].width, 176U);
    EXPECT_EQ(changed[0].codec_string, "avc1.42c00a");
}

TEST(LegacyVideo, TakesAnEndOfSequenceForNoFrame)
{
    BodyReader reader;
    feed(reader, TagType::video, 0, with("17 00 000000"_hex, kAvcConfig));
    EXPECT_TRUE(feed(reader, TagType::video, 0, "17 02 000000"_hex).empty());
    EXPECT_TRUE(feed(reader, TagType::video, 0, "17 02"_hex).empty());
    EXPECT_TRUE(reader.counters().empty());
}

TEST(LegacyVideo, DropsAndCountsWhatIsNoFrame)
{
    struct Case {
        const char* counter;
        Bytes body;
    };
    for (const auto& [counter, body] : std::vector<Case>{
             {"empty_video", {}},
             {"empty_video", "17 01 000000"_hex},
             {"empty_video", "22"_hex},
             {"truncated_body", "17 01 0000"_hex},
             {"truncated_body", "17"_hex},
             {"unknown_packet_type", "17 03 000000 00"_hex},
             {"video_command", "57 00"_hex},
             {"reserved_frame_type", "07 01 000000 00000002 6588"_hex},
             {"reserved_frame_type", "67 01 000000 00000002 6588"_hex},
             {"empty_config", "17 00 000000"_hex},
             {"bad_config", "17 00 000000 0164000aff"_hex},
         }) {
        SCOPED_TRACE(counter);
        BodyReader reader;
        feed(reader, TagType::video, 0, with("17 00 000000"_hex, kAvcConfig));
        EXPECT_TRUE(only<Frame>(feed(reader, TagType::video, 0, body)).empty());
        EXPECT_EQ(reader.counters(), (Counters{{counter, 1}}));
    }
}

TEST(LegacyVideo, DropsFramesBeforeTheirConfiguration)
{
    BodyReader reader;
    EXPECT_TRUE(feed(reader, TagType::video, 0, "17 01 000000 00000002 6588"_hex).empty());
    EXPECT_TRUE(feed(reader, TagType::video, 0, "1c 01 000000 00000002 2601"_hex).empty());
    EXPECT_TRUE(feed(reader, TagType::audio, 0, "af 01 21"_hex).empty());
    EXPECT_TRUE(feed(reader, TagType::audio, 0, {}).empty());
    EXPECT_EQ(reader.counters(), (Counters{{"frame_before_config", 4}}));
}

TEST(LegacyVideo, RepairsAnnexBPayloads)
{
    BodyReader reader;
    feed(reader, TagType::video, 0, with("17 00 000000"_hex, kAvcConfig));
    const auto body = "17 01 000000 00000001 0910 000001 658801"_hex;
    const auto frames = only<Frame>(feed(reader, TagType::video, 0, body));
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_EQ(frames[0].payload, shared("00000002 0910 00000003 658801"_hex));
    EXPECT_EQ(reader.counters(), (Counters{{"annex_b_payload", 1}}));
}

TEST(LegacyVideo, RepairsAnAnnexBSequenceHeader)
{
    BodyReader reader;
    const auto body =
        "17 00 000000 00000001 6742c00ad902c4ec0840000003004000000783c48992 00000001 68cb83cb20"_hex;
    const auto tracks = only<Track>(feed(reader, TagType::video, 0, body));
    ASSERT_EQ(tracks.size(), 1U);
    EXPECT_EQ(tracks[0].config, shared(kOtherAvcConfig));
    EXPECT_EQ(tracks[0].width, 176U);
    EXPECT_EQ(reader.counters(), (Counters{{"annex_b_config", 1}}));
}

TEST(LegacyVideo, TakesHevcUnderItsUnofficialNumber)
{
    BodyReader reader;
    const auto header = R"(1c 00 000000
        0101600000009000000000003ff000fcfdf8f800000f01 210001002c
        42010101600000030090000003000003003fa005020169d4996566924caf016808000003000800000300c840)"_hex;
    const auto tracks = only<Track>(feed(reader, TagType::video, 0, header));
    ASSERT_EQ(tracks.size(), 1U);
    EXPECT_EQ(tracks[0].codec, Codec::h265);
    EXPECT_EQ(tracks[0].origin, 12U);
    EXPECT_EQ(tracks[0].width, 638U);
    EXPECT_EQ(joined(*write_config(tracks[0])), Bytes(header));
    const auto body = "1c 01 000028 00000003 2801af"_hex;
    const auto frames = only<Frame>(feed(reader, TagType::video, 0, body));
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_EQ(joined(write_body(tracks[0], frames[0])), Bytes(body));
}

struct Passed {
    TagType type;
    Bytes body;
    Codec codec;
    std::uint32_t origin;
    std::uint32_t sample_rate = 0;
    std::uint32_t channels = 0;
};

TEST(Legacy, PassesEveryOtherCodecWithItsFirstByte)
{
    for (const auto& [type, body, codec, origin, rate, channels] : std::vector<Passed>{
             {TagType::video, "12 0000840b"_hex, Codec::h263, 2},
             {TagType::video, "24 00 f1"_hex, Codec::vp6, 4},
             {TagType::video, "13 aabb"_hex, Codec::opaque, 3},     // Screen video
             {TagType::video, "2d 01 aabb"_hex, Codec::opaque, 13}, // AV1, unofficial
             {TagType::video, "10 aabb"_hex, Codec::opaque, 0},
             {TagType::audio, "2f fffb50c0 00"_hex, Codec::mp3, 0x2f, 44100, 1},
             {TagType::audio, "2a 000102"_hex, Codec::mp3, 0x2a, 22050,
              1}, // no frame header: by the first byte
             {TagType::audio, "ef fff384c4 00"_hex, Codec::mp3, 0xef, 24000, 1},
             {TagType::audio, "72 d5"_hex, Codec::g711a, 0x72, 8000, 1},
             {TagType::audio, "83 d5"_hex, Codec::g711u, 0x83, 8000, 2},
             {TagType::audio, "b6 1e"_hex, Codec::speex, 0xb6, 16000, 1},
             {TagType::audio, "b2 1e"_hex, Codec::speex, 0xb2, 16000, 1},
             {TagType::audio, "3e 0000"_hex, Codec::pcm, 0x3e, 44100, 1},
             {TagType::audio, "01 0000"_hex, Codec::pcm, 0x01, 5512, 2},
             {TagType::audio, "4a 1e"_hex, Codec::opaque, 0x4a, 16000, 1}, // Nellymoser
             {TagType::audio, "d3 aabb"_hex, Codec::opaque, 0xd3, 5512, 2},
         }) {
        SCOPED_TRACE(origin);
        BodyReader reader;
        const auto items = feed(reader, type, 7, body);
        ASSERT_EQ(items.size(), 2U);
        const auto track = only<Track>(items).at(0);
        const auto frame = only<Frame>(items).at(0);
        EXPECT_EQ(track.codec, codec);
        EXPECT_EQ(track.origin, origin);
        EXPECT_EQ(track.sample_rate, rate);
        EXPECT_EQ(track.channels, channels);
        EXPECT_EQ(frame.payload, shared(ByteView{body}.subspan(1)));
        EXPECT_EQ(joined(write_body(track, frame)), body);
        EXPECT_EQ(feed(reader, type, 8, body).size(), 1U); // the track is told once
        EXPECT_TRUE(reader.counters().empty());
    }
}

TEST(LegacyAudio, GivesAacWithItsConfiguration)
{
    BodyReader reader;
    const auto tracks = only<Track>(feed(reader, TagType::audio, 0, "af 00 119056e500"_hex));
    const Track expected{.id = 1,
                         .kind = Kind::audio,
                         .codec = Codec::aac,
                         .config = shared("119056e500"_hex),
                         .origin = 0xaf,
                         .sample_rate = 48000,
                         .channels = 2,
                         .codec_string = "mp4a.40.2"};
    EXPECT_EQ(tracks, std::vector{expected});
    EXPECT_EQ(joined(*write_config(expected)), Bytes("af 00 119056e500"_hex));
    const auto frames = only<Frame>(feed(reader, TagType::audio, 21, "af 01 2110"_hex));
    const Frame frame{
        .track = 1, .kind = Kind::audio, .key = true, .dts = media_ms(21), .payload = shared("2110"_hex)};
    EXPECT_EQ(frames, std::vector{frame});
    EXPECT_EQ(joined(write_body(expected, frame)), Bytes("af 01 2110"_hex));
}

TEST(LegacyAudio, TellsTheTrackAgainWhenItsFirstByteChanges)
{
    BodyReader reader;
    feed(reader, TagType::audio, 0, "af 00 1210"_hex);
    const auto items = feed(reader, TagType::audio, 0, "ae 01 21"_hex);
    ASSERT_EQ(items.size(), 2U);
    const auto track = only<Track>(items).at(0);
    EXPECT_EQ(track.origin, 0xaeU);
    EXPECT_EQ(track.config, shared("1210"_hex));
    EXPECT_EQ(joined(write_body(track, only<Frame>(items).at(0))), Bytes("ae 01 21"_hex));
}

TEST(LegacyAudio, TakesAnEmptyBodyForSilence)
{
    BodyReader reader;
    const auto track = only<Track>(feed(reader, TagType::audio, 0, "2f fffb50c0 00"_hex)).at(0);
    const auto items = feed(reader, TagType::audio, 26, {});
    const Frame silence{.track = 1, .kind = Kind::audio, .key = true, .dts = media_ms(26)};
    EXPECT_EQ(items, std::vector<media::Item>{silence});
    EXPECT_TRUE(joined(write_body(track, silence)).empty());
}

TEST(LegacyAudio, DropsAndCountsWhatIsNoFrame)
{
    for (const auto& [counter, body] : std::vector<std::pair<const char*, Bytes>>{
             {"truncated_body", "2f"_hex},
             {"truncated_body", "af"_hex},
             {"truncated_body", "af 01"_hex},
             {"truncated_body", "af 00"_hex},
             {"unknown_packet_type", "af 02 00"_hex},
             {"bad_config", "af 00 02"_hex},
         }) {
        BodyReader reader;
        feed(reader, TagType::audio, 0, "af 00 1210"_hex);
        EXPECT_TRUE(feed(reader, TagType::audio, 0, body).empty());
        EXPECT_EQ(reader.counters(), (Counters{{counter, 1}}));
    }
}

TEST(Legacy, NamesTracksFromElsewhereAsUsual)
{
    const auto lead_of = [](Track track) {
        return write_body(track, {.kind = track.kind, .key = true, .payload = shared("00"_hex)}).lead;
    };
    // 0x1b and 0x0f are the stream types of MPEG-TS, which are no names of FLV for these codecs.
    EXPECT_EQ(lead_of({.kind = Kind::video, .codec = Codec::h264, .origin = 0x1b}),
              Bytes("17 01 000000"_hex));
    EXPECT_EQ(lead_of({.kind = Kind::audio, .codec = Codec::aac, .origin = 0x0f}), Bytes("af 01"_hex));
    EXPECT_EQ(lead_of({.kind = Kind::audio, .codec = Codec::mp3, .sample_rate = 44100, .channels = 1}),
              Bytes("2e"_hex));
    EXPECT_EQ(lead_of({.kind = Kind::audio, .codec = Codec::g711u, .channels = 1}), Bytes("82"_hex));
    EXPECT_EQ(lead_of({.kind = Kind::video, .codec = Codec::h265}), Bytes("93 68766331"_hex));
    EXPECT_EQ(lead_of({.kind = Kind::audio, .codec = Codec::opus}), Bytes("91 4f707573"_hex));
}

} // namespace
} // namespace millrace::flv
