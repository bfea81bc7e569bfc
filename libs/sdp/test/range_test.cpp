#include <millrace/sdp/range.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace millrace::sdp {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

TEST(Range, ReadsNormalPlayTime)
{
    EXPECT_EQ(*read_range("npt=0.000-"), (Range{.start = 0s}));
    EXPECT_EQ(*read_range("npt=now-"), (Range{.from_now = true}));
    EXPECT_EQ(*read_range("npt=123.45-125"), (Range{.start = 123450ms, .end = 125s}));
    EXPECT_EQ(*read_range("npt=-20"), (Range{.end = 20s}));
    EXPECT_EQ(*read_range("npt = 1:02:03.5 - 12:05:35.3"), (Range{.start = 3723500ms, .end = 43535300ms}));
    EXPECT_EQ(read_range("npt=10-;time=19970123T143720Z")->time, nanoseconds{854030240s});
}

TEST(Range, ReadsSmpteWithDroppedFrames)
{
    const auto seconds = [](std::string_view text) {
        return std::chrono::duration<double>(*read_range(text)->start).count();
    };
    EXPECT_NEAR(seconds("smpte=0:10:00-"), 599.9994, 1e-9);
    EXPECT_NEAR(seconds("smpte-30-drop=1:00:00-"), 3599.9964, 1e-9);
    EXPECT_NEAR(seconds("smpte-25=10:07:33:05.01-"), 36453.2004, 1e-9);
    EXPECT_EQ(read_range("smpte=10:07:00:00-").error().code(),
              make_error_code(Errc::bad_value)); // a dropped label
    EXPECT_TRUE(read_range("smpte=10:07:00:02-"));
    EXPECT_TRUE(read_range("smpte=10:10:00:00-"));
    EXPECT_FALSE(read_range("smpte-25=10:07:33:25-"));
}

TEST(Range, ReadsUtc)
{
    EXPECT_EQ(*read_range("clock=20240101T000000.5Z-20240101T000001Z"),
              (Range{.unit = RangeUnit::clock, .start = 1704067200500ms, .end = 1704067201s}));
    EXPECT_FALSE(read_range("clock=20240230T000000Z-"));
    EXPECT_FALSE(read_range("clock=20240101T000000-"));
}

TEST(Range, TellsAnUnknownUnitFromABadValue)
{
    EXPECT_EQ(read_range("bytes=0-").error().code(), make_error_code(Errc::unknown_unit));
    for (const auto* text : {"npt=", "npt=-", "npt=x-", "npt=1:60:00-", "npt=1:00:60-", "npt=1-y", "npt=1e5-",
                             "clock=now-", "npt=1-;time=x", "npt=99999999999999999999-"}) {
        EXPECT_EQ(read_range(text).error().code(), make_error_code(Errc::bad_value)) << text;
    }
}

TEST(Range, IsWrittenAsItIsRead)
{
    for (const auto* text : {"npt=4.869-", "npt=now-", "npt=10-20.5", "npt=-7", "smpte=0:10:00:00-",
                             "smpte-30-drop=1:00:59:29-", "smpte-25=10:07:33:05.01-11:00:00:00",
                             "clock=20240101T000000.5Z-", "npt=1-;time=20240101T000000Z"}) {
        EXPECT_EQ(to_string(*read_range(text)), text);
    }
}

RC_GTEST_PROP(Range, ReadsAnyFrameLabelThatItWrites, (std::uint32_t number, bool film))
{
    const std::int64_t frames = number % 20'000'000;
    const auto unit = film ? RangeUnit::smpte_25 : RangeUnit::smpte_30_drop;
    const nanoseconds time{film ? frames * 40'000'000 : frames * 100'100'000 / 3};
    const auto text = to_string(Range{.unit = unit, .start = time});
    RC_ASSERT(*read_range(text)->start == time);
}

} // namespace
} // namespace millrace::sdp
