#include <millrace/hls/parse.hpp>

#include <gtest/gtest.h>

namespace millrace::hls {
namespace {

using namespace std::chrono_literals;

MediaPlaylist media(std::string_view text)
{
    const auto parsed = parse_playlist(text);
    EXPECT_TRUE(parsed) << parsed.error().message();
    return parsed ? std::get<MediaPlaylist>(*parsed) : MediaPlaylist{};
}

std::error_code refusal(std::string_view text, const ParseLimits& limits = {})
{
    const auto parsed = parse_playlist(text, limits);
    return parsed ? std::error_code{} : parsed.error().code();
}

TEST(ParsePlaylist, ReadsAPlaylistOfSegments)
{
    const auto playlist = media("#EXTM3U\r\n"
                                "#EXT-X-VERSION:6\r\n"
                                "#EXT-X-TARGETDURATION:6\r\n"
                                "#EXT-X-MEDIA-SEQUENCE:100\r\n"
                                "#EXT-X-DISCONTINUITY-SEQUENCE:2\r\n"
                                "#EXT-X-UNKNOWN:1\r\n"
                                "# a comment\r\n"
                                "\r\n"
                                "#EXTINF:5.96,with a title\r\n"
                                "a.ts\r\n"
                                "#EXT-X-DISCONTINUITY\r\n"
                                "#EXT-X-PROGRAM-DATE-TIME:2026-11-20T07:21:10.031Z\r\n"
                                "#EXTINF:6\r\n"
                                "b.ts?t=1\r\n"
                                "#EXT-X-GAP\r\n"
                                "#EXTINF:6,\r\n"
                                "c.ts\r\n"
                                "#EXTINF:6,\r\n"
                                "d.ts");
    EXPECT_EQ(playlist.target, 6s);
    EXPECT_FALSE(playlist.ended);
    EXPECT_EQ(playlist.next_number, 104U);
    ASSERT_EQ(playlist.segments.size(), 4U);
    EXPECT_EQ(playlist.segments[0],
              (ListedSegment{.number = 100, .discontinuity = 2, .uri = "a.ts", .duration = 5960ms}));
    EXPECT_EQ(playlist.segments[1],
              (ListedSegment{.number = 101, .discontinuity = 3, .uri = "b.ts?t=1", .duration = 6s}));
    EXPECT_TRUE(playlist.segments[2].gap);
    EXPECT_FALSE(playlist.segments[3].gap);
}

TEST(ParsePlaylist, KeysAndMapsHoldUntilTheNextOnes)
{
    const auto playlist =
        media("#EXTM3U\n#EXT-X-TARGETDURATION:2\n"
              "#EXT-X-MAP:URI=\"init.mp4\",BYTERANGE=\"700@20\"\n"
              "#EXTINF:2,\n0.m4s\n"
              "#EXT-X-KEY:METHOD=AES-128,URI=\"k,1\",IV=0x0123456789abcdef0123456789ABCDEF\n"
              "#EXTINF:2,\n1.m4s\n#EXTINF:2,\n2.m4s\n"
              "#EXT-X-KEY:METHOD=NONE\n#EXT-X-MAP:URI=\"other.mp4\"\n"
              "#EXTINF:2,\n3.m4s\n#EXT-X-ENDLIST\n");
    const auto& segments = playlist.segments;
    ASSERT_EQ(segments.size(), 4U);
    EXPECT_TRUE(playlist.ended);
    EXPECT_FALSE(segments[0].key);
    EXPECT_EQ(segments[0].map, (SegmentMap{"init.mp4", ByteRange{20, 700}, {}}));
    ASSERT_TRUE(segments[2].key);
    EXPECT_EQ(segments[2].key->uri, "k,1");
    EXPECT_EQ(segments[2].key->iv->at(15), 0xef);
    EXPECT_EQ(segments[1].key, segments[2].key);
    EXPECT_FALSE(segments[3].key);
    EXPECT_EQ(segments[3].map->uri, "other.mp4");
}

TEST(ParsePlaylist, RangesGoOnInTheSameResource)
{
    const auto playlist =
        media("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n#EXT-X-BYTERANGE:100@50\nall.ts\n"
              "#EXTINF:2,\n#EXT-X-BYTERANGE:30\nall.ts\n");
    EXPECT_EQ(playlist.segments[1].range, (ByteRange{150, 30}));
    EXPECT_EQ(refusal("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n#EXT-X-BYTERANGE:30\nall.ts\n"),
              make_error_code(ParseErrc::bad_value));
}

TEST(ParsePlaylist, ReadsVariantsAndSoundApart)
{
    const auto parsed =
        parse_playlist("#EXTM3U\n"
                       "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"x, y\",DEFAULT=YES,URI=\"s.m3u8\"\n"
                       "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"s\",URI=\"t.m3u8\"\n"
                       "#EXT-X-STREAM-INF:BANDWIDTH=1280000,CODECS=\"avc1.64001f,mp4a.40.2\","
                       "RESOLUTION=1280x720,FRAME-RATE=25.000,AUDIO=\"a\"\nhi/index.m3u8\n"
                       "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI=\"i.m3u8\"\n");
    ASSERT_TRUE(parsed);
    const auto& playlist = std::get<MultivariantPlaylist>(*parsed);
    EXPECT_EQ(playlist.variants, (std::vector<ListedVariant>{
                                     {"hi/index.m3u8", 1280000, "avc1.64001f,mp4a.40.2", 1280, 720, "a"}}));
    EXPECT_EQ(playlist.sounds, (std::vector<ListedSound>{{"a", "x, y", "s.m3u8", true}}));
}

TEST(ParsePlaylist, RefusesWhatIsNone)
{
    EXPECT_EQ(refusal(""), make_error_code(ParseErrc::not_a_playlist));
    EXPECT_EQ(refusal("<html>"), make_error_code(ParseErrc::not_a_playlist));
    EXPECT_EQ(refusal("#EXTM3U\n#EXTINF:2,\na.ts\n"), make_error_code(ParseErrc::no_target_duration));
    EXPECT_EQ(refusal("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-STREAM-INF:BANDWIDTH=1\na\n"),
              make_error_code(ParseErrc::mixed));
    for (const auto* line :
         {"#EXTINF:x,", "#EXTINF:-1,", "#EXT-X-TARGETDURATION:0", "#EXT-X-MEDIA-SEQUENCE:-1",
          "#EXT-X-MEDIA-SEQUENCE:18446744073709551616", "#EXT-X-KEY:URI=\"k\"", "#EXT-X-KEY:METHOD=AES-128",
          "#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x12", "#EXT-X-MAP:BYTERANGE=\"1@0\"",
          "#EXT-X-BYTERANGE:x@1"}) {
        EXPECT_EQ(refusal("#EXTM3U\n#EXT-X-TARGETDURATION:2\n" + std::string{line} + "\n"),
                  make_error_code(ParseErrc::bad_value))
            << line;
    }
    EXPECT_EQ(refusal("#EXTM3U\n\n\n\n", {.lines = 3}), make_error_code(ParseErrc::too_long));
    EXPECT_EQ(refusal("#EXTM3U\n#" + std::string(100, 'x'), {.line_bytes = 50}),
              make_error_code(ParseErrc::too_long));
}

TEST(ParsePlaylist, QuirkByteOrderMarkAndFractionsOfTheTarget)
{
    EXPECT_EQ(media("\xef\xbb\xbf#EXTM3U\n#EXT-X-TARGETDURATION:5.5\n").target, 6s);
}

TEST(Resolve, IsThatOfRfc3986)
{
    const auto* base = "http://h:8080/live/cam/index.m3u8?token=a/b";
    EXPECT_EQ(resolve(base, "1.ts"), "http://h:8080/live/cam/1.ts");
    EXPECT_EQ(resolve(base, "1.ts?x=/../y"), "http://h:8080/live/cam/1.ts?x=/../y");
    EXPECT_EQ(resolve(base, "/1.ts"), "http://h:8080/1.ts");
    EXPECT_EQ(resolve(base, "//other/1.ts"), "http://other/1.ts");
    EXPECT_EQ(resolve(base, "https://other/1.ts#f"), "https://other/1.ts");
    EXPECT_EQ(resolve(base, "../x/./1.ts"), "http://h:8080/live/x/1.ts");
    EXPECT_EQ(resolve(base, "../../../1.ts"), "http://h:8080/1.ts");
    EXPECT_EQ(resolve(base, "a/"), "http://h:8080/live/cam/a/");
    EXPECT_EQ(resolve(base, "?_HLS_msn=4"), "http://h:8080/live/cam/index.m3u8?_HLS_msn=4");
    EXPECT_EQ(resolve("http://h", "1.ts"), "http://h/1.ts");
    EXPECT_EQ(resolve(base, "a:b.ts"), "a:b.ts")
        << "a scheme: ./a:b.ts is how a name with a colon is written";
    EXPECT_EQ(resolve(base, "./a:b.ts"), "http://h:8080/live/cam/a:b.ts");
}

} // namespace
} // namespace millrace::hls
