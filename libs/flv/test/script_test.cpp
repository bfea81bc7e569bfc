#include "bodies.hpp"
#include <millrace/amf/amf0.hpp>

#include <gtest/gtest.h>

namespace millrace::flv {
namespace {

using namespace testing::literals;
using media::Codec;
using media::Frame;
using media::Item;
using media::Kind;
using media::Metadata;
using media::Track;
using Counters = BodyReader::Counters;

Metadata metadata_of(const amf::Value& values)
{
    return {.name = "onMetaData", .values = SharedBytes{amf::write_amf0({values})}};
}

TEST(Script, GivesMetadataWrappedOrNot)
{
    const amf::Value values = amf::EcmaArray{{{"encoder", "OBS"}, {"width", 1280}}};
    BodyReader bare;
    EXPECT_EQ(feed(bare, TagType::script, 0, amf::write_amf0({"onMetaData", values})),
              std::vector<Item>{metadata_of(values)});
    BodyReader wrapped;
    EXPECT_EQ(feed(wrapped, TagType::script, 0, amf::write_amf0({"@setDataFrame", "onMetaData", values})),
              std::vector<Item>{metadata_of(values)});
}

TEST(Script, CountsWhatTheAmfReaderTolerates)
{
    BodyReader reader;
    // onMetaData, an ECMA array that says 0 members and has one.
    constexpr auto kBody = "02000a 6f6e4d65746144617461 08 00000000 000161 05 000009"_hex;
    EXPECT_EQ(feed(reader, TagType::script, 0, kBody).size(), 1U);
    EXPECT_EQ(reader.counters(), (Counters{{"wrong_count", 1}}));
}

TEST(Script, SwallowsRepeatedMetadataAndTellsChanged)
{
    BodyReader reader;
    const auto first = amf::write_amf0({"onMetaData", amf::EcmaArray{{{"title", "a"}}}});
    const auto second = amf::write_amf0({"onMetaData", amf::EcmaArray{{{"title", "b"}}}});
    EXPECT_EQ(feed(reader, TagType::script, 0, first).size(), 1U);
    for (std::uint32_t i = 1; i < 25; ++i) {
        EXPECT_EQ(feed(reader, TagType::script, i * 100, first).size(), 0U);
    }
    EXPECT_EQ(reader.counters(), (Counters{{"repeated_metadata", 24}}));
    EXPECT_EQ(feed(reader, TagType::script, 2500, second).size(), 1U);
    EXPECT_TRUE(
        feed(reader, TagType::script, 2500, amf::write_amf0({"@clearDataFrame", "onMetaData"})).empty());
    EXPECT_EQ(feed(reader, TagType::script, 2500, second).size(), 1U);
}

TEST(Script, FillsWhatTheVideoTrackDoesNotTell)
{
    const auto body = amf::write_amf0(
        {"onMetaData", amf::EcmaArray{{{"width", 640}, {"height", "360"}, {"framerate", 29.97}}}});
    BodyReader before;
    feed(before, TagType::script, 0, body);
    const auto told = only<Track>(feed(before, TagType::video, 0, "12 0000840b"_hex)).at(0);
    EXPECT_EQ(told.width, 640U);
    EXPECT_EQ(told.height, 360U);
    EXPECT_EQ(told.fps, 29.97);

    BodyReader after;
    EXPECT_EQ(only<Track>(feed(after, TagType::video, 0, "12 0000840b"_hex)).at(0).width, 0U);
    EXPECT_EQ(only<Track>(feed(after, TagType::script, 0, body)), std::vector{told});
}

TEST(Script, NeverOverrulesAConfiguration)
{
    BodyReader reader;
    feed(reader, TagType::video, 0,
         "17 00 000000 0142c00aff e10016 6742c00ad902c4ec0840000003004000000783c48992 01000568cb83cb20"_hex);
    const auto items =
        feed(reader, TagType::script, 0,
             amf::write_amf0({"onMetaData", amf::EcmaArray{{{"width", 9}, {"framerate", 1}}}}));
    EXPECT_EQ(items.size(), 1U); // the metadata, and no track
}

TEST(Script, IgnoresImpossibleHints)
{
    BodyReader reader;
    feed(reader, TagType::script, 0,
         amf::write_amf0(
             {"onMetaData", amf::EcmaArray{{{"width", -1}, {"height", 1e300}, {"framerate", 0}}}}));
    const auto track = only<Track>(feed(reader, TagType::video, 0, "12 0000840b"_hex)).at(0);
    EXPECT_EQ(track.width, 0U);
    EXPECT_EQ(track.height, 0U);
    EXPECT_EQ(track.fps, 0);
}

TEST(Script, GivesOtherDataAsFramesOfADataTrack)
{
    BodyReader reader;
    const auto text = amf::write_amf0({"onTextData", amf::Object{.members = {{"text", "hi"}}}});
    const auto items = feed(reader, TagType::script, 40, text);
    const Track track{.id = 2, .kind = Kind::data, .codec = Codec::script};
    const Frame frame{
        .track = 2, .kind = Kind::data, .key = true, .dts = media_ms(40), .payload = shared(text)};
    EXPECT_EQ(items, (std::vector<Item>{track, frame}));
    EXPECT_EQ(joined(write_body(track, frame)), text);
    EXPECT_FALSE(write_config(track));

    const auto wrapped =
        amf::write_amf0({"@setDataFrame", "onTextData", amf::Object{.members = {{"text", "hi"}}}});
    EXPECT_EQ(only<Frame>(feed(reader, TagType::script, 40, wrapped)), std::vector{frame});
}

TEST(Script, DropsAndCountsTheRest)
{
    for (const auto& [counter, body] : std::vector<std::pair<const char*, Bytes>>{
             {"sample_access", amf::write_amf0({"|RtmpSampleAccess", true, true})},
             {"sample_access", amf::write_amf0({"@setDataFrame", "|RtmpSampleAccess", true, true})},
             {"bad_script", {}},
             {"bad_script", "0200"_hex},
             {"bad_script", amf::write_amf0({1.5})},
             {"bad_script", amf::write_amf0({"onMetaData"})},
             {"bad_script", amf::write_amf0({"@setDataFrame"})},
             {"bad_script", "02000a6f6e4d65746144617461 0300"_hex},
             {"bad_script", "02000a6f6e4d65746144617461 117f"_hex},
         }) {
        BodyReader reader;
        EXPECT_TRUE(feed(reader, TagType::script, 0, body).empty());
        EXPECT_EQ(reader.counters(), (Counters{{counter, 1}}));
    }
}

TEST(Script, TakesTheKeyFrameIndexOfALongFile)
{
    const amf::StrictArray times(10'000, amf::Value{1.0});
    const amf::Value index = amf::Object{.members = {{"filepositions", times}, {"times", times}}};
    BodyReader reader;
    EXPECT_EQ(feed(reader, TagType::script, 0,
                   amf::write_amf0({"onMetaData", amf::EcmaArray{{{"keyframes", index}}}}))
                  .size(),
              1U);
}

} // namespace
} // namespace millrace::flv
