#include "bodies.hpp"
#include <millrace/amf/amf0.hpp>

#include <gtest/gtest.h>

namespace millrace::flv {
namespace {

using namespace testing::literals;
using media::Codec;
using media::Kind;

TEST(WriteMetadata, PassesAnEcmaArrayAsItStands)
{
    // With a wrong count and a reference: nothing of it is touched.
    const auto values = shared("08 00000000 000161 0300000009 000162 070001 000009"_hex);
    const auto body = write_metadata({.name = "onMetaData", .values = values});
    EXPECT_EQ(body.type, TagType::script);
    EXPECT_EQ(body.lead, Bytes("02 000a 6f6e4d65746144617461"_hex));
    EXPECT_EQ(body.payload.data(), values.data());
}

TEST(WriteMetadata, MakesAnObjectAnEcmaArray)
{
    const auto object = amf::write_amf0({amf::Object{.members = {{"a", 1}}}, "more"});
    const auto body = write_metadata({.name = "onMetaData", .values = shared(object)});
    EXPECT_EQ(body.payload, SharedBytes{amf::write_amf0({amf::EcmaArray{{{"a", 1}}}, "more"})});
}

TEST(WriteMetadata, LeavesOtherValuesAlone)
{
    const auto object = amf::write_amf0({amf::Object{.members = {{"a", 1}}}});
    EXPECT_EQ(write_metadata({.name = "onOther", .values = shared(object)}).payload, shared(object));
    EXPECT_EQ(write_metadata({.name = "onMetaData", .values = shared("05"_hex)}).payload, shared("05"_hex));
    EXPECT_TRUE(write_metadata({.name = "onMetaData"}).payload.empty());
}

TEST(MakeMetadata, DescribesTheTracks)
{
    const auto made = make_metadata({
        {.id = 0,
         .kind = Kind::video,
         .codec = Codec::h264,
         .origin = 7,
         .width = 1280,
         .height = 720,
         .fps = 25},
        {.id = 1,
         .kind = Kind::audio,
         .codec = Codec::aac,
         .origin = 0xaf,
         .sample_rate = 44100,
         .channels = 2},
        {.id = 2, .kind = Kind::data, .codec = Codec::script},
    });
    EXPECT_EQ(made.name, "onMetaData");
    const auto values = amf::read_amf0(made.values);
    ASSERT_TRUE(values);
    EXPECT_EQ(values->at(0), (amf::EcmaArray{{{"width", 1280},
                                              {"height", 720},
                                              {"framerate", 25},
                                              {"videocodecid", 7},
                                              {"audiosamplerate", 44100},
                                              {"audiochannels", 2},
                                              {"stereo", true},
                                              {"audiosamplesize", 16},
                                              {"audiocodecid", 10},
                                              {"encoder", "Millrace"}}}));
}

TEST(MakeMetadata, NamesNewCodecsByTheirFourCcAndLeavesOutWhatIsNotKnown)
{
    const auto made = make_metadata({{.kind = Kind::video, .codec = Codec::h265},
                                     {.id = 1, .kind = Kind::audio, .codec = Codec::opus},
                                     {.id = 3, .kind = Kind::audio, .codec = Codec::aac}});
    const auto values = amf::read_amf0(made.values);
    ASSERT_TRUE(values);
    EXPECT_EQ(values->at(0), (amf::EcmaArray{{{"videocodecid", 1752589105.0},
                                              {"audiosamplesize", 16},
                                              {"audiocodecid", 1332770163.0},
                                              {"encoder", "Millrace"}}}));
}

} // namespace
} // namespace millrace::flv
