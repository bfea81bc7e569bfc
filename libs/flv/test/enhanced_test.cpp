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

constexpr auto kHvc1Start = R"(90 68766331
    0101600000009000000000003ff000fcfdf8f800000f01 210001002c
    42010101600000030090000003000003003fa005020169d4996566924caf016808000003000800000300c840)"_hex;

// V10: frames with a composition offset and without.
TEST(EnhancedVideo, GivesHevcWithItsConfiguration)
{
    BodyReader reader;
    const auto tracks = only<Track>(feed(reader, TagType::video, 0, kHvc1Start));
    ASSERT_EQ(tracks.size(), 1U);
    EXPECT_EQ(tracks[0].codec, Codec::h265);
    EXPECT_EQ(tracks[0].origin, 0x68766331U);
    EXPECT_EQ(tracks[0].width, 638U);
    EXPECT_EQ(joined(*write_config(tracks[0])), Bytes(kHvc1Start));

    const auto with_offset = "91 68766331 000028 deadbeef"_hex;
    const auto without = "a3 68766331 00000001aa"_hex;
    const auto first = only<Frame>(feed(reader, TagType::video, 40, with_offset)).at(0);
    EXPECT_EQ(first, (Frame{.track = 0,
                            .kind = Kind::video,
                            .key = true,
                            .dts = media_ms(40),
                            .composition = milliseconds{40},
                            .payload = shared("deadbeef"_hex)}));
    EXPECT_EQ(joined(write_body(tracks[0], first)), Bytes(with_offset));
    const auto second = only<Frame>(feed(reader, TagType::video, 80, without)).at(0);
    EXPECT_EQ(second.composition, milliseconds{0});
    EXPECT_FALSE(second.key);
    EXPECT_EQ(second.payload, shared("00000001aa"_hex));
    EXPECT_EQ(joined(write_body(tracks[0], second)), Bytes(without));
    const auto key = "93 68766331 00000001aa"_hex;
    const auto third = only<Frame>(feed(reader, TagType::video, 120, key)).at(0);
    EXPECT_TRUE(third.key);
    EXPECT_EQ(third.payload, shared("00000001aa"_hex));
    EXPECT_EQ(joined(write_body(tracks[0], third)), Bytes(key));
}

TEST(EnhancedVideo, LeavesOutACompositionOffsetOfZero)
{
    BodyReader reader;
    const auto track = only<Track>(feed(reader, TagType::video, 0, kHvc1Start)).at(0);
    const auto frame = only<Frame>(feed(reader, TagType::video, 0, "91 68766331 000000 deadbeef"_hex)).at(0);
    EXPECT_EQ(joined(write_body(track, frame)), Bytes("93 68766331 deadbeef"_hex));
}

struct Passed {
    TagType type;
    const char* what;
    Bytes start;
    Bytes frame;
    Codec codec;
    std::size_t lead = 5;
};

