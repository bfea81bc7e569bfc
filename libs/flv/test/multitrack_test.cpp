// Enhanced RTMP with several tracks, ModEx, colours and layouts: the vectors V10 and V11, in both directions.
#include "bodies.hpp"

#include <gtest/gtest.h>

namespace millrace::flv {
namespace {

using namespace testing::literals;
using namespace std::chrono_literals;
using media::Codec;
using media::Frame;
using media::Kind;
using media::Track;
using media::track_id;
using Counters = BodyReader::Counters;

constexpr auto kAvc1 = "90 61766331 0142c00affe000"_hex;
constexpr auto kAvc1Track1 = "96 00 61766331 01 0142c00affe000"_hex;
constexpr auto kHvc1 = R"(90 68766331
    0101600000009000000000003ff000fcfdf8f800000f01 210001002c
    42010101600000030090000003000003003fa005020169d4996566924caf016808000003000800000300c840)"_hex;

/// A reader that has been told what the vectors take for granted.
BodyReader told(std::initializer_list<ByteView> starts)
{
    BodyReader reader;
    for (const auto start : starts) {
        feed(reader, TagType::video, 0, start);
    }
    return reader;
}

Frame video(std::uint8_t number, std::chrono::nanoseconds composition, ByteView payload, bool key = true)
{
    return {.track = track_id(Kind::video, number),
            .kind = Kind::video,
            .key = key,
            .dts = media_ms(40),
            .composition = composition,
            .payload = shared(payload)};
}

TEST(Multitrack, V10OneTrackStartsATrackOfItsOwn)
{
    constexpr auto kWire = "96 00 61763031 01 81000c00"_hex;
    BodyReader reader;
    const auto tracks = only<Track>(feed(reader, TagType::video, 0, kWire));
    ASSERT_EQ(tracks.size(), 1U);
    EXPECT_EQ(tracks[0].id, track_id(Kind::video, 1));
    EXPECT_EQ(tracks[0].number, 1);
    EXPECT_EQ(tracks[0].codec, Codec::av1);
    EXPECT_EQ(joined(*write_config(tracks[0])), Bytes(kWire));
}

TEST(Multitrack, V10ManyTracksGivesEachTrackItsFrame)
{
    auto reader = told({kAvc1, kAvc1Track1});
    const auto items =
        feed(reader, TagType::video, 40, "96 11 61766331 00 000005 00000aaabb 01 000005 ffffecccdd"_hex);
    EXPECT_EQ(only<Frame>(items), (std::vector{video(0, 10ms, "aabb"_hex), video(1, -20ms, "ccdd"_hex)}));
    const Track second{.id = 4,
                       .number = 1,
                       .codec = Codec::h264,
                       .config = shared("0142c00affe000"_hex),
                       .origin = 0x61766331};
    EXPECT_EQ(joined(write_body(second, only<Frame>(items).at(1))),
              Bytes("96 01 61766331 01 ffffec ccdd"_hex));
    const Track first{.codec = Codec::h264, .origin = 0x61766331};
    EXPECT_EQ(joined(write_body(first, only<Frame>(items).at(0))), Bytes("91 61766331 00000a aabb"_hex));
}

TEST(Multitrack, V10ManyTracksManyCodecsGivesEachTrackItsCodec)
{
    auto reader = told({kHvc1});
    const auto items = feed(reader, TagType::video, 40,
                            "96 21 68766331 00 000007 000028deadbeef 61763031 01 000003 120000"_hex);
    EXPECT_EQ(only<Frame>(items), (std::vector{video(0, 40ms, "deadbeef"_hex), video(1, 0ms, "120000"_hex)}));
    const auto track = only<Track>(items).at(0); // AV1 needs no configuration to be known
    EXPECT_EQ(track.codec, Codec::av1);
    EXPECT_EQ(track.origin, 0x61763031U);
    EXPECT_TRUE(reader.counters().empty());
    const Track first{.codec = Codec::h265, .origin = 0x68766331};
    EXPECT_EQ(joined(write_body(first, only<Frame>(items).at(0))), Bytes("91 68766331 000028 deadbeef"_hex));
    EXPECT_EQ(joined(write_body(track, only<Frame>(items).at(1))), Bytes("96 01 61763031 01 120000"_hex));
}

TEST(Multitrack, GivesTheDefaultTrackFirstSoThatReadersCanBeginWithIt)
{
    auto reader = told({kAvc1, kAvc1Track1});
    const auto frames = only<Frame>(
        feed(reader, TagType::video, 40, "96 11 61766331 01 000005 000000aabb 00 000005 000000ccdd"_hex));
    ASSERT_EQ(frames.size(), 2U);
    EXPECT_EQ(frames[0].track, track_id(Kind::video, 0));
}

TEST(Multitrack, KeepsWhatIsWholeOfABodyThatIsCutOff)
{
    auto reader = told({kAvc1, kAvc1Track1});
    const auto wire = "96 11 61766331 00 000005 00000aaabb 01 000005 ffffecccdd"_hex;
    for (std::size_t cut = 0; cut < wire.size(); ++cut) {
        SCOPED_TRACE(cut);
        const auto frames = only<Frame>(feed(reader, TagType::video, 40, ByteView{wire}.first(cut)));
        EXPECT_EQ(frames.size(), cut < 15 ? 0U : 1U);
    }
}

TEST(Multitrack, V11AudioTracksAreTracksOfTheirOwn)
{
    BodyReader reader;
    constexpr auto kStart = "95 00 6d703461 01 118856e500"_hex;
    const auto tracks = only<Track>(feed(reader, TagType::audio, 0, kStart));
    ASSERT_EQ(tracks.size(), 1U);
    EXPECT_EQ(tracks[0].id, track_id(Kind::audio, 1));
    EXPECT_EQ(tracks[0].codec, Codec::aac);
    EXPECT_EQ(joined(*write_config(tracks[0])), Bytes(kStart));

    feed(reader, TagType::audio, 0, "95 00 6d703461 02 118856e500"_hex);
    const auto frames =
        only<Frame>(feed(reader, TagType::audio, 9, "95 11 6d703461 01 000002 aabb 02 000001 cc"_hex));
    ASSERT_EQ(frames.size(), 2U);
    EXPECT_EQ(frames[0].track, track_id(Kind::audio, 1));
    EXPECT_EQ(frames[0].payload, shared("aabb"_hex));
    EXPECT_EQ(frames[1].track, track_id(Kind::audio, 2));
    EXPECT_EQ(frames[1].payload, shared("cc"_hex));
    EXPECT_EQ(joined(write_body(tracks[0], frames[0])), Bytes("95 01 6d703461 01 aabb"_hex));
}

TEST(Multitrack, V11ManyTracksManyCodecsStartsTracks)
{
    BodyReader reader;
    const auto tracks = only<Track>(feed(reader, TagType::audio, 0,
                                         "95 20 4f707573 00 000013 4f707573486561640101380180bb0000000000"
                                         "6d703461 01 000005 118856e500"_hex));
    ASSERT_EQ(tracks.size(), 2U);
    EXPECT_EQ(tracks[0].codec, Codec::opus);
    EXPECT_EQ(tracks[0].number, 0);
    EXPECT_EQ(tracks[1].codec, Codec::aac);
    EXPECT_EQ(tracks[1].number, 1);
    EXPECT_EQ(joined(*write_config(tracks[1])), Bytes("95 00 6d703461 01 118856e500"_hex));
    EXPECT_EQ(joined(*write_config(tracks[0])),
              Bytes("90 4f707573 4f70757348656164 01 01 3801 80bb0000 0000 00"_hex));
}

TEST(Multitrack, SilenceOfANumberedTrackIsAnEndOfSequence)
{
    BodyReader reader;
    const auto track = only<Track>(feed(reader, TagType::audio, 0, "95 00 6d703461 01 118856e500"_hex)).at(0);
    constexpr auto kEnd = "95 02 6d703461 01"_hex;
    const auto frames = only<Frame>(feed(reader, TagType::audio, 5, kEnd));
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_TRUE(frames[0].payload.empty());
    EXPECT_EQ(joined(write_body(track, frames[0])), Bytes(kEnd));
}

TEST(Multitrack, HasALimitOfTracks)
{
    BodyReader reader{{.tracks = 2}};
    for (unsigned number = 0; number < 4; ++number) {
        Bytes start = "95 01 4f707573 00 fc"_hex;
        start[6] = static_cast<std::uint8_t>(number);
        EXPECT_EQ(feed(reader, TagType::audio, 0, start).size(), number < 2 ? 2U : 0U);
    }
    EXPECT_TRUE(feed(reader, TagType::video, 0, kAvc1).empty());
    EXPECT_EQ(reader.counters(), (Counters{{"too_many_tracks", 3}}));
    // What comes ahead of tracks is limited, too.
    BodyReader ahead{{.tracks = 2}};
    for (unsigned number = 0; number < 4; ++number) {
        Bytes layout = "95 04 4f707573 00 01 01 00000004"_hex;
        layout[6] = static_cast<std::uint8_t>(number);
        feed(ahead, TagType::audio, 0, layout);
    }
    EXPECT_EQ(ahead.counters().at("too_many_tracks"), 2U);
}

TEST(Multitrack, HasALimitOfTracksInOneBody)
{
    Bytes body = "95 11 4f707573"_hex;
    for (unsigned i = 0; i < 100; ++i) {
        const auto one = "00 000001 fc"_hex;
        body.insert(body.end(), one.begin(), one.end());
    }
    BodyReader reader;
    EXPECT_EQ(only<Frame>(feed(reader, TagType::audio, 0, body)).size(), 64U);
    EXPECT_EQ(reader.counters(), (Counters{{"too_many_tracks", 1}}));
}

TEST(ModEx, V10NanosecondsBelongToThePresentationTimeExactly)
{
    auto reader = told({kHvc1});
    constexpr auto kWire = "97 02 07a120 01 68766331 00000a cafe"_hex;
    const auto frame = only<Frame>(feed(reader, TagType::video, 40, kWire)).at(0);
    EXPECT_EQ(frame, video(0, 10ms + 500000ns, "cafe"_hex));
    const Track track{.codec = Codec::h265, .origin = 0x68766331};
    EXPECT_EQ(joined(write_body(track, frame)), Bytes(kWire));
    EXPECT_EQ(joined(write_body(track, frame, {.origin = track.origin})),
              Bytes("91 68766331 00000a cafe"_hex));
    EXPECT_EQ(joined(write_body(track, frame, {.origin = 7})), Bytes("17 01 00000a cafe"_hex));
}

TEST(ModEx, V10UnknownTypesAreSkippedAndCounted)
{
    auto reader = told({"90 61763031 81000c00"_hex});
    Bytes wire = "97 ff 012b"_hex;
    wire.resize(wire.size() + 300);
    const auto rest = "11 61763031 1200"_hex;
    wire.insert(wire.end(), rest.begin(), rest.end());
    const auto frame = only<Frame>(feed(reader, TagType::video, 40, wire)).at(0);
    EXPECT_EQ(frame, video(0, 0ns, "1200"_hex));
    EXPECT_EQ(joined(write_body({.codec = Codec::av1, .origin = 0x61763031}, frame)),
              Bytes("91 61763031 1200"_hex));
    EXPECT_EQ(reader.counters(), (Counters{{"unknown_mod_ex", 1}}));
}

TEST(ModEx, StandsInFrontOfSeveralTracksAndOfSound)
{
    BodyReader reader;
    const auto wire = "97 02 0f423f 05 01 4f707573 03 fc"_hex;
    const auto items = feed(reader, TagType::audio, 40, wire);
    const auto track = only<Track>(items).at(0);
    const auto frame = only<Frame>(items).at(0);
    EXPECT_EQ(frame.track, track_id(Kind::audio, 3));
    EXPECT_EQ(frame.pts(), media_ms(40) + 999999ns);
    EXPECT_EQ(joined(write_body(track, frame)), Bytes(wire));
    const auto twice = "97 00 00 17 02 000001 01 4f707573 fc"_hex; // unknown, then nanoseconds
    EXPECT_EQ(only<Frame>(feed(reader, TagType::audio, 40, twice)).at(0).composition, 1ns);
    EXPECT_EQ(reader.counters(), (Counters{{"unknown_mod_ex", 1}}));
}

TEST(ModEx, IsLeftOutOfAFrameWhenItIsBad)
{
    for (const auto& wire : {"97 02 0f4240 01 4f707573 fc"_hex, "97 02 ffffff 01 4f707573 fc"_hex}) {
        BodyReader reader;
        EXPECT_EQ(only<Frame>(feed(reader, TagType::audio, 0, wire)).at(0).composition, 0ns);
        EXPECT_EQ(reader.counters(), (Counters{{"bad_mod_ex", 1}}));
    }
    BodyReader brief;
    EXPECT_EQ(feed(brief, TagType::audio, 0, "97 01 07a1 01 4f707573 fc"_hex).size(), 2U);
    EXPECT_EQ(brief.counters(), (Counters{{"bad_mod_ex", 1}}));
}

TEST(ModEx, HasALimitInOneBody)
{
    Bytes body = "97"_hex;
    for (unsigned i = 0; i < 100; ++i) {
        const auto one = "00 00 17"_hex;
        body.insert(body.end(), one.begin(), one.end());
    }
    BodyReader reader;
    EXPECT_TRUE(feed(reader, TagType::audio, 0, body).empty());
    EXPECT_EQ(reader.counters(), (Counters{{"too_many_mod_ex", 1}, {"unknown_mod_ex", 16}}));
}

constexpr auto kColour = R"(84 61763031 020009636f6c6f72496e666f 03
    000b 636f6c6f72436f6e666967 03
        0008 6269744465707468 00 4024000000000000
        000e 636f6c6f725072696d6172696573 00 4022000000000000
        0017 7472616e736665724368617261637465726973746963 73 00 4030000000000000
        000009
    0006 686472436c6c 03 0006 6d6178434c4c 00 408f400000000000 000009
    0007 6864724d646376 03 0004 72656458 00 3fe6666666666666 000009
    000009)"_hex;

