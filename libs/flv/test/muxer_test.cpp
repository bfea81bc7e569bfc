#include "files.hpp"
#include <millrace/amf/amf0.hpp>

#include <gtest/gtest.h>

namespace millrace::flv {
namespace {

using namespace testing::literals;
using media::Codec;
using media::Frame;
using media::Kind;
using media::Pieces;
using media::Track;

const Track kVoice{.id = 1, .kind = Kind::audio, .codec = Codec::g711a, .origin = 0x72};
const Track kAac{
    .id = 1, .kind = Kind::audio, .codec = Codec::aac, .config = shared("1210"_hex), .origin = 0xaf};

Frame sound(std::int64_t ms, ByteView payload)
{
    return {.track = 1, .kind = Kind::audio, .key = true, .dts = media_ms(ms), .payload = shared(payload)};
}

TEST(Muxer, WritesHeaderMetadataAndSequenceHeadersFirst)
{
    Pieces out;
    Muxer{}.prologue({.tracks = {kAac}, .metadata = {{"onMetaData", shared("08000000 00 000009"_hex)}}},
                     media_ms(0x12345678), out);
    EXPECT_EQ(joined(out), Bytes(R"(
        464c56 01 04 00000009 00000000
        12 000015 000000 00 000000  02000a6f6e4d65746144617461 0800000000 000009  00000020
        08 000004 345678 12 000000  af 00 1210  0000000f
    )"_hex));
}

TEST(Muxer, MakesMetadataWhenThereIsNone)
{
    Pieces out;
    Muxer{}.prologue({.tracks = {kAac}}, media_ms(0), out);
    const auto made = make_metadata({kAac});
    EXPECT_EQ(only<media::Metadata>(demuxed(joined(out))), std::vector{made});
}

TEST(Muxer, SaysBothKindsWhenNothingIsKnownYet)
{
    const auto flags = [](std::vector<Track> tracks) {
        Pieces out;
        Muxer{}.prologue({.tracks = std::move(tracks)}, media_ms(0), out);
        return joined(out).at(4);
    };
    const Track video{.kind = Kind::video, .codec = Codec::h263, .origin = 2};
    EXPECT_EQ(flags({}), 5);
    EXPECT_EQ(flags({video}), 1);
    EXPECT_EQ(flags({kVoice}), 4);
    EXPECT_EQ(flags({video, kVoice}), 5);
}

TEST(Muxer, SharesThePayload)
{
    Muxer muxer;
    Pieces out;
    muxer.write(kVoice, media_ms(0), out);
    EXPECT_TRUE(out.empty()); // no sequence header
    const auto frame = sound(20, "b1b2"_hex);
    muxer.write(frame, true, out);
    ASSERT_EQ(out.size(), 3U);
    EXPECT_EQ(out[1].data(), frame.payload.data());
    EXPECT_EQ(joined(out), Bytes("08 000003 000014 00 000000 72 b1b2 0000000e"_hex));
}

TEST(Muxer, WritesSilenceAsAnEmptyTag)
{
    Muxer muxer;
    Pieces out;
    muxer.write(kVoice, media_ms(0), out);
    muxer.write(sound(20, {}), true, out);
    EXPECT_EQ(joined(out), Bytes("08 000000 000014 00 000000 0000000b"_hex));
}

TEST(Muxer, WrapsTimestampsAt32Bits)
{
    Muxer muxer;
    Pieces out;
    muxer.write(kVoice, media_ms(0), out);
    muxer.write(sound((std::int64_t{1} << 32) + 0x01020304, "b1"_hex), true, out);
    muxer.write(sound(-1, "b1"_hex), true, out);
    EXPECT_EQ(joined(out), Bytes(R"(
        08 000002 020304 01 000000 72 b1 0000000d
        08 000002 ffffff ff 000000 72 b1 0000000d
    )"_hex));
}

TEST(Muxer, WritesAChangedTrackAndItsFramesInTheNewForm)
{
    Muxer muxer;
    Pieces out;
    muxer.write(kAac, media_ms(0), out);
    Track changed = kAac;
    changed.origin = 0x6d703461;
    muxer.write(changed, media_ms(1), out);
    muxer.write(sound(2, "21"_hex), true, out);
    EXPECT_EQ(joined(out), Bytes(R"(
        08 000004 000000 00 000000 af 00 1210          0000000f
        08 000007 000001 00 000000 90 6d703461 1210    00000012
        08 000006 000002 00 000000 91 6d703461 21      00000011
    )"_hex));
}

TEST(Muxer, WritesMetadataInMidStream)
{
    Muxer muxer;
    Pieces out;
    muxer.write(media::Metadata{"onMetaData", shared("08000000 00 000009"_hex)}, media_ms(5), out);
    EXPECT_EQ(joined(out),
              Bytes("12 000015 000005 00 000000 02000a6f6e4d65746144617461 0800000000 000009 00000020"_hex));
}

TEST(Muxer, WritesOneTrackOfEachKind)
{
    Muxer muxer;
    Pieces out;
    Track second = kAac;
    second.id = 3;
    muxer.write(kVoice, media_ms(0), out);
    muxer.write(second, media_ms(0), out);
    Frame frame = sound(0, "21"_hex);
    frame.track = 3;
    muxer.write(frame, true, out);
    frame.track = 9; // never told
    muxer.write(frame, true, out);
    EXPECT_TRUE(out.empty());
    muxer.prologue({.tracks = {second, kVoice}}, media_ms(0), out);
    EXPECT_EQ(only<Track>(demuxed(joined(out))).size(), 0U);
}

TEST(Muxer, LeavesOutAFrameThatIsTooBigForATag)
{
    Muxer muxer;
    Pieces out;
    muxer.write(kVoice, media_ms(0), out);
    muxer.write(sound(0, Bytes(0xffffff, 0)), true, out); // and its first byte is one too many
    EXPECT_TRUE(out.empty());
    muxer.write(sound(0, Bytes(0xfffffe, 0)), true, out);
    EXPECT_EQ(out.size(), 3U);
}

TEST(Muxer, GivesBackAFileOfFFmpegByteByByte)
{
    for (const char* name : {"h263_mp3.flv", "g711a.flv", "speex.flv"}) {
        SCOPED_TRACE(name);
        const auto file = vector_file(name);
        const auto [head, frames] = sorted(demuxed(file));
        EXPECT_EQ(muxed(head, frames), file);
    }
    auto file = vector_file("h264_aac.flv");
    const auto [head, frames] = sorted(demuxed(file));
    const auto again = muxed(head, frames);
    // All but the end of sequence, one tag of 5 bytes that is no frame.
    EXPECT_EQ(again.size() + 11 + 5 + 4, file.size());
    EXPECT_EQ(sorted(demuxed(again)).second, frames);
}

TEST(Muxer, WritesAWholeStreamFromAnyJoinOn)
{
    const auto [head, frames] = sorted(demuxed(vector_file("h264_aac.flv")));
    const auto second_gop = std::ranges::find_if(frames, [](const Frame& frame) {
        return frame.kind == Kind::video && frame.key && frame.dts > media_ms(0);
    });
    ASSERT_NE(second_gop, frames.end());
    const std::vector<Frame> rest(second_gop, frames.end());
    const auto [joined_head, joined_frames] = sorted(demuxed(muxed(head, rest)));
    EXPECT_EQ(joined_frames, rest);
    EXPECT_EQ(joined_head.tracks, head.tracks);
}

} // namespace
} // namespace millrace::flv
