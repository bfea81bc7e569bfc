#include "target.hpp"

#include <gtest/gtest.h>

namespace millrace::doors {
namespace {

TEST(Target, NamesAStreamByItsEnding)
{
    const auto target = parse_target("/live/cam.flv?token=a%20b");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->stream, "live/cam");
    EXPECT_EQ(target->query, "token=a%20b");
    EXPECT_EQ(parse_target("/a/b/c.flv")->stream, "a/b/c");
    EXPECT_EQ(parse_target("/live/caf%C3%A9.flv")->stream, "live/caf\xc3\xa9");
}

TEST(Target, IsAPageOtherwise)
{
    EXPECT_EQ(parse_target("/api/v1/streams")->stream, "");
    EXPECT_EQ(parse_target("/cam.flv")->stream, "") << "a stream has an application";
    EXPECT_EQ(parse_target("/live//cam.flv")->stream, "");
    EXPECT_EQ(parse_target("/live/.flv")->stream, "");
}

TEST(Target, RefusesWhatIsNoPath)
{
    for (const auto* bad : {"", "live/cam.flv", "/live/../etc/passwd", "/%2e%2e/x", "/a%", "/a%0", "/a%zz",
                            "/a%00b", "http://host/x"}) {
        EXPECT_FALSE(parse_target(bad)) << bad;
    }
}

} // namespace
} // namespace millrace::doors
