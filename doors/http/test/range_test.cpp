#include "range.hpp"

#include <gtest/gtest.h>

namespace millrace::doors {
namespace {

void expect_part(std::string_view header, Range range)
{
    const auto answer = read_range(header, 1000);
    EXPECT_EQ(answer.kind, RangeKind::part) << header;
    EXPECT_EQ(answer.range, range) << header;
}

TEST(Range, IsOneOfBytes)
{
    expect_part("bytes=0-", {0, 1000});
    expect_part("bytes=0-0", {0, 1});
    expect_part("bytes=500-599", {500, 600});
    expect_part("bytes=999-5000", {999, 1000});
    expect_part("bytes=-1", {999, 1000});
    expect_part("bytes=-5000", {0, 1000});
}

TEST(Range, OutsideOfTheFileIsUnsatisfiable)
{
    EXPECT_EQ(read_range("bytes=1000-", 1000).kind, RangeKind::unsatisfiable);
    EXPECT_EQ(read_range("bytes=-0", 1000).kind, RangeKind::unsatisfiable);
    EXPECT_EQ(read_range("bytes=0-", 0).kind, RangeKind::unsatisfiable);
}

TEST(Range, OfAnotherKindMeansTheWhole)
{
    for (const auto* header : {"", "bytes", "bytes=", "bytes=x-", "bytes=5-2", "bytes=1-2,5-6", "lines=1-2",
                               "bytes=1-x", "bytes=99999999999999999999-", "bytes=-"}) {
        const auto answer = read_range(header, 1000);
        EXPECT_EQ(answer.kind, RangeKind::whole) << header;
        EXPECT_EQ(answer.range, (Range{0, 1000})) << header;
    }
}

TEST(Start, IsANumberOfSeconds)
{
    EXPECT_EQ(read_start("start=12.5"), 12.5);
    EXPECT_EQ(read_start("token=x&start=3"), 3);
    for (const auto* query : {"", "restart=3", "start=", "start=x", "start=-1", "start=1e99", "start=nan"}) {
        EXPECT_FALSE(read_start(query)) << query;
    }
}

} // namespace
} // namespace millrace::doors
