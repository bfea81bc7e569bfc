#include <millrace/hls/directives.hpp>

#include <gtest/gtest.h>

namespace millrace::hls {
namespace {

using namespace std::chrono_literals;

// HLS vector H6: target duration 2, part target 0.5; segments 10 to 20 are whole, 20 has 4 parts, 21 has 2.
constexpr Edge kH6{.open = 21, .parts = 2, .parts_before = 4, .part_target = 500ms};

Verdict ask(std::string_view query, const Edge& edge = kH6)
{
    const auto asked = read_directives(query);
    return asked ? judge(*asked, edge) : Verdict::bad;
}

TEST(Directives, AreAnsweredAsInVectorH6)
{
    EXPECT_EQ(ask(""), Verdict::now);
    EXPECT_EQ(ask("_HLS_msn=20"), Verdict::now);
    EXPECT_EQ(ask("_HLS_msn=5"), Verdict::now);
    EXPECT_EQ(ask("_HLS_msn=21&_HLS_part=1"), Verdict::now);
    EXPECT_EQ(ask("_HLS_msn=20&_HLS_part=4"), Verdict::now);
    EXPECT_EQ(ask("_HLS_msn=21&_HLS_part=2"), Verdict::wait);
    EXPECT_EQ(ask("_HLS_msn=21"), Verdict::wait);
    EXPECT_EQ(ask("_HLS_msn=22"), Verdict::wait);
    EXPECT_EQ(ask("_HLS_msn=22&_HLS_part=0"), Verdict::wait);
    EXPECT_EQ(ask("_HLS_msn=24"), Verdict::bad);
    EXPECT_EQ(ask("_HLS_msn=21&_HLS_part=8"), Verdict::bad);
    EXPECT_EQ(ask("_HLS_part=0"), Verdict::bad);
    EXPECT_EQ(ask("_HLS_msn=x"), Verdict::bad);
    EXPECT_EQ(ask("_HLS_msn=21&_HLS_part=2&_HLS_skip=YES"), Verdict::wait);
}

TEST(Directives, CountForNothingAfterTheEnd)
{
    auto edge = kH6;
    edge.ended = true;
    EXPECT_EQ(ask("_HLS_msn=24", edge), Verdict::now);
    EXPECT_EQ(ask("_HLS_msn=21&_HLS_part=2", edge), Verdict::now);
}

TEST(Directives, TakeAPartBehindTheLastForTheFirstOfTheNextSegment)
{
    auto edge = kH6;
    edge.parts = 0;
    EXPECT_EQ(ask("_HLS_msn=20&_HLS_part=3", edge), Verdict::now);
    EXPECT_EQ(ask("_HLS_msn=20&_HLS_part=4", edge), Verdict::wait);
}

TEST(Directives, AreRefusedWhenTheyMakeNoSense)
{
    EXPECT_FALSE(read_directives("_HLS_msn="));
    EXPECT_FALSE(read_directives("_HLS_msn=-1"));
    EXPECT_FALSE(read_directives("_HLS_msn=1&_HLS_msn=2"));
    EXPECT_FALSE(read_directives("_HLS_msn=99999999999999999999999"));
    EXPECT_FALSE(read_directives("_HLS_msn=1&_HLS_part=1.5"));
    EXPECT_EQ(ask("_HLS_msn=18446744073709551615"), Verdict::bad);
}

TEST(Directives, AreReadAmongOtherThings)
{
    const auto asked = read_directives("token=a&_HLS_msn=7&_HLS_new=1&_HLS_part=2&_HLS_skip=v2&&x");
    ASSERT_TRUE(asked);
    EXPECT_EQ(*asked, (Directives{.msn = 7, .part = 2, .skip = true}));
    EXPECT_FALSE(read_directives("_HLS_skip=NO")->skip);
}

} // namespace
} // namespace millrace::hls
