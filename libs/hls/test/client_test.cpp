// The client against servers that are a table of bodies, on a virtual clock.
#include "../../mpegts/test/material.hpp"
#include <millrace/crypto/aes.hpp>
#include <millrace/hls/client.hpp>

#include <gtest/gtest.h>

#include <map>

namespace millrace::hls {
namespace {

using namespace std::chrono_literals;
using namespace millrace::mpegts;

constexpr auto kBase = "http://origin/live/index.m3u8";

/// Ten pictures of 100 ms, the first a key frame.
Bytes segment(Muxer& muxer, int number)
{
    media::Pieces out;
    for (int i = 0; i < 10; ++i) {
        muxer.write(picture(i == 0 ? kIdr : kSlice1, number * 1s + i * 100ms, i == 0, 0ms), i == 0, out);
    }
    muxer.flush(out);
    return joined(out);
}

struct World {
    std::map<std::string, Bytes> files;
    Client client{kBase};
    Clock::time_point now{};
    std::vector<std::string> asked;
    std::vector<media::Frame> frames;
    std::vector<std::string> warnings;
    std::function<void()> on_fetch;

    void text(const std::string& name, const std::string& body)
    {
        files["http://origin/live/" + name] = to_bytes(as_bytes(body));
    }
    void bytes(const std::string& name, Bytes body) { files["http://origin/live/" + name] = std::move(body); }

