#include "payload_test.hpp"
#include <millrace/rtp/muxer.hpp>
#include <millrace/rtp/rtcp.hpp>

#include <gmock/gmock.h>

namespace millrace::rtp {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

const Bytes kIdr = "6588843a26280c9d75e0"_hex;
const Bytes kP1 = "419a20268b"_hex;
constexpr media::TrackId kVideo = media::track_id(media::Kind::video, 0);
constexpr media::TrackId kAudio = media::track_id(media::Kind::audio, 0);

media::Track video()
{
    return track_of({.payload = Payload::h264,
                     .parameters = {{"sprop-parameter-sets", "Z0LACtolsBEAAAMAAQAAAwAyDxImoA==,aM4PyA=="}}},
                    kVideo);
}

media::Track audio()
{
    return track_of({.payload = Payload::aac,
                     .kind = media::Kind::audio,
                     .clock_rate = 44100,
                     .channels = 2,
                     .parameters = {{"config", "1210"}}},
                    kAudio);
}

media::Frame picture(std::int64_t ms, bool key, std::chrono::milliseconds composition = 0ms)
{
    return {.track = kVideo,
            .key = key,
            .dts = media_ms(ms),
            .composition = composition,
            .payload = shared(prefixed({key ? kIdr : kP1}))};
}

media::Frame sound(std::int64_t ms)
{
    return {.track = kAudio,
            .kind = media::Kind::audio,
            .key = true,
            .dts = media_ms(ms),
            .payload = shared("211004608c1c"_hex)};
}

Muxer::Options options()
{
    return {.seed = 42, .cname = "cam@x", .media = media_ms(0), .wall = to_wall({0xe93c7f0080000000U})};
}

struct Sorted {
    std::vector<Packet> video;
    std::vector<Packet> audio;
    std::vector<rtcp::SenderReport> reports;
    std::vector<TrackStart> starts;
};

Sorted sort(const media::Pieces& pieces)
{
    Sorted out;
    QuirkCounts quirks;
    for (const auto& piece : pieces) {
        auto left = piece.view();
        while (const auto framed = take_framed(left)) {
            if (framed->channel == kStartChannel) {
                out.starts = read_starts(framed->packet);
            } else if (framed->channel % 2 == 0) {
                (framed->channel == 0 ? out.video : out.audio).push_back(packet_of(framed->packet));
            } else {
                const auto packets = *rtcp::read_compound(framed->packet, quirks);
                if (const auto* report = std::get_if<rtcp::SenderReport>(&packets[0])) {
                    out.reports.push_back(*report);
                }
            }
        }
        EXPECT_TRUE(left.empty()) << "a piece holds whole packets";
    }
    EXPECT_EQ(quirks, QuirkCounts{});
    return out;
}

TEST(RtpMuxer, MakesPacketsThatAViewerCanFind)
{
    Muxer muxer{options()};
    media::Pieces out;
    muxer.write(video(), media_ms(0), out);
    muxer.write(audio(), media_ms(0), out);
    EXPECT_TRUE(out.empty());
    muxer.write(picture(0, true), true, out);
    muxer.write(sound(10), false, out);
    muxer.write(picture(40, false), false, out);
    const auto got = sort(out);
    ASSERT_EQ(got.video.size(), 3U); // parameter sets, two pictures
    ASSERT_EQ(got.audio.size(), 1U);
    EXPECT_EQ(got.video[0].ssrc, ssrc_of(42, kVideo));
    EXPECT_EQ(got.audio[0].ssrc, ssrc_of(42, kAudio));
    EXPECT_NE(got.video[0].ssrc, got.audio[0].ssrc);
    EXPECT_EQ(got.video[0].payload_type, 96);
    EXPECT_EQ(got.audio[0].payload_type, 97);
    EXPECT_EQ(got.video[1].sequence, got.video[0].sequence + 1);
    EXPECT_EQ(got.video[2].timestamp - got.video[0].timestamp, 3600U);
    EXPECT_TRUE(got.video[1].marker);
    EXPECT_EQ(got.reports.size(), 2U);
}

TEST(RtpMuxer, TellsEachTracksFirstNumberAtAJoinPoint)
{
    Muxer muxer{options()};
    media::Pieces before;
    muxer.write(video(), media_ms(0), before);
    muxer.write(audio(), media_ms(0), before);
    for (int i = 0; i < 20; ++i) {
        muxer.write(picture(i * 40, i == 0), i == 0, before);
        muxer.write(sound(i * 40 + 10), false, before);
    }
    media::Pieces after;
    muxer.write(picture(800, true), true, after);
    muxer.write(sound(810), false, after);
    muxer.write(picture(840, false), false, after); // the prologue is asked for later
    media::Pieces prologue;
    muxer.prologue({}, media_ms(800), prologue);
    const auto head = sort(prologue);
    const auto got = sort(after);
    EXPECT_THAT(head.starts,
                ElementsAre(TrackStart{kVideo, got.video[0].sequence, got.video[0].timestamp},
                            TrackStart{kAudio, got.audio[0].sequence, got.audio[0].timestamp - 441}));
    ASSERT_EQ(head.reports.size(), 2U);
    EXPECT_EQ(head.reports[0].rtp, got.video[0].timestamp);
    // The wall's time at 0 is half a second past midnight; this is 0.8 s later.
    EXPECT_EQ(head.reports[0].ntp - NtpTime{0xe93c7f0080000000U}, 800ms);
    EXPECT_EQ(head.reports[0].ntp, head.reports[1].ntp);
    EXPECT_EQ(head.reports[1].rtp, got.audio[0].timestamp - 441);
}

TEST(RtpMuxer, TimestampsArePresentationTimes)
{
    Muxer muxer{options()};
    media::Pieces out;
    muxer.write(video(), media_ms(0), out);
    muxer.write(picture(0, true, 80ms), true, out);
    muxer.write(picture(40, false, 120ms), false, out);
    muxer.write(picture(80, false, 0ms), false, out);
    const auto got = sort(out);
    ASSERT_EQ(got.video.size(), 4U);
    EXPECT_EQ(got.video[2].timestamp - got.video[0].timestamp, 80U * 90);
    EXPECT_EQ(got.video[3].timestamp, got.video[0].timestamp);
}

TEST(RtpMuxer, SoundFollowsSoundWithoutGapsThoughItsTimesAreRounded)
{
    Muxer muxer{options()};
    media::Pieces out;
    muxer.write(audio(), media_ms(0), out);
    for (int i = 0; i < 500; ++i) {
        muxer.write(sound(i * 1024 * 1000 / 44100), i == 0, out);
    }
    muxer.write(sound(20000), false, out); // a gap is one
    const auto got = sort(out);
    for (std::size_t i = 1; i < 500; ++i) {
        ASSERT_EQ(got.audio[i].timestamp - got.audio[i - 1].timestamp, 1024U);
    }
    EXPECT_NEAR(got.audio[500].timestamp - got.audio[0].timestamp, 20 * 44100, 45);
}

TEST(RtpMuxer, ImagesOfOneStreamHaveTheSameNumbers)
{
    auto shared_options = options();
    shared_options.numbering = make_numbering(42);
    Muxer all{shared_options};
    Muxer sounds{shared_options};
    media::Pieces first;
    media::Pieces second;
    all.write(video(), media_ms(0), first);
    all.write(audio(), media_ms(0), first);
    for (int i = 0; i < 10; ++i) {
        all.write(picture(i * 40, i == 0), i == 0, first);
        all.write(sound(i * 40), false, first);
        if (i == 5) {
            sounds.write(audio(), media_ms(0), second); // begins later
        }
        if (i >= 5) {
            sounds.write(sound(i * 40), i == 5, second);
        }
    }
    const auto whole = sort(first).audio;
    const auto part = sort(second).audio;
    ASSERT_EQ(part.size(), 5U);
    EXPECT_EQ(part, (std::vector<Packet>{whole.begin() + 5, whole.end()}));
}

TEST(RtpMuxer, LeavesOutWhatRtpCannotCarry)
{
    Muxer muxer{options()};
    media::Pieces out;
    const media::Track speex{.id = kAudio, .kind = media::Kind::audio, .codec = media::Codec::speex};
    muxer.write(speex, media_ms(0), out);
    muxer.write(sound(0), false, out);
    EXPECT_TRUE(out.empty());
    EXPECT_EQ(media_for(speex).error().code(), make_error_code(Errc::unsupported_format));
}

TEST(RtpMuxer, SaysByeForATrackThatEnds)
{
    Muxer muxer{options()};
    media::Pieces out;
    muxer.write(video(), media_ms(0), out);
    muxer.forget(kVideo, media_ms(0), out);
    ASSERT_EQ(out.size(), 1U);
    auto view = out[0].view();
    QuirkCounts quirks;
    const auto packets = rtcp::read_compound(take_framed(view)->packet, quirks);
    ASSERT_TRUE(packets);
    EXPECT_EQ(std::get<rtcp::Bye>(packets->back()).sources, std::vector<std::uint32_t>{ssrc_of(42, kVideo)});
    muxer.forget(kVideo, media_ms(0), out);
    EXPECT_EQ(out.size(), 1U);
}

TEST(TakeFramed, ReadsV7)
{
    const auto wire = "2401000c81ce0002cafebabe11223344 24"_hex;
    ByteView left{wire};
    const auto framed = take_framed(left);
    ASSERT_TRUE(framed);
    EXPECT_EQ(framed->channel, 1);
    EXPECT_EQ(to_bytes(framed->packet), Bytes("81ce0002cafebabe11223344"_hex));
    EXPECT_EQ(framed->whole.size(), 16U);
    EXPECT_FALSE(take_framed(left));
    EXPECT_EQ(left.size(), 1U);
}

} // namespace
} // namespace millrace::rtp