TEST(Enhanced, PassesEachCodecInItsOwnForm)
{
    for (
        const auto& [type, what, start, body, codec, lead] : std::vector<Passed>{
            {TagType::video, "avc1", "90 61766331 0142c00aff e000"_hex, "91 61766331 000028 aabb"_hex,
             Codec::h264, 8},
            {TagType::video, "av01", "90 61763031 81000c00"_hex, "91 61763031 1200"_hex, Codec::av1},
            {TagType::video, "vp09", "90 76703039 01000000000b820202020000"_hex, "a1 76703039 86"_hex,
             Codec::vp9},
            {TagType::video, "vp08", {}, "91 76703038 9d012a"_hex, Codec::vp8},
            {TagType::video, "vvc1", "90 76766331 ff00"_hex, "91 76766331 000001 aabb"_hex, Codec::opaque, 8},
            {TagType::video, "vvc1 X", "90 76766331 ff00"_hex, "93 76766331 aabb"_hex, Codec::opaque},
            {TagType::video, "what?", "90 77686174 00"_hex, "b1 77686174 aabb"_hex, Codec::opaque},
            {TagType::audio, "mp4a", "90 6d703461 118856e500"_hex, "91 6d703461 2110"_hex, Codec::aac},
            {TagType::audio, "Opus", "90 4f707573 4f70757348656164 01 01 3801 80bb0000 0000 00"_hex,
             "91 4f707573 fcff"_hex, Codec::opus},
            {TagType::audio, "fLaC",
             "90 664c6143 664c6143000000221200120000047e0004da0ac440f00000227464b80e4dc9c9bd5ca308a6942a1c06ec"_hex,
             "91 664c6143 fff8"_hex, Codec::flac},
            {TagType::audio, "ac-3", {}, "91 61632d33 0b77"_hex, Codec::ac3},
            {TagType::audio, "ec-3", {}, "91 65632d33 0b77"_hex, Codec::eac3},
            {TagType::audio, ".mp3", {}, "91 2e6d7033 fffb50c0"_hex, Codec::mp3},
            {TagType::audio, "what?", {}, "91 77686174 aabb"_hex, Codec::opaque},
        }) {
        SCOPED_TRACE(what);
        BodyReader reader;
        Track track;
        if (!start.empty()) {
            const auto tracks = only<Track>(feed(reader, type, 0, start));
            ASSERT_EQ(tracks.size(), 1U);
            track = tracks[0];
            EXPECT_EQ(joined(*write_config(track)), start);
        }
        const auto items = feed(reader, type, 5, body);
        if (start.empty()) {
            track = only<Track>(items).at(0);
        }
        EXPECT_EQ(track.codec, codec);
        const auto frame = only<Frame>(items).at(0);
        EXPECT_EQ(frame.payload, shared(ByteView{body}.subspan(lead)));
        EXPECT_EQ(joined(write_body(track, frame)), body);
        EXPECT_TRUE(reader.counters().empty());
    }
}

TEST(Enhanced, TellsRatesAndChannels)
{
    BodyReader opus;
    const auto track =
        only<Track>(feed(opus, TagType::audio, 0, "90 4f707573 4f707573486561640101380180bb0000000000"_hex))
            .at(0);
    EXPECT_EQ(track.channels, 1U);
    EXPECT_EQ(track.sample_rate, 48000U);
    BodyReader mp3;
    EXPECT_EQ(only<Track>(feed(mp3, TagType::audio, 0, "91 2e6d7033 fffb50c0"_hex)).at(0).sample_rate,
              44100U);
}

TEST(Enhanced, WaitsForTheFirstFrameAfterAnEmptyConfiguration)
{
    BodyReader reader;
    EXPECT_TRUE(feed(reader, TagType::video, 0, "90 61763031"_hex).empty()); // FFmpeg, ahead of the real one
    EXPECT_EQ(reader.counters(), (Counters{{"empty_config", 1}}));
    EXPECT_EQ(only<Track>(feed(reader, TagType::video, 0, "90 61763031 81000c00"_hex)).size(), 1U);
    EXPECT_TRUE(feed(reader, TagType::video, 0, "90 61763031"_hex).empty()); // and it does not take it back
    EXPECT_EQ(only<Track>(feed(reader, TagType::video, 0, "91 61763031 1200"_hex)).size(), 0U);
}

TEST(Enhanced, TakesASequenceEndOfVideoForNoFrameAndOfAudioForSilence)
{
    BodyReader reader;
    EXPECT_TRUE(feed(reader, TagType::video, 0, "92 68766331"_hex).empty());
    EXPECT_TRUE(reader.counters().empty());
    EXPECT_TRUE(feed(reader, TagType::audio, 0, "92 4f707573"_hex).empty()); // of a track that is not there
    EXPECT_EQ(reader.counters(), (Counters{{"frame_before_config", 1}}));
    const auto track = only<Track>(feed(reader, TagType::audio, 0, "91 4f707573 fc"_hex)).at(0);
    const auto silence = only<Frame>(feed(reader, TagType::audio, 7, "92 4f707573"_hex)).at(0);
    EXPECT_EQ(silence, (Frame{.track = 1, .kind = Kind::audio, .key = true, .dts = media_ms(7)}));
    EXPECT_TRUE(joined(write_body(track, silence)).empty());
}

