#include "files.hpp"

#include <gtest/gtest.h>

namespace millrace::flv {
namespace {

using namespace testing::literals;
using media::Codec;
using media::Frame;
using media::Track;
using Counters = BodyReader::Counters;
using Warning = Demuxer::Warning;

// By hand from FLV 10.1 §E.4: G.711 frames, whose track needs no configuration.
constexpr auto kHeader = "464c56 01 04 00000009  00000000"_hex;
constexpr auto kFirst = "08 000003 000000 00 000000  72 a1a2  0000000e"_hex;
constexpr auto kSecond = "08 000003 000014 00 000000  72 b1b2  0000000e"_hex;
constexpr auto kThird = "08 000003 000028 7f 000000  72 c1c2  0000000e"_hex;

Bytes file_of(std::initializer_list<ByteView> parts)
{
    Bytes bytes;
    for (const auto part : parts) {
        bytes.insert(bytes.end(), part.begin(), part.end());
    }
    return bytes;
}

std::vector<Bytes> payloads(Demuxer& demuxer)
{
    std::vector<Bytes> all;
    for (const auto& frame : only<Frame>(drain(demuxer))) {
        all.push_back(to_bytes(frame.payload));
    }
    return all;
}

TEST(Demuxer, ReadsTags)
{
    const auto items = demuxed(file_of({kHeader, kFirst, kSecond, kThird}));
    const auto frames = only<Frame>(items);
    ASSERT_EQ(frames.size(), 3U);
    EXPECT_EQ(only<Track>(items).at(0).codec, Codec::g711a);
    EXPECT_EQ(frames[1].payload, shared("b1b2"_hex));
    EXPECT_EQ(to_ms(frames[1].dts), 20);
    EXPECT_EQ(to_ms(frames[2].dts), 0x7f000028); // the high byte stands behind the low three
}

TEST(Demuxer, SkipsToTheDataOffset)
{
    Demuxer demuxer;
    ASSERT_TRUE(demuxer.feed(file_of({"464c56 01 00 0000000c 080808 00000000"_hex, kFirst})));
    EXPECT_EQ(payloads(demuxer), std::vector<Bytes>{"a1a2"_hex});
    EXPECT_TRUE(warnings(demuxer).empty());
}

TEST(Demuxer, ReadsWhatFFmpegWrites)
{
    const auto items = demuxed(vector_file("h264_aac.flv"));
    const auto tracks = only<Track>(items);
    ASSERT_EQ(tracks.size(), 2U);
    EXPECT_EQ(tracks[0].width, 64U);
    EXPECT_EQ(tracks[0].height, 48U);
    EXPECT_EQ(tracks[0].fps, 10);
    EXPECT_EQ(tracks[0].codec_string, "avc1.64000a");
    EXPECT_EQ(tracks[1].sample_rate, 22050U);
    EXPECT_EQ(tracks[1].channels, 1U);
    const auto frames = only<Frame>(items);
    const auto is_video = [](const Frame& frame) { return frame.kind == media::Kind::video; };
    const auto is_key = [&](const Frame& frame) { return is_video(frame) && frame.key; };
    EXPECT_EQ(std::ranges::count_if(frames, is_video), 10);
    EXPECT_EQ(std::ranges::count_if(frames, is_key), 2);
    EXPECT_EQ(to_ms(std::ranges::find_if(frames, is_video)->pts()), 200);

    auto old = only<Track>(demuxed(vector_file("h263_mp3.flv")));
    std::ranges::sort(old, {}, &Track::id);
    ASSERT_EQ(old.size(), 2U);
    EXPECT_EQ(old[0].codec, Codec::h263);
    EXPECT_EQ(old[0].width, 64U); // by its onMetaData
    EXPECT_EQ(old[1].codec, Codec::mp3);
    EXPECT_EQ(old[1].sample_rate, 44100U);
    EXPECT_EQ(only<Track>(demuxed(vector_file("g711a.flv"))).at(0).codec, Codec::g711a);
    EXPECT_EQ(only<Track>(demuxed(vector_file("speex.flv"))).at(0).sample_rate, 16000U);
}

TEST(Demuxer, GivesTheSameHoweverTheBytesAreCut)
{
    for (const char* name : {"h264_aac.flv", "h263_mp3.flv", "g711a.flv", "speex.flv"}) {
        SCOPED_TRACE(name);
        const auto file = vector_file(name);
        const auto expected = demuxed(file);
        for (std::size_t cut = 0; cut <= file.size(); ++cut) {
            SCOPED_TRACE(cut);
            Demuxer demuxer;
            ASSERT_TRUE(demuxer.feed(ByteView{file}.first(cut)));
            auto items = drain(demuxer);
            ASSERT_TRUE(demuxer.feed(ByteView{file}.subspan(cut)));
            for (auto& item : drain(demuxer)) {
                items.push_back(std::move(item));
            }
            ASSERT_EQ(items, expected);
        }
        Demuxer single;
        for (const auto byte : file) {
            ASSERT_TRUE(single.feed({&byte, 1}));
        }
        EXPECT_EQ(drain(single), expected);
    }
}

TEST(Demuxer, RefusesWhatIsNoFlv)
{
    for (const auto& [code, bytes] : std::vector<std::pair<Errc, Bytes>>{
             {Errc::not_flv, "49443304 00000000 00"_hex},
             {Errc::bad_header, "464c56 01 05 00000008"_hex},
             {Errc::bad_header, "464c56 01 05 7fffffff"_hex},
         }) {
        Demuxer demuxer;
        EXPECT_EQ(demuxer.feed(bytes).error().code(), code);
        EXPECT_EQ(demuxer.feed(kFirst).error().code(), code);
        EXPECT_FALSE(demuxer.next());
    }
}

struct Broken {
    const char* what;
    Bytes bytes;
    std::string reason;
};

TEST(Demuxer, GoesOnAtTheNextTagBehindABrokenOne)
{
    for (const auto& [what, bytes, reason] : std::vector<Broken>{
             {"garbage", "ffffffffffffffff"_hex, "a tag of type 255"},
             {"unknown type", "0a 000003 000014 00 000000 72 b1b2 0000000e"_hex, "a tag of type 10"},
             {"stream", "08 000003 000014 00 000001 72 b1b2 0000000e"_hex, "a tag of stream 1"},
             {"too short", "08 000002 000014 00 000000 72 b1b2 0000000e"_hex,
              "a tag whose size is not that behind it"},
             {"too long", "08 000004 000014 00 000000 72 b1b2 0000000e"_hex,
              "a tag whose size is not that behind it"},
             {"its beginning is missing", "000000 72 b1b2 0000000e"_hex, "a tag of type 0"},
             {"its end is missing", "08 000003 000014 00 000000 72"_hex,
              "a tag whose size is not that behind it"},
             {"another file begins", kHeader, "a tag of type 70"},
         }) {
        SCOPED_TRACE(what);
        const auto file = file_of({kHeader, kFirst, bytes, kThird, kFirst});
        Demuxer demuxer;
        ASSERT_TRUE(demuxer.feed(file));
        demuxer.end();
        EXPECT_EQ(payloads(demuxer), (std::vector<Bytes>{"a1a2"_hex, "c1c2"_hex, "a1a2"_hex}));
        EXPECT_EQ(warnings(demuxer), (std::vector<Warning>{{kHeader.size() + kFirst.size(), reason}}));
        EXPECT_EQ(demuxer.counters(), (Counters{{"broken_tag", 1}}));

        Demuxer single; // and in pieces of one byte
        for (const auto byte : file) {
            ASSERT_TRUE(single.feed({&byte, 1}));
        }
        single.end();
        EXPECT_EQ(payloads(single).size(), 3U);
        EXPECT_EQ(warnings(single), (std::vector<Warning>{{kHeader.size() + kFirst.size(), reason}}));
    }
}

TEST(Demuxer, IsNotFooledByATagInsideOfGarbage)
{
    // What looks like a head inside of the garbage has no size behind it.
    Demuxer demuxer;
    ASSERT_TRUE(demuxer.feed(
        file_of({kHeader, kFirst, "ff 08 000002 000000 00 000000 a1a2 00000000 ffff"_hex, kThird, kFirst})));
    EXPECT_EQ(payloads(demuxer), (std::vector<Bytes>{"a1a2"_hex, "c1c2"_hex, "a1a2"_hex}));
}

TEST(Demuxer, WarnsOfEachBrokenTagButBoundsWhatWaits)
{
    Demuxer demuxer{{.warnings = 2}};
    ASSERT_TRUE(demuxer.feed(kHeader));
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(demuxer.feed(file_of({"ff"_hex, kFirst})));
    }
    const auto step = 1 + kFirst.size();
    EXPECT_EQ(warnings(demuxer), (std::vector<Warning>{{kHeader.size(), "a tag of type 255"},
                                                       {kHeader.size() + step, "a tag of type 255"}}));
    EXPECT_EQ(demuxer.counters(), (Counters{{"broken_tag", 3}}));
    EXPECT_EQ(payloads(demuxer).size(), 3U);
}

TEST(Demuxer, RefusesTagsPastItsLimit)
{
    Demuxer demuxer{{.tag_bytes = 2}};
    const auto small = "08 000002 000000 00 000000  72 a1  0000000d"_hex;
    ASSERT_TRUE(demuxer.feed(file_of({kHeader, kFirst, small})));
    EXPECT_EQ(payloads(demuxer), std::vector<Bytes>{"a1"_hex});
    EXPECT_EQ(warnings(demuxer), (std::vector<Warning>{{kHeader.size(), "a tag of 3 bytes"}}));
}

TEST(Demuxer, TakesAWrongSizeBehindATagWhenAnotherTagFollows)
{
    for (const auto& habit : {"00000000"_hex, "00000003"_hex, "00000012"_hex}) {
        Demuxer demuxer;
        ASSERT_TRUE(demuxer.feed(file_of({kHeader, ByteView{kFirst}.first(14), habit, kSecond})));
        EXPECT_EQ(payloads(demuxer), (std::vector<Bytes>{"a1a2"_hex, "b1b2"_hex}));
        EXPECT_EQ(demuxer.counters(), (Counters{{"wrong_previous_tag_size", 1}}));
    }
    Demuxer demuxer;
    const auto zero = "08 000003 000014 00 000000  72 b1b2  00000000"_hex;
    ASSERT_TRUE(demuxer.feed(file_of({kHeader, zero, zero})));
    EXPECT_EQ(payloads(demuxer), std::vector<Bytes>{"b1b2"_hex});
    demuxer.end(); // nothing can follow any more
    EXPECT_EQ(payloads(demuxer), std::vector<Bytes>{"b1b2"_hex});
    EXPECT_EQ(demuxer.counters(), (Counters{{"wrong_previous_tag_size", 1}}));
    EXPECT_TRUE(warnings(demuxer).empty());
}

TEST(Demuxer, GivesALastTagWithoutTheSizeBehindIt)
{
    Demuxer demuxer;
    ASSERT_TRUE(demuxer.feed(file_of({kHeader, ByteView{kFirst}.first(14)})));
    EXPECT_TRUE(payloads(demuxer).empty());
    demuxer.end();
    EXPECT_EQ(payloads(demuxer), std::vector<Bytes>{"a1a2"_hex});
    Demuxer cut;
    ASSERT_TRUE(cut.feed(file_of({kHeader, ByteView{kFirst}.first(13)})));
    cut.end();
    EXPECT_TRUE(payloads(cut).empty());
}

TEST(Demuxer, SkipsEncryptedAndAmf3Tags)
{
    Demuxer demuxer;
    ASSERT_TRUE(demuxer.feed(file_of({kHeader, "28 000003 000000 00 000000 72a1a2 0000000e"_hex,
                                      "0f 000003 000000 00 000000 000102 0000000e"_hex, kSecond})));
    EXPECT_EQ(payloads(demuxer), std::vector<Bytes>{"b1b2"_hex});
    EXPECT_EQ(demuxer.counters(), (Counters{{"amf3_script", 1}, {"encrypted_tag", 1}}));
}

} // namespace
} // namespace millrace::flv