TEST(ColourInfo, V10IsKeptWithItsTrackUntilItIsReset)
{
    BodyReader reader;
    feed(reader, TagType::video, 0, "90 61763031 81000c00"_hex);
    const auto tracks = only<Track>(feed(reader, TagType::video, 0, kColour));
    ASSERT_EQ(tracks.size(), 1U);
    const media::Colour colour{
        .bit_depth = 10, .primaries = 9, .transfer = 16, .max_cll = 1000, .red_x = 0.7};
    EXPECT_EQ(tracks[0].colour, colour);
    // What is written is the same, but for the frame type, which is that of FFmpeg.
    Bytes written = joined(*write_colour(tracks[0], whole_form(tracks[0])));
    EXPECT_EQ(written[0], 0xd4);
    written[0] = 0x84;
    EXPECT_EQ(written, Bytes(kColour));

    EXPECT_TRUE(feed(reader, TagType::video, 0, kColour).empty()); // said again
    EXPECT_EQ(only<Track>(feed(reader, TagType::video, 0, "90 61763031 81000c01"_hex)).at(0).colour, colour)
        << "a new configuration does not take it away";
    const auto undefined = "d4 61763031 020009636f6c6f72496e666f 06"_hex;
    const auto plain = only<Track>(feed(reader, TagType::video, 0, undefined)).at(0);
    EXPECT_FALSE(plain.colour);
    EXPECT_EQ(joined(*write_colour(plain, whole_form(plain))), Bytes(undefined));
    feed(reader, TagType::video, 0, kColour);
    const auto empty = feed(reader, TagType::video, 0, "94 61763031 020009636f6c6f72496e666f 03 000009"_hex);
    EXPECT_FALSE(only<Track>(empty).at(0).colour);
    EXPECT_TRUE(reader.counters().empty());
}