TEST(Enhanced, DropsAndCountsWhatItCannotUse)
{
    struct Case {
        const char* counter;
        TagType type;
        Bytes body;
    };
    for (const auto& [counter, type, body] : std::vector<Case>{
             {"video_command", TagType::video, "d5 00"_hex}, // V10: no FourCC
             {"video_command", TagType::video, "d5 01"_hex},
             {"video_command", TagType::video, "d6 00 61763031 01 1200"_hex},
             {"unknown_multitrack_type", TagType::video, "96 31 61763031 01 1200"_hex},
             {"unknown_packet_type", TagType::video, "96 06 61763031 01 1200"_hex},
             {"unknown_packet_type", TagType::video, "96 07 61763031 01 1200"_hex},
             {"truncated_body", TagType::video, "96"_hex},
             {"truncated_body", TagType::video, "96 01 61763031"_hex},
             {"truncated_body", TagType::video, "96 11 61763031"_hex},
             {"truncated_body", TagType::video, "96 11 61763031 00 0000"_hex},
             {"truncated_body", TagType::video, "96 11 61763031 00 000003 1200"_hex},
             {"truncated_body", TagType::video, "96 21 617630"_hex},
             {"truncated_body", TagType::video, "97"_hex},
             {"truncated_body", TagType::video, "97 02 07a1"_hex},
             {"truncated_body", TagType::video, "97 02 07a120"_hex},
             {"truncated_body", TagType::video, "97 ff 012b 0000"_hex},
             {"truncated_body", TagType::video, "97 ff 01"_hex},
             {"bad_colour_info", TagType::video, "84 61763031 020009636f6c6f72496e666f"_hex},
             {"bad_colour_info", TagType::video, "84 61763031"_hex},
             {"bad_colour_info", TagType::video, "d4 61763031 05"_hex},
             {"unknown_video_metadata", TagType::video, "84 61763031 020003 666f6f 05"_hex},
             {"bad_config", TagType::video, "95 61763031 00"_hex},
             {"unknown_packet_type", TagType::video, "95 68766331 80048104 0c00"_hex},
             {"unknown_packet_type", TagType::video, "98 61763031 00"_hex},
             {"unknown_packet_type", TagType::video,
              "93 61763031 00"_hex}, // no composition offset to leave out
             {"reserved_frame_type", TagType::video, "81 61763031 00"_hex},
             {"truncated_body", TagType::video, "91 617630"_hex},
             {"truncated_body", TagType::video, "91 61766331 0000"_hex},
             {"bad_four_cc", TagType::video, "91 00000007 00"_hex},
             {"bad_config", TagType::video, "90 68766331 00"_hex},
             {"frame_before_config", TagType::video, "93 68766331 00000001aa"_hex},
             {"bad_multichannel_config", TagType::audio, "94 4f707573 03 01 00000004"_hex},
             {"bad_multichannel_config", TagType::audio, "94 4f707573 01 01 000000"_hex},
             {"bad_multichannel_config", TagType::audio, "94 4f707573 02 03 0001"_hex},
             {"bad_multichannel_config", TagType::audio, "94 4f707573"_hex},
             {"unknown_packet_type", TagType::audio, "95 05 6d703461 01 1188"_hex},
             {"truncated_body", TagType::audio, "95 11 6d703461 01 000002 aa"_hex},
             {"truncated_body", TagType::audio, "97 02 07a120 01 4f7075"_hex},
             {"unknown_packet_type", TagType::audio, "93 4f707573 00"_hex},
             {"truncated_body", TagType::audio, "91 4f7075"_hex},
             {"truncated_body", TagType::audio, "91 4f707573"_hex},
             {"bad_four_cc", TagType::audio, "91 000000af 00"_hex},
         }) {
        SCOPED_TRACE(counter);
        BodyReader reader;
        EXPECT_TRUE(feed(reader, type, 0, body).empty());
        EXPECT_EQ(reader.counters(), (Counters{{counter, 1}}));
    }
}

} // namespace
} // namespace millrace::flv
