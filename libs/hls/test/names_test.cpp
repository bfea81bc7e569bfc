#include <millrace/hls/names.hpp>

#include <gtest/gtest.h>

namespace millrace::hls {
namespace {

using Kind = Resource::Kind;

TEST(Names, AreReadAsTheyAreWritten)
{
    EXPECT_EQ(parse_resource(playlist_name("v0")), (Resource{.rendition = "v0", .token = {}, .key = {}}));
    EXPECT_EQ(parse_resource(init_name("v0", "1a2b", 3)),
              (Resource{.kind = Kind::init, .rendition = "v0", .token = "1a2b", .number = 3, .key = {}}));
    EXPECT_EQ(
        parse_resource(segment_name("a12", "1a2b", 1'763'656'789, ".m4s")),
        (Resource{
            .kind = Kind::segment, .rendition = "a12", .token = "1a2b", .number = 1'763'656'789, .key = {}}));
    EXPECT_EQ(
        parse_resource(part_name("t0", "1a2b", 7, 11, ".ts")),
        (Resource{
            .kind = Kind::part, .rendition = "t0", .token = "1a2b", .number = 7, .part = 11, .key = {}}));
    EXPECT_EQ(parse_resource(key_name("1a2b", "0f0f")),
              (Resource{.kind = Kind::key, .rendition = {}, .token = "1a2b", .key = "0f0f"}));
}

TEST(Names, AreNothingElse)
{
    for (const auto* name : {"",
                             ".",
                             ".m3u8",
                             "v0",
                             "v0.m3u",
                             "V0.m3u8",
                             "../v0.m3u8",
                             "v0-1.m4s",
                             "v0--1.m4s",
                             "v0-1a-.m4s",
                             "v0-1a-01.m4s",
                             "v0-1a--1.m4s",
                             "v0-1a-1.2.3.m4s",
                             "v0-1a-99999999999999999999.m4s",
                             "v0-1a-1.mp4",
                             "v0-1a-i.mp4",
                             "v0-xyz-1.m4s",
                             "1a2b-.key",
                             "-0f.key",
                             "v0-1a-1.m4s ",
                             "v0-1a-1.m4s.m4s"}) {
        EXPECT_FALSE(parse_resource(name)) << name;
    }
    EXPECT_FALSE(parse_resource(std::string(500, 'a') + ".m3u8"));
}

} // namespace
} // namespace millrace::hls
