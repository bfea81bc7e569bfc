#include "../src/aggregate.hpp"
#include "chunks.hpp"
#include <millrace/amf/amf0.hpp>
#include <millrace/rtmp/control.hpp>
#include <millrace/rtmp/muxer.hpp>

#include <gtest/gtest.h>

namespace millrace::rtmp {
namespace {

using namespace testing::literals;
using enum MessageType;

const media::Track kVideoTrack{.id = 0,
                               .kind = media::Kind::video,
                               .codec = media::Codec::h264,
                               .config = SharedBytes("014d401fffe10004674d401f01000268ee"_hex),
                               .origin = 0x07};
const media::Track kAudioTrack{.id = 1,
                               .kind = media::Kind::audio,
                               .codec = media::Codec::aac,
                               .config = SharedBytes("1210"_hex),
                               .origin = 0xaf};
const media::Track kDataTrack{.id = 2, .kind = media::Kind::data, .codec = media::Codec::script};

media::Metadata metadata(const char* name)
{
    return {.name = name, .values = SharedBytes{amf::write_amf0({amf::EcmaArray{{{"width", 640}}}})}};
}

media::Frame video_frame(std::int64_t ms, bool key, std::size_t size = 40)
{
    return {.track = 0,
            .kind = media::Kind::video,
            .key = key,
            .dts = media_ms(ms),
            .payload = SharedBytes{counting(size, static_cast<unsigned>(ms))}};
}

media::Frame audio_frame(std::int64_t ms, std::size_t size = 30)
{
    return {.track = 1,
            .kind = media::Kind::audio,
            .key = true,
            .dts = media_ms(ms),
            .payload = SharedBytes{counting(size, static_cast<unsigned>(ms))}};
}

media::Frame data_frame(std::int64_t ms)
{
    return {.track = 2,
            .kind = media::Kind::data,
            .key = true,
            .dts = media_ms(ms),
            .payload = SharedBytes{amf::write_amf0({"onTextData", "hello"})}};
}

Bytes flat(const media::Pieces& pieces)
{
    Bytes whole;
    for (const SharedBytes& piece : pieces) {
        whole.insert(whole.end(), piece.view().begin(), piece.view().end());
    }
    return whole;
}

/// What a player reads that was told the chunk size.
std::vector<Message> read(std::initializer_list<media::Pieces> parts)
{
    ChunkReader reader;
    Bytes wire;
    ChunkWriter{}.write(wire, control_message(SetChunkSize{kPlayChunkSize}));
    EXPECT_TRUE(reader.feed(wire));
    reader.next();
    for (const media::Pieces& part : parts) {
        for (const SharedBytes& piece : part) {
            EXPECT_TRUE(reader.feed(piece));
        }
    }
    EXPECT_TRUE(reader.counters().empty());
    return drain(reader);
}

/// Frames, written one after the other by a muxer that knows all tracks.
struct Image {
    Muxer muxer;
    media::Pieces pieces;

    Image()
    {
        media::Pieces thrown_away;
        for (const media::Track& track : {kVideoTrack, kAudioTrack, kDataTrack}) {
            muxer.write(track, media_ms(999), thrown_away);
        }
    }

