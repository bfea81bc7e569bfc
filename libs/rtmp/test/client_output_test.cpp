#include "client_output.hpp"
#include "video_body.hpp"
#include <millrace/rtmp/chunk_reader.hpp>

#include <gtest/gtest.h>

namespace millrace::rtmp {
namespace {

using enum MessageType;

constexpr std::uint32_t kVideoId = csid::kVideo;

void send_video(ClientOutput& out, std::uint32_t timestamp, std::uint8_t first, std::uint8_t packet = 1,
                std::size_t size = 500)
{
    out.send({kVideoId, 1, timestamp, video}, {first, packet}, SharedBytes::copy_of(Bytes(size)));
}

void send_audio(ClientOutput& out, std::uint32_t timestamp, std::size_t size = 100)
{
    out.send({csid::kAudio, 1, timestamp, audio}, {0xaf, 1}, SharedBytes::copy_of(Bytes(size)));
}

/// Timestamps of whole messages in the order in which they came out; control is 0.
std::vector<std::uint32_t> times(ChunkReader& reader, const Bytes& bytes)
{
    EXPECT_TRUE(reader.feed(bytes));
    std::vector<std::uint32_t> found;
    while (const auto message = reader.next()) {
        found.push_back(message->timestamp);
    }
    return found;
}

TEST(ClientOutput, GivesControlBeforeAudioBeforeVideo)
{
    ClientOutput out;
    ChunkReader reader;
    send_video(out, 1, 0x17);
    send_audio(out, 2);
    send_audio(out, 3);
    out.farewell().command({"deleteStream", 9, amf::Null{}, 1});
    out.control().control(PingResponse{1});
    EXPECT_FALSE(out.empty());
    EXPECT_EQ(times(reader, out.take(SIZE_MAX)), (std::vector<std::uint32_t>{0, 2, 3, 1, 0}));
    EXPECT_TRUE(out.empty());
}

TEST(ClientOutput, LetsAudioPassBetweenTheChunksOfAVideoFrame)
{
    ClientOutput out;
    ChunkReader reader;
    out.set_chunk_size(1000);
    EXPECT_EQ(times(reader, out.take(SIZE_MAX)), std::vector<std::uint32_t>{0});
    send_video(out, 0x1000000, 0x17, 1, 100000); // An extended timestamp, in every chunk.
    std::vector<std::uint32_t> found;
    for (std::uint32_t i = 1; !out.empty(); ++i) {
        if (i <= 20) {
            send_audio(out, i);
        }
        const auto bytes = out.take(1500);
        EXPECT_LE(bytes.size(), 1500U + 1016U); // About so much: whole chunks.
        for (const auto time : times(reader, bytes)) {
            found.push_back(time);
        }
    }
    ASSERT_EQ(found.size(), 21U); // All audio passed the frame, which arrived whole.
    EXPECT_EQ(found.back(), 0x1000000U);
    EXPECT_EQ(found.front(), 1U);
}

TEST(ClientOutput, KnowsHowMuchMediaWaits)
{
    ClientOutput out;
    EXPECT_EQ(out.backlog(), 0U);
    send_audio(out, 1, 98);
    send_video(out, 2, 0x17, 1, 898);
    EXPECT_EQ(out.backlog(), 1000U);
    out.take(110); // The audio, header and all.
    EXPECT_EQ(out.backlog(), 900U);
    out.take(1);
    EXPECT_LT(out.backlog(), 900U); // One chunk of the video.
    EXPECT_GT(out.backlog(), 700U);
    out.drop_media();
    EXPECT_EQ(out.backlog(), 0U);
    EXPECT_TRUE(out.empty());
}

TEST(ClientOutput, DropsVideoUpToTheNextKeyFrame)
{
    ClientOutput out;
    ChunkReader reader;
    send_video(out, 1, 0x17);
    out.take(1); // Begun: it cannot be taken back.
    send_video(out, 2, 0x27);
    send_video(out, 3, 0x17, 0); // A configuration is never dropped.
    send_video(out, 4, 0x17);
    send_audio(out, 5);
    EXPECT_EQ(out.drop_video(), 2U);
    send_video(out, 6, 0x27);
    send_video(out, 7, 0x17, 0);
    send_video(out, 8, 0x27);
    send_video(out, 9, 0x17);
    send_video(out, 10, 0x27);
    // The first bytes of the frame that was begun are gone with the take above.
    Bytes rest = out.take(SIZE_MAX);
    ClientOutput same;
    send_video(same, 1, 0x17);
    Bytes all = same.take(1);
    all.insert(all.end(), rest.begin(), rest.end());
    EXPECT_EQ(times(reader, all), (std::vector<std::uint32_t>{5, 1, 3, 7, 9, 10}));
}

TEST(ClientOutput, WaitsForAKeyFrameOfEachTrackThatItDroppedFrom)
{
    const auto send_track = [](ClientOutput& out, std::uint32_t time, std::uint8_t first,
                               std::uint8_t number) {
        out.send({csid::kVideo, 1, time, MessageType::video}, Bytes{first, 1, 'a', 'v', '0', '1', number},
                 SharedBytes{Bytes(10)});
    };
    ClientOutput out;
    ChunkReader reader;
    send_track(out, 1, 0x96, 1);
    send_track(out, 2, 0xa6, 2);
    EXPECT_EQ(out.drop_video(), 2U);
    send_track(out, 3, 0xa6, 1);
    send_track(out, 4, 0x96, 1);
    send_track(out, 5, 0xa6, 2); // still waits for its own
    send_track(out, 6, 0xa6, 1);
    send_track(out, 7, 0xa6, 3); // nothing of it was dropped
    send_track(out, 8, 0x96, 2);
    EXPECT_EQ(times(reader, out.take(SIZE_MAX)), (std::vector<std::uint32_t>{4, 6, 7, 8}));
}

TEST(ClientOutput, DropsNothingWhereNothingWaits)
{
    ClientOutput out;
    ChunkReader reader;
    EXPECT_EQ(out.drop_video(), 0U);
    send_video(out, 1, 0x27); // No gap before it: it goes out.
    EXPECT_EQ(times(reader, out.take(SIZE_MAX)), std::vector<std::uint32_t>{1});
}

TEST(VideoBody, TellsWhatMayBeDropped)
{
    const std::vector<std::pair<Bytes, VideoLook>> cases{
        {{0x17, 0}, {VideoBody::config}},
        {{0x17, 1}, {VideoBody::key_frame}},
        {{0x27, 1}, {VideoBody::frame}},
        {{0x17, 2}, {VideoBody::config}},
        {{0x1c, 0}, {VideoBody::config}},
        {{0x1c, 1}, {VideoBody::key_frame}},
        {{0x12, 0}, {VideoBody::key_frame}},
        {{0x22, 0}, {VideoBody::frame}},
        {{0x90}, {VideoBody::config}},
        {{0x91}, {VideoBody::key_frame}},
        {{0xa1}, {VideoBody::frame}},
        {{0xa3}, {VideoBody::frame}},
        {{0x96, 0x00}, {VideoBody::config}},
        {{0x96, 0x11}, {VideoBody::key_frame}},
        {{0x94}, {VideoBody::config}},
        {{0x96, 0x01, 'a', 'v', '0', '1', 3}, {VideoBody::key_frame, 3}},
        {{0xa6, 0x03, 'a', 'v', 'c', '1', 255}, {VideoBody::frame, 255}},
        {{0x97, 2, 7, 0xa1, 0x20, 1, 'a', 'v', '0', '1'}, {VideoBody::key_frame}},
        {{0x97, 2, 7, 0xa1, 0x20, 0, 'a', 'v', '0', '1'}, {VideoBody::config}},
        {{0xa7, 2, 7, 0xa1, 0x20, 6, 0x01, 'a', 'v', '0', '1', 9}, {VideoBody::frame, 9}},
        {{0x97, 0, 0, 0x17, 0xff, 0, 0, 0, 1}, {VideoBody::key_frame}},
        {{}, {VideoBody::frame}},
    };
    for (const auto& [body, is] : cases) {
        for (std::size_t cut = 0; cut <= body.size(); ++cut) {
            EXPECT_EQ(look_at_video(ByteView{body}.first(cut), ByteView{body}.subspan(cut)), is);
        }
    }
}

} // namespace
} // namespace millrace::rtmp