    /// Goes on until that time, or the end.
    void run(Clock::duration until)
    {
        while (!client.over() && now.time_since_epoch() < until) {
            if (const auto fetch = client.next(now)) {
                asked.push_back(fetch->url.substr(std::string{"http://origin/live/"}.size()));
                if (on_fetch) {
                    on_fetch();
                }
                const auto plain = fetch->url.substr(0, fetch->url.find('?'));
                const auto found = files.find(plain);
                if (found == files.end()) {
                    client.failed("404", true, now);
                } else {
                    auto body = ByteView{found->second};
                    body = fetch->range ? body.subspan(fetch->range->offset, fetch->range->bytes) : body;
                    client.got(fetch->url, body, now);
                }
            } else if (!client.over()) {
                now = std::max(now + 1ms, std::min(client.deadline(), Clock::time_point{until}));
            }
            while (const auto item = client.next_item()) {
                if (const auto* frame = std::get_if<media::Frame>(&*item)) {
                    frames.push_back(*frame);
                }
            }
            while (auto warning = client.next_warning()) {
                warnings.push_back(std::move(*warning));
            }
        }
    }
};

std::string head(int first = 0)
{
    return "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:" + std::to_string(first) + "\n";
}

std::string entries(int from, int to)
{
    std::string text;
    for (int i = from; i < to; ++i) {
        text += "#EXTINF:1,\n" + std::to_string(i) + ".ts\n";
    }
    return text;
}

Muxer& begin(Muxer& muxer)
{
    media::Pieces none;
    muxer.write(video_track(), {}, none);
    return muxer;
}

TEST(HlsClient, PlaysWhatIsRecordedFromBeginToEnd)
{
    World world;
    Muxer muxer;
    begin(muxer);
    for (int i = 0; i < 5; ++i) {
        world.bytes(std::to_string(i) + ".ts", segment(muxer, i));
    }
    world.text("index.m3u8", head() + entries(0, 5) + "#EXT-X-ENDLIST\n");
    world.run(100s);
    EXPECT_TRUE(world.client.over());
    EXPECT_EQ(world.client.why(), "");
    EXPECT_EQ(world.asked, (std::vector<std::string>{"index.m3u8", "0.ts", "1.ts", "2.ts", "3.ts", "4.ts"}));
    ASSERT_EQ(world.frames.size(), 50U);
    for (std::size_t i = 0; i < 50; ++i) {
        EXPECT_EQ(world.frames[i].dts, MediaTime{10s + static_cast<int>(i) * 100ms});
    }
}

TEST(HlsClient, FollowsALivePlaylistFromThreeSegmentsBeforeItsEnd)
{
    World world;
    Muxer muxer;
    begin(muxer);
    for (int i = 0; i < 20; ++i) {
        world.bytes(std::to_string(i) + ".ts", segment(muxer, i));
    }
    std::vector<Clock::duration> reloads;
    world.on_fetch = [&] {
        const auto newest = static_cast<int>(world.now.time_since_epoch() / 1s) + 6;
        world.text("index.m3u8", head(newest - 6) + entries(newest - 6, newest));
        if (world.asked.back() == "index.m3u8") {
            reloads.push_back(world.now.time_since_epoch());
        }
    };
    world.run(8s);
    EXPECT_FALSE(world.client.over());
    EXPECT_TRUE(world.client.live());
    ASSERT_FALSE(world.frames.empty());
    EXPECT_EQ(world.frames[0].dts, MediaTime{13s}) << "segment 3 of 0 to 5";
    EXPECT_EQ(world.frames.size(), 10 * (3 + 7U));
    EXPECT_TRUE(world.warnings.empty());
    EXPECT_LE(reloads.size(), 13U) << "once a segment, and half that while nothing changed";
}

TEST(HlsClient, AsksToBlockWhereItIsOffered)
{
    World world;
    Muxer muxer;
    begin(muxer);
    world.bytes("0.ts", segment(muxer, 0));
    world.bytes("1.ts", segment(muxer, 1));
    const std::string control = "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES\n";
    world.text("index.m3u8", head() + control + entries(0, 1));
    world.on_fetch = [&] {
        if (world.asked.back() == "index.m3u8?_HLS_msn=1") {
            world.now += 900ms; // held by the server
            world.text("index.m3u8", head() + control + entries(0, 2));
        }
    };
    world.run(1500ms);
    EXPECT_EQ(world.asked[2], "index.m3u8?_HLS_msn=1");
    EXPECT_EQ(world.asked[3], "1.ts");
    EXPECT_EQ(world.asked[4], "index.m3u8?_HLS_msn=2");
    // A server that promises and does not hold is not asked again and again.
    const auto before = world.asked.size();
    world.run(10s);
    EXPECT_LT(world.asked.size() - before, 25U);
}

/// H1 of the vectors.
Bytes h1()
{
    Muxer muxer{{.pcr_every = 100ms}};
    media::Pieces out;
    muxer.write(video_track(), {}, out);
    muxer.write(audio_track(), {}, out);
    muxer.write(picture(kIdr, 0ms, true), true, out);
    muxer.write(sound(40ms), false, out);
    muxer.write(sound(sound_at(40ms, 1)), false, out);
    muxer.write(picture(kSlice1, 40ms), false, out);
    muxer.write(picture(kSlice2, 80ms), false, out);
    muxer.flush(out);
    auto bytes = joined(out);
    pad(bytes);
    return bytes;
}

TEST(HlsClient, H2IsDecipheredByItsNumberOrItsVector)
{
    constexpr std::array<std::uint8_t, 16> kKey{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    struct Case {
        std::array<std::uint8_t, 16> iv;
        std::string_view attribute;
        Bytes first;
        Bytes last;
    };
    for (const auto& [iv, attribute, first, last] :
         std::vector<Case>{{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7},
                            "",
                            "a65851d9f926679d3c5bbdef0031ac00"_hex,
                            "a9a301ac273f75fcb599e6d61c6a03d1"_hex},
                           {{0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x01, 0x23, 0x45, 0x67, 0x89,
                             0xab, 0xcd, 0xef},
                            ",IV=0x0123456789abcdef0123456789abcdef",
                            "1228556eae9ec4636497cefbe4cbb8e6"_hex,
                            "6f63a28431c6dce89e3908945538e58c"_hex}}) {
        const auto clear = h1();
        const ByteView views[] = {clear};
        const auto cipher = crypto::aes128_cbc_encrypt(kKey, iv, views);
        ASSERT_EQ(cipher.size(), 4528U);
        EXPECT_EQ(to_bytes(ByteView{cipher}.first(16)), first);
        EXPECT_EQ(to_bytes(ByteView{cipher}.last(16)), last);
        World world;
        world.bytes("k", to_bytes(kKey));
        world.bytes("7.ts", cipher);
        world.text("index.m3u8", head(7) + "#EXT-X-KEY:METHOD=AES-128,URI=\"k\"" + std::string{attribute} +
                                     "\n" + entries(7, 8) + "#EXT-X-ENDLIST\n");
        world.run(10s);
        EXPECT_EQ(world.asked, (std::vector<std::string>{"index.m3u8", "k", "7.ts"}));
        EXPECT_TRUE(world.warnings.empty());
        EXPECT_EQ(world.frames.size(), 5U) << "three pictures and two frames of sound";
    }
}

TEST(HlsClient, FetchesAKeyOnceAndNoticesAWrongOne)
{
    World world;
    world.text("k1", "0123456789abcdef");
    world.text("index.m3u8",
               head(7) + "#EXT-X-KEY:METHOD=AES-128,URI=\"k1\"\n" + entries(7, 8) + "#EXT-X-ENDLIST\n");
    world.bytes("7.ts", Bytes(32, 0x55));
    world.run(10s);
    EXPECT_EQ(world.asked, (std::vector<std::string>{"index.m3u8", "k1", "7.ts"}));
    ASSERT_EQ(world.warnings.size(), 1U);
    EXPECT_EQ(world.warnings[0],
              "passed over segment 7: a segment cannot be deciphered: another key, or it is cut");
}

TEST(HlsClient, GoesOnBehindWhatIsMissing)
{
    World world;
    Muxer muxer;
    begin(muxer);
    for (const int i : {0, 1, 2, 3}) {
        auto bytes = segment(muxer, i);
        if (i != 1) {
            world.bytes(std::to_string(i) + ".ts", std::move(bytes));
        }
    }
    world.text("index.m3u8", head() + entries(0, 2) + "#EXT-X-GAP\n" + entries(2, 4) + "#EXT-X-ENDLIST\n");
    world.run(10s);
    EXPECT_EQ(world.frames.size(), 20U);
    EXPECT_EQ(world.warnings, (std::vector<std::string>{
                                  "passed over segment 1: 404",
                                  "passed over segment 2: a segment is missing at its source (EXT-X-GAP)"}));
}

TEST(HlsClient, BeginsAnewWhenItsNumbersDo)
{
    World world;
    Muxer muxer;
    begin(muxer);
    for (int i = 0; i < 12; ++i) {
        world.bytes(std::to_string(i) + ".ts", segment(muxer, i));
    }
    world.text("index.m3u8", head(8) + entries(8, 12));
    world.run(2s);
    const auto before = world.frames.size();
    world.text("index.m3u8", head() + entries(0, 2));
    world.run(6s);
    EXPECT_EQ(world.warnings,
              std::vector<std::string>{"its numbers have begun anew: the server was restarted"});
    EXPECT_EQ(world.frames.size(), before + 20);
}

TEST(HlsClient, GivesUpAPlaylistThatStandsStillOrIsGone)
{
    World world;
    Muxer muxer;
    begin(muxer);
    world.bytes("0.ts", segment(muxer, 0));
    world.text("index.m3u8", head() + entries(0, 1));
    world.run(100s);
    EXPECT_TRUE(world.client.over());
    EXPECT_EQ(world.client.why(), "the playlist has not changed for 30 s");
    World empty;
    empty.run(10s);
    EXPECT_EQ(empty.client.why(), "404");
}

TEST(HlsClient, PlaysTheBestVariantWithItsSound)
{
    World world;
    Muxer pictures;
    begin(pictures);
    Muxer sounds;
    media::Pieces none;
    media::Pieces out;
    sounds.write(audio_track(), {}, none);
    for (int i = 0; i < 47; ++i) {
        sounds.write(sound(sound_at(0s, i)), false, out);
    }
    sounds.flush(out);
    world.text("index.m3u8", "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"n\",URI=\"a.m3u8\"\n"
                             "#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=16x16,AUDIO=\"a\"\nlow.m3u8\n"
                             "#EXT-X-STREAM-INF:BANDWIDTH=2,RESOLUTION=32x32,AUDIO=\"a\"\nhi.m3u8\n"
                             "#EXT-X-STREAM-INF:BANDWIDTH=9\nonly_sound.m3u8\n");
    world.text("hi.m3u8", head() + entries(0, 1) + "#EXT-X-ENDLIST\n");
    world.text("a.m3u8", head() + "#EXTINF:1,\na0.ts\n#EXT-X-ENDLIST\n");
    world.bytes("0.ts", segment(pictures, 0));
    world.bytes("a0.ts", joined(out));
    world.run(10s);
    EXPECT_EQ(world.asked, (std::vector<std::string>{"index.m3u8", "hi.m3u8", "0.ts", "a.m3u8", "a0.ts"}));
    EXPECT_EQ(world.frames.size(), 57U);
    EXPECT_TRUE(std::ranges::is_sorted(world.frames, {}, &media::Frame::dts));
}

TEST(HlsClient, RefusesCiphersThatItDoesNotRead)
{
    World world;
    world.text("index.m3u8", head() + "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"k\"\n" + entries(0, 1));
    world.run(10s);
    EXPECT_EQ(world.client.why(), "its segments are enciphered by SAMPLE-AES: only AES-128 is read");
}

} // namespace
} // namespace millrace::hls