    void write(const media::Frame& frame, bool join = false) { muxer.write(frame, join, pieces); }
};

/// Each frame with `read` as a server's core reads what an encoder sends.
std::vector<Message> taken_apart(const Message& aggregate)
{
    std::vector<Message> parts;
    AggregateReader reader{aggregate.timestamp, SharedBytes{Bytes{aggregate.payload}}};
    while (const auto part = reader.next()) {
        parts.push_back({.stream = aggregate.stream,
                         .timestamp = part->timestamp,
                         .type = part->type,
                         .payload = to_bytes(part->payload)});
    }
    EXPECT_FALSE(reader.truncated());
    return parts;
}

// RTMP digest V8.
TEST(Aggregate, IsWrittenAsInTheVector)
{
    AggregateWriter writer;
    writer.add(audio, 900000, "af"_hex, "0111"_hex);
    writer.add(video, 900020, "2701000000"_hex, {});
    writer.add(data, 900020, {}, "0200036f6e58"_hex);
    EXPECT_EQ(writer.timestamp(), 900000U);
    EXPECT_EQ(writer.take(), Bytes(R"(
        08 000003 0dbba0 00 000000  af0111        0000000e
        09 000005 0dbbb4 00 000000  2701000000    00000010
        12 000006 0dbbb4 00 000000  0200036f6e58  00000011)"_hex));
    EXPECT_TRUE(writer.empty());
}

TEST(Muxer, PutsFramesTogetherForWhoTakesAggregates)
{
    Image plain;
    Image gathered;
    gathered.muxer.gather();
    for (auto* image : {&plain, &gathered}) {
        image->write(video_frame(0xfffff0, true), true);
        image->write(video_frame(0xffffff, false));
        image->write(audio_frame(0x1000003));
        image->write(data_frame(0x1000007));
        image->muxer.finish(image->pieces);
        image->write(video_frame(0x1000010, false, 70000)); // Too long to be gathered.
        image->write(audio_frame(0x1000011));
        image->muxer.finish(image->pieces);
        image->muxer.finish(image->pieces); // Nothing is left.
    }
    const auto alone = read({plain.pieces});
    const auto together = read({gathered.pieces});
    ASSERT_EQ(alone.size(), 6U);
    ASSERT_EQ(together.size(), 4U);
    EXPECT_EQ(together[0].type, video) << "what begins a run comes plain";
    EXPECT_EQ(together[1].type, aggregate);
    EXPECT_EQ(together[2].type, video);
    EXPECT_EQ(together[3].type, aggregate);
    auto parts = taken_apart(together[1]);
    const auto last = taken_apart(together[3]);
    parts.insert(parts.end(), last.begin(), last.end());
    const std::array<std::size_t, 4> places{1, 2, 3, 5};
    ASSERT_EQ(parts.size(), places.size());
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto& wanted = alone[places[i]];
        EXPECT_EQ(parts[i].type, wanted.type);
        EXPECT_EQ(parts[i].timestamp, wanted.timestamp);
        EXPECT_EQ(parts[i].payload, wanted.payload);
    }
}

TEST(Muxer, WritesFramesAsMessages)
{
    Image image;
    auto reordered = video_frame(40, false);
    reordered.composition = std::chrono::milliseconds{80};
    image.write(video_frame(0, true), true);
    image.write(audio_frame(10));
    image.write(reordered);
    image.write(data_frame(50));
    const std::vector<Message> expected{
        {.csid = 7,
         .stream = 1,
         .timestamp = 0,
         .type = video,
         .payload = join({"17 01 000000"_hex, counting(40)})},
        {.csid = 6,
         .stream = 1,
         .timestamp = 10,
         .type = audio,
         .payload = join({"af 01"_hex, counting(30, 10)})},
        {.csid = 7,
         .stream = 1,
         .timestamp = 40,
         .type = video,
         .payload = join({"27 01 000050"_hex, counting(40, 40)})},
        {.csid = 4,
         .stream = 1,
         .timestamp = 50,
         .type = data,
         .payload = amf::write_amf0({"onTextData", "hello"})},
    };
    EXPECT_EQ(read({image.pieces}), expected);
}

TEST(Muxer, BeginsThePrologueWithMetadataAndThenTheSequenceHeaders)
{
    media::Pieces out;
    const media::Head head{.tracks = {kVideoTrack, kAudioTrack},
                           .metadata = {metadata("onCuePoint"), metadata("onMetaData")}};
    Muxer{5}.prologue(head, media_ms(0x1234567), out);
    const Bytes values = to_bytes(head.metadata[0].values);
    const Message expected{.csid = 4, .stream = 5, .timestamp = 0, .type = data}; // FFmpeg's quirk
    auto on_meta_data = expected;
    on_meta_data.payload = join({amf::write_amf0({"onMetaData"}), values});
    auto on_cue_point = expected;
    on_cue_point.payload = join({amf::write_amf0({"onCuePoint"}), values});
    const Message video_header{.csid = 7,
                               .stream = 5,
                               .timestamp = 0x1234567,
                               .type = video,
                               .payload = join({"17 00 000000"_hex, to_bytes(kVideoTrack.config)})};
    const Message audio_header{
        .csid = 6, .stream = 5, .timestamp = 0x1234567, .type = audio, .payload = "af 00 1210"_hex};
    EXPECT_EQ(read({out}), (std::vector{on_meta_data, on_cue_point, video_header, audio_header}));
}

TEST(Muxer, MakesMetadataFromTheTracksWhenTheSourceGaveNone)
{
    media::Pieces out;
    Muxer{}.prologue({.tracks = {kAudioTrack}}, {}, out);
    const auto messages = read({out});
    ASSERT_EQ(messages.size(), 2U);
    const auto values = amf::read_amf0(messages[0].payload);
    ASSERT_TRUE(values);
    ASSERT_EQ(values->size(), 2U);
    EXPECT_EQ(values->front().text(), "onMetaData");
    EXPECT_NE((*values)[1].as<amf::EcmaArray>(), nullptr); // FFmpeg wants no object here
    EXPECT_EQ(messages[1].type, audio);
}

TEST(Muxer, HasNoPrologueWhenThereIsNothingToKnow)
{
    media::Pieces out;
    Muxer{}.prologue({}, {}, out);
    EXPECT_TRUE(out.empty());
}

TEST(Muxer, LetsAReaderBeginAtEachJoinPoint)
{
    Image image;
    std::vector<std::size_t> joins;
    std::vector<std::size_t> frames_before;
    for (std::int64_t i = 0; i < 60; ++i) {
        const bool key = i % 20 == 0;
        if (key) {
            joins.push_back(image.pieces.size());
            frames_before.push_back(static_cast<std::size_t>(i * 2));
        }
        image.write(video_frame(i * 40, key), key);
        image.write(i % 7 == 3 ? data_frame(i * 40 + 1) : audio_frame(i * 40 + 1));
    }
    const auto whole = read({image.pieces});
    ASSERT_EQ(whole.size(), 120U);
    const media::Head head{.tracks = {kVideoTrack, kAudioTrack}, .metadata = {metadata("onMetaData")}};
    for (std::size_t i = 0; i < joins.size(); ++i) {
        media::Pieces prologue;
        image.muxer.prologue(head, media_ms(static_cast<std::int64_t>(i) * 800), prologue);
        const auto messages = read(
            {prologue, {image.pieces.begin() + static_cast<std::ptrdiff_t>(joins[i]), image.pieces.end()}});
        ASSERT_EQ(messages.size(), 3 + 120 - frames_before[i]);
        EXPECT_TRUE(std::equal(messages.begin() + 3, messages.end(),
                               whole.begin() + static_cast<std::ptrdiff_t>(frames_before[i])));
    }
}

TEST(Muxer, GivesTheSamePrologueWhateverWasWritten)
{
    const media::Head head{.tracks = {kVideoTrack, kAudioTrack}, .metadata = {metadata("onMetaData")}};
    media::Pieces before;
    media::Pieces after;
    Image image;
    image.muxer.prologue(head, media_ms(5), before);
    image.write(video_frame(0, true), true);
    image.write(audio_frame(10));
    image.muxer.prologue(head, media_ms(5), after);
    EXPECT_EQ(flat(before), flat(after));
}

TEST(Muxer, MakesATrackKnownWithoutATraceInWhatFollows)
{
    Image image;
    image.write(video_frame(0, true), true);
    image.write(audio_frame(10));
    media::Pieces thrown_away;
    image.muxer.write(kVideoTrack, media_ms(20), thrown_away);
    image.muxer.write(kAudioTrack, media_ms(20), thrown_away);
    image.muxer.write(metadata("onMetaData"), media_ms(20), thrown_away);
    image.write(video_frame(40, false));
    image.write(audio_frame(50));
    const auto messages = read({image.pieces});
    ASSERT_EQ(messages.size(), 4U);
    EXPECT_EQ(messages[2].timestamp, 40U);
    EXPECT_EQ(messages[3].timestamp, 50U);
}

TEST(Muxer, WritesAChangedConfigurationAndMetadataInMidStream)
{
    Image image;
    image.write(video_frame(0, true), true);
    auto changed = kVideoTrack;
    changed.config = SharedBytes("014d4028ffe10004674d402801000268ee"_hex);
    image.muxer.write(changed, media_ms(40), image.pieces);
    image.muxer.write(metadata("onMetaData"), media_ms(41), image.pieces);
    image.write(video_frame(42, true), true);
    const auto messages = read({image.pieces});
    ASSERT_EQ(messages.size(), 4U);
    EXPECT_EQ(messages[1].payload, join({"17 00 000000"_hex, to_bytes(changed.config)}));
    EXPECT_EQ(messages[1].timestamp, 40U);
    EXPECT_EQ(messages[2].type, data);
    EXPECT_EQ(messages[2].timestamp, 41U);
}

TEST(Muxer, CountsTimeModulo32Bits)
{
    Image image;
    for (const std::int64_t ms : {-20LL, 16777215LL, 4294967290LL, 4294967330LL}) {
        image.write(video_frame(ms, false));
    }
    std::vector<std::uint32_t> times;
    for (const Message& message : read({image.pieces})) {
        times.push_back(message.timestamp);
    }
    EXPECT_EQ(times, (std::vector<std::uint32_t>{4294967276, 16777215, 4294967290, 34}));
}

TEST(Muxer, SharesLargePayloadsAndCopiesSmallOnes)
{
    Image image;
    const auto large = video_frame(0, true, 100000);
    image.write(large, true);
    ASSERT_EQ(image.pieces.size(), 4U); // two chunks
    EXPECT_EQ(image.pieces[1].data(), large.payload.data());
    EXPECT_EQ(image.pieces[3].data() + image.pieces[3].size(), large.payload.data() + large.payload.size());
    image.write(audio_frame(10));
    EXPECT_EQ(image.pieces.size(), 5U);
}

TEST(Muxer, LeavesOutWhatCannotBeWritten)
{
    Image image;
    auto stranger = video_frame(0, true);
    stranger.track = 9;
    image.write(stranger, true);
    image.write(video_frame(0, true, 0xffffff - 4), true); // one byte too much with its head of 5
    EXPECT_TRUE(image.pieces.empty());
    image.write(video_frame(0, true, 0xffffff - 5), true);
    EXPECT_EQ(read({image.pieces}).size(), 1U);
}

} // namespace
} // namespace millrace::rtmp
