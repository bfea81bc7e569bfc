#include "source.hpp"
#include <millrace/hls/directives.hpp>
#include <millrace/hls/playlist.hpp>

namespace millrace::hls {
namespace {

std::vector<std::string> lines_of(const std::string& text)
{
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = text.find('\n', at);
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

std::size_t count(const std::string& text, std::string_view what)
{
    std::size_t n = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
        ++n;
    }
    return n;
}

/// The state of vector H6: segments 10 to 20 are whole, of 2 s; 21 has two parts of 0.5 s.
class PlaylistOfH6 : public ::testing::Test {
protected:
    PlaylistOfH6()
    {
        packager.tell(picture_track());
        source.sound = false;
        source.frame = 100ms;
        source.run(23s + 100ms);
    }

    Packager packager{{}, {.msn = 10, .token = "ab"}};
    Source source{packager};
};

TEST_F(PlaylistOfH6, IsAsTheVectorSays)
{
    const auto text = media_playlist(packager, *packager.find("v0"));
    const auto lines = lines_of(text);
    const std::vector<std::string> head{
        "#EXTM3U",
        "#EXT-X-VERSION:9",
        "#EXT-X-TARGETDURATION:2",
        "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.5,CAN-SKIP-UNTIL=12.0",
        "#EXT-X-PART-INF:PART-TARGET=0.5",
        "#EXT-X-MEDIA-SEQUENCE:10",
        "#EXT-X-DISCONTINUITY-SEQUENCE:0",
        "#EXT-X-MAP:URI=\"v0-ab-i1.mp4\"",
        "#EXT-X-PROGRAM-DATE-TIME:2025-11-20T07:21:10.000Z",
        "#EXTINF:2.0,",
        "v0-ab-10.m4s"};
    ASSERT_GT(lines.size(), head.size());
    EXPECT_EQ(std::vector(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(head.size())), head);
    const std::vector<std::string> tail{"#EXT-X-PROGRAM-DATE-TIME:2025-11-20T07:21:32.000Z",
                                        "#EXT-X-PART:DURATION=0.5,URI=\"v0-ab-21.0.m4s\",INDEPENDENT=YES",
                                        "#EXT-X-PART:DURATION=0.5,URI=\"v0-ab-21.1.m4s\"",
                                        "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"v0-ab-21.2.m4s\""};
    EXPECT_EQ(std::vector(lines.end() - static_cast<std::ptrdiff_t>(tail.size()), lines.end()), tail);
    EXPECT_EQ(count(text, "#EXT-X-PART:"), 3 * 4 + 2U); // Of 18 to 20, and of 21.
    EXPECT_EQ(text.find("v0-ab-17.0.m4s"), std::string::npos);
    EXPECT_EQ(count(text, "#EXTINF:2.0,\n"), 11U);
}

TEST_F(PlaylistOfH6, SkipsWhatIsFurtherThan12SecondsFromTheEnd)
{
    const auto full = media_playlist(packager, *packager.find("v0"));
    const auto delta = media_playlist(packager, *packager.find("v0"), {.delta = true});
    EXPECT_NE(delta.find("#EXT-X-MEDIA-SEQUENCE:10\n"), std::string::npos);
    EXPECT_NE(delta.find("#EXT-X-SKIP:SKIPPED-SEGMENTS=5\n"), std::string::npos);
    EXPECT_EQ(count(delta, "#EXTINF"), 6U);
    EXPECT_EQ(delta.find("v0-ab-14.m4s"), std::string::npos);
    EXPECT_NE(delta.find("v0-ab-15.m4s"), std::string::npos);
    EXPECT_EQ(delta.find("#EXT-X-MAP"), std::string::npos);
    // C44: what was listed before, and the delta, are the full playlist.
    const auto kept = full.find("#EXT-X-PROGRAM-DATE-TIME:2025-11-20T07:21:20.000Z");
    const auto rest = delta.find("#EXT-X-PROGRAM-DATE-TIME");
    EXPECT_EQ(full.substr(kept), delta.substr(rest));
}

TEST_F(PlaylistOfH6, StandsWhereTheVectorsRequestsFindIt)
{
    const auto edge = edge_of(*packager.find("v0"), packager.part_target(), false);
    EXPECT_EQ(edge.open, 21U);
    EXPECT_EQ(edge.parts, 2U);
    EXPECT_EQ(edge.parts_before, 4U);
    EXPECT_EQ(edge.part_target, 500ms);
}

TEST_F(PlaylistOfH6, EndsWithoutAHint)
{
    packager.end({});
    const auto text = media_playlist(packager, *packager.find("v0"));
    EXPECT_TRUE(text.ends_with("#EXT-X-ENDLIST\n"));
    EXPECT_EQ(text.find("PRELOAD-HINT"), std::string::npos);
    EXPECT_EQ(media_playlist(packager, *packager.find("v0"), {.delta = true}), text);
}

TEST(Playlist, OfAClassicStreamNeedsNothingNew)
{
    Packager packager{{.window = 8s, .low_latency = false}, {.msn = 7, .discontinuity = 3, .token = "ab"}};
    packager.tell(picture_track());
    packager.tell(sound_track());
    Source source{packager};
    source.run(30s);
    packager.tick(source.now());
    const auto text = media_playlist(packager, *packager.find("v0"));
    EXPECT_NE(text.find("#EXT-X-VERSION:6\n"), std::string::npos);
    for (const auto* tag :
         {"PART", "SERVER-CONTROL", "PRELOAD", "SKIP", "RENDITION-REPORT", "PLAYLIST-TYPE"}) {
        EXPECT_EQ(text.find(tag), std::string::npos) << tag;
    }
    EXPECT_NE(text.find("#EXT-X-MEDIA-SEQUENCE:17\n"), std::string::npos);
    EXPECT_EQ(count(text, "#EXTINF"), 4U);
}

TEST(Playlist, NamesEachKeyOnceAndLeavesTheInitClear)
{
    Packager packager{{.encryption = Encryption::aes_128, .rotate_every = 2}, {.msn = 0, .token = "ab"}};
    std::uint8_t fill = 0;
    packager.random = [&fill](std::span<std::uint8_t> out) { std::ranges::fill(out, ++fill); };
    packager.tell(picture_track());
    packager.tell(sound_track());
    Source{packager}.run(9s);
    const auto text = media_playlist(packager, *packager.find("v0"));
    EXPECT_EQ(count(text, "#EXT-X-KEY:METHOD=AES-128,URI=\"ab-"), 2U) << text;
    EXPECT_NE(text.find(".key\",IV=0x02020202020202020202020202020202\n"), std::string::npos);
    EXPECT_LT(text.find("#EXT-X-MAP"), text.find("#EXT-X-KEY"));
    EXPECT_EQ(text.find("PART"), std::string::npos);
}

TEST(Playlist, LeavesALaterInitClearToo)
{
    Packager packager{{.encryption = Encryption::aes_128}, {.msn = 0, .token = "ab"}};
    std::uint8_t fill = 0;
    packager.random = [&fill](std::span<std::uint8_t> out) { std::ranges::fill(out, ++fill); };
    packager.tell(picture_track());
    packager.tell(sound_track());
    Source source{packager};
    source.run(4s);
    auto changed = picture_track();
    auto config = to_bytes(changed.config);
    config[3] = 0x0b;
    changed.config = SharedBytes{std::move(config)};
    packager.tell(changed);
    source.run(9s);
    const auto text = media_playlist(packager, *packager.find("v0"));
    const auto second = text.find("#EXT-X-KEY:METHOD=NONE\n#EXT-X-MAP");
    ASSERT_NE(second, std::string::npos) << text;
    EXPECT_NE(text.find("#EXT-X-KEY:METHOD=AES-128", second), std::string::npos) << "and then the key again";
}

TEST(Playlist, ReportsTheOtherRenditions)
{
    Packager packager{{}, {.msn = 10, .token = "ab"}};
    packager.tell(picture_track());
    packager.tell(sound_track());
    Source source{packager};
    source.run(5200ms);
    const auto text = media_playlist(packager, *packager.find("v0"), {.query = "?session=x"});
    EXPECT_NE(text.find("#EXT-X-RENDITION-REPORT:URI=\"a0.m3u8?session=x\",LAST-MSN=12,LAST-PART=1\n"),
              std::string::npos)
        << text;
}

TEST(Playlist, CountsDiscontinuitiesThatHaveLeft)
{
    Packager packager{{.window = 6s, .linger = 0s}, {.msn = 0, .discontinuity = 40, .token = "ab"}};
    packager.tell(picture_track());
    Source source{packager};
    source.sound = false;
    source.run(5s);
    packager.interrupt();
    source.run(11s);
    auto text = media_playlist(packager, *packager.find("v0"));
    EXPECT_NE(text.find("#EXT-X-DISCONTINUITY-SEQUENCE:40\n"), std::string::npos);
    EXPECT_EQ(count(text, "#EXT-X-DISCONTINUITY\n"), 1U);
    // The segment that carries the tag is the first one: the tag stands, and the header does not count it.
    const auto* tagged = packager.find("v0")->find(3);
    ASSERT_TRUE(tagged != nullptr && tagged->discontinuous);
    while (packager.find("v0")->listed().front().msn < 3) {
        source.run(source.now().time_since_epoch() + 1s);
        packager.tick(source.now());
    }
    text = media_playlist(packager, *packager.find("v0"));
    EXPECT_NE(text.find("#EXT-X-DISCONTINUITY-SEQUENCE:40\n#EXT-X-DISCONTINUITY\n"), std::string::npos);
    while (packager.find("v0")->listed().front().msn == 3) {
        source.run(source.now().time_since_epoch() + 1s);
        packager.tick(source.now());
    }
    text = media_playlist(packager, *packager.find("v0"));
    EXPECT_NE(text.find("#EXT-X-DISCONTINUITY-SEQUENCE:41\n"), std::string::npos);
    EXPECT_EQ(count(text, "#EXT-X-DISCONTINUITY\n"), 0U);
}

TEST(Playlist, OfManyVariantsNamesThemAll)
{
    Packager packager{{}, {.msn = 0, .token = "ab"}};
    packager.tell(picture_track());
    packager.tell(sound_track());
    Source{packager}.run(5s);
    const auto text = multivariant_playlist({{&packager, "cam/hls/"}}, "?session=7");
    const auto lines = lines_of(text);
    ASSERT_EQ(lines.size(), 5U) << text;
    EXPECT_EQ(lines[2],
              "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"Sound\",DEFAULT=YES,AUTOSELECT=YES,"
              "CHANNELS=\"2\",URI=\"cam/hls/a0.m3u8?session=7\"");
    EXPECT_TRUE(lines[3].starts_with("#EXT-X-STREAM-INF:BANDWIDTH=")) << text;
    EXPECT_NE(lines[3].find(",CODECS=\"avc1.42c00a,mp4a.40.2\",RESOLUTION=32x32,FRAME-RATE=25.000,"
                            "AUDIO=\"audio\",CLOSED-CAPTIONS=NONE"),
              std::string::npos)
        << text;
    EXPECT_EQ(lines[4], "cam/hls/v0.m3u8?session=7");
}

TEST(Playlist, OfSoundAloneIsAVariantOfItsOwn)
{
    Packager packager{{}, {.msn = 0, .token = "ab"}};
    packager.tell(sound_track());
    Source source{packager};
    source.pictures = false;
    source.run(6s);
    const auto text = multivariant_playlist({{&packager, "cam/hls/"}});
    EXPECT_EQ(text.find("#EXT-X-MEDIA:"), std::string::npos);
    EXPECT_NE(text.find("CODECS=\"mp4a.40.2\"\ncam/hls/a0.m3u8\n"), std::string::npos) << text;
}

TEST(Playlist, TellsTimesInMilliseconds)
{
    EXPECT_EQ(date_time(WallTime{1'763'623'270'031ms}), "2025-11-20T07:21:10.031Z");
    EXPECT_EQ(date_time(WallTime{0s}), "1970-01-01T00:00:00.000Z");
}

} // namespace
} // namespace millrace::hls