TEST(ColourInfo, ComesAheadOfItsTrackAndForNumberedOnes)
{
    BodyReader reader;
    Bytes wire = "96 04 61763031 02"_hex;
    wire.insert(wire.end(), kColour.begin() + 5, kColour.end());
    EXPECT_TRUE(feed(reader, TagType::video, 0, wire).empty());
    const auto track = only<Track>(feed(reader, TagType::video, 0, "96 00 61763031 02 81000c00"_hex)).at(0);
    ASSERT_TRUE(track.colour);
    EXPECT_EQ(track.colour->transfer, 16);
    EXPECT_EQ(joined(*write_colour(track, whole_form(track))), wire);
}

TEST(ColourInfo, HasNoPlaceInOldForms)
{
    const Track track{.codec = Codec::h264, .origin = 7, .colour = media::Colour{.transfer = 16}};
    EXPECT_FALSE(write_colour(track, whole_form(track)));
    const Track sound{
        .kind = Kind::audio, .codec = Codec::aac, .origin = 0xaf, .layout = media::ChannelLayout{}};
    EXPECT_FALSE(write_layout(sound, whole_form(sound)));
}

TEST(MultichannelConfig, V11IsKeptWithItsTrack)
{
    using Order = media::ChannelLayout::Order;
    struct Case {
        Bytes wire;
        media::ChannelLayout layout;
    };
    for (const auto& [wire, layout] : std::vector<Case>{
             {"94 4f707573 01 01 00000004"_hex, {Order::native, 1, 4, {}}},
             {"94 4f707573 00 02"_hex, {Order::unspecified, 2, 0, {}}},
             {"94 4f707573 02 03 00 fe ff"_hex, {Order::custom, 3, 0, {0, 0xfe, 0xff}}},
         }) {
        BodyReader reader;
        feed(reader, TagType::audio, 0, "90 4f707573 4f70757348656164 01 01 3801 80bb0000 0000 00"_hex);
        const auto tracks = only<Track>(feed(reader, TagType::audio, 0, wire));
        ASSERT_EQ(tracks.size(), 1U);
        EXPECT_EQ(tracks[0].layout, layout);
        EXPECT_EQ(joined(*write_layout(tracks[0], whole_form(tracks[0]))), wire);
        EXPECT_TRUE(reader.counters().empty());
    }
}

TEST(MultichannelConfig, TellsTheChannelsThatACodecDoesNot)
{
    BodyReader reader;
    feed(reader, TagType::audio, 0, "94 77686174 00 06"_hex);
    EXPECT_EQ(only<Track>(feed(reader, TagType::audio, 0, "91 77686174 aa"_hex)).at(0).channels, 6U);
}

TEST(Mpeg2TsSequenceStart, IsAConfigurationInOtherWords)
{
    BodyReader reader;
    const auto tracks = only<Track>(feed(reader, TagType::video, 0, "95 61763031 8004 81000c00"_hex));
    ASSERT_EQ(tracks.size(), 1U);
    EXPECT_EQ(joined(*write_config(tracks[0])), Bytes("90 61763031 81000c00"_hex));
    EXPECT_TRUE(feed(reader, TagType::video, 0, "90 61763031 81000c00"_hex).empty());
}

} // namespace
} // namespace millrace::flv
