// What tutorials tell of FLV tags and their bodies, and what the specification and real encoders do. Each
// name says what we do.
#include "bodies.hpp"
#include <millrace/amf/amf0.hpp>
#include <millrace/flv/demuxer.hpp>

#include <gtest/gtest.h>

namespace millrace::flv {
namespace {

using namespace testing::literals;
using media::Codec;
using media::Frame;
using media::Track;
using Counters = BodyReader::Counters;

constexpr auto kAvcHeader = R"(17 00 000000
    0142c00aff e10016 6742c00ad902c4ec0840000003004000000783c48992 01000568cb83cb20)"_hex;

// Told: a script tag has the time 0, and data begins at byte 9.
TEST(BodiesToldOtherwise, TakeScriptTagsAtTheirTimeFromWhereverTheHeaderSays)
{
    const auto text = amf::write_amf0({"onTextData", amf::Object{}});
    Bytes file = "464c56 01 00 0000000c  ffffff  00000000"_hex; // three bytes more than nine
    ByteWriter out{file};
    out.bytes("12"_hex);
    out.u24(static_cast<std::uint32_t>(text.size()));
    out.bytes("312d00 01 000000"_hex); // 20000 s
    out.bytes(text);
    out.u32(static_cast<std::uint32_t>(11 + text.size()));
    Demuxer demuxer;
    ASSERT_TRUE(demuxer.feed(file));
    std::vector<Frame> frames;
    while (const auto item = demuxer.next()) {
        if (const auto* frame = std::get_if<Frame>(&*item)) {
            frames.push_back(*frame);
        }
    }
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_EQ(frames[0].dts, media_ms(20000000));
    EXPECT_EQ(frames[0].payload, shared(text));
}

// Told: the configuration record comes in packets of type 1 and of others.
TEST(BodiesToldOtherwise, TakeAConfigurationFromPacketType0FramesFromType1AndAnEndFromType2)
{
    BodyReader reader;
    Bytes wrong = kAvcHeader;
    wrong[1] = 1;
    EXPECT_TRUE(feed(reader, TagType::video, 0, wrong).empty());
    EXPECT_EQ(reader.counters(), (Counters{{"frame_before_config", 1}}));
    EXPECT_EQ(only<Track>(feed(reader, TagType::video, 0, kAvcHeader)).size(), 1U);
    const auto frames = only<Frame>(feed(reader, TagType::video, 40, "27 01 ffffec 00000002 4188"_hex));
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_EQ(frames[0].pts(), media_ms(20)) << "the offset has a sign";
    EXPECT_TRUE(feed(reader, TagType::video, 80, "17 02 000000"_hex).empty());
}

// Told: a stream begins with the configurations of AVC and AAC. Other codecs have none.
TEST(BodiesToldOtherwise, NeedAConfigurationOnlyWhereTheCodecHasOne)
{
    BodyReader reader;
    EXPECT_EQ(only<Frame>(feed(reader, TagType::video, 0, "12 0000840b"_hex)).size(), 1U);    // H.263
    EXPECT_EQ(only<Frame>(feed(reader, TagType::audio, 0, "2f fffb50c0 00"_hex)).size(), 1U); // MP3
    EXPECT_EQ(only<Frame>(feed(reader, TagType::video, 0, "91 76703038 9d"_hex)).size(), 1U); // VP8
    EXPECT_TRUE(only<Frame>(feed(reader, TagType::video, 0, "27 01 000000 00000001 41"_hex)).empty());
    EXPECT_TRUE(only<Frame>(feed(reader, TagType::audio, 0, "af 01 21"_hex)).empty());
}

// Told: AAC has 44 kHz and two channels, because its first byte says so.
TEST(BodiesToldOtherwise, TakeRateAndChannelsOfAacFromItsConfigurationWhateverTheFirstByteSays)
{
    for (const std::uint8_t first : std::initializer_list<std::uint8_t>{0xaf, 0xa0, 0xae, 0xa2}) {
        Bytes body = "af 00 1308"_hex; // AAC-LC, 24 kHz, one channel
        body[0] = first;
        BodyReader reader;
        const auto tracks = only<Track>(feed(reader, TagType::audio, 0, body));
        ASSERT_EQ(tracks.size(), 1U);
        EXPECT_EQ(tracks[0].sample_rate, 24000U);
        EXPECT_EQ(tracks[0].channels, 1U);
    }
}

// Told: video codecs 8 and 9 are H.263 and MPEG-4. They are in no specification and pass as they came; 12 is
// HEVC in the field, and audio format 9 begins Enhanced RTMP.
TEST(BodiesToldOtherwise, KnowCodecNumbersAsTheyAreUsed)
{
    for (const auto& wire : {"18 aabb"_hex, "19 aabb"_hex}) {
        BodyReader reader;
        const auto items = feed(reader, TagType::video, 0, wire);
        ASSERT_EQ(only<Track>(items).size(), 1U);
        EXPECT_EQ(only<Track>(items)[0].codec, Codec::opaque);
        EXPECT_EQ(joined(write_body(only<Track>(items)[0], only<Frame>(items).at(0))), Bytes(wire));
    }
    BodyReader hevc;
    const auto header = R"(1c 00 000000
        0101600000009000000000003ff000fcfdf8f800000f01 210001002c
        42010101600000030090000003000003003fa005020169d4996566924caf016808000003000800000300c840)"_hex;
    EXPECT_EQ(only<Track>(feed(hevc, TagType::video, 0, header)).at(0).codec, Codec::h265);
    BodyReader enhanced;
    EXPECT_EQ(only<Track>(feed(enhanced, TagType::audio, 0, "91 4f707573 fc"_hex)).at(0).codec, Codec::opus);
}

} // namespace
} // namespace millrace::flv
