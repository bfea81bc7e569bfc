#include <millrace/rtsp/range.hpp>

#include <gtest/gtest.h>

namespace millrace::rtsp {
namespace {

using Time = TimeRange::Time;
using namespace std::chrono_literals;

TEST(Range, IsReadInAllItsUnits)
{
    struct Case {
        const char* text;
        TimeRange range;
        const char* written; ///< Null: as it was.
    };
    const Case cases[]{
        {"npt=0.000-", {.begin = 0ns}, nullptr},
        {"npt=0-", {.begin = 0ns}, "npt=0.000-"},
        {"npt=3.5-10", {.begin = 3500ms, .end = 10s}, "npt=3.500-10.000"},
        {"npt=1:02:03.25-", {.begin = 3723250ms}, "npt=3723.250-"},
        {"npt=-5", {.end = 5s}, "npt=-5.000"},
        {"npt=now-", {.now = true}, nullptr},
        {" NPT = 2 - 4 ;time=19970123T143720Z", {.begin = 2s, .end = 4s}, "npt=2.000-4.000"},
        {"clock=19961108T142300Z-19961108T143520.25Z",
         {.unit = TimeUnit::clock, .begin = 847462980s, .end = 847463720250ms},
         "clock=19961108T142300.000Z-19961108T143520.250Z"},
        {"smpte-25=10:07:33:05.01-",
         {.unit = TimeUnit::smpte_25, .begin = 36453200400us},
         "smpte-25=10:07:33:05-"},
        {"smpte=0:10:00-",
         {.unit = TimeUnit::smpte_30_drop, .begin = 599999400us},
         "smpte-30-drop=0:10:00:00-"},
        {"smpte-30-drop=1:00:00-1:00:01",
         {.unit = TimeUnit::smpte_30_drop, .begin = 3599996400us, .end = 3600997400us},
         "smpte-30-drop=1:00:00:00-1:00:01:00"},
    };
    for (const auto& [text, range, written] : cases) {
        const auto read = read_range(text);
        ASSERT_TRUE(read) << text;
        EXPECT_EQ(*read, range) << text;
        EXPECT_EQ(write(*read), written == nullptr ? text : written);
    }
}

TEST(Range, IsRefusedForAReason)
{
    for (const char* text : {"bytes=0-1", "frames=1-2", "x", ""}) {
        ASSERT_FALSE(read_range(text)) << text;
        EXPECT_EQ(read_range(text).error().code(), make_error_code(Errc::unknown_unit)) << text;
    }
    for (const char* text : {"npt", "npt=", "npt=-", "npt=5-4", "npt=a-", "npt=1:60:00-", "npt=1:2-",
                             "npt=-1-2-", "clock=19961308T142300Z-", "clock=1996-", "clock=19961108T142300-",
                             "smpte=0:00:00:30-", "smpte-25=0:00:00:25-", "npt=1e5-", "npt=99999999999-",
                             "clock=19961108T142300Z-19951108T142300Z"}) {
        ASSERT_FALSE(read_range(text)) << text;
        EXPECT_EQ(read_range(text).error().code(), make_error_code(Errc::bad_range)) << text;
    }
}

// §13.2 of the digest.
TEST(Range, CountsDroppedFrames)
{
    EXPECT_EQ(drop_frame_number(0, 10, 0, 0), 17982);
    EXPECT_EQ(drop_frame_number(1, 0, 0, 0), 107892);
    EXPECT_EQ(drop_frame_number(0, 0, 59, 29) + 1, drop_frame_number(0, 1, 0, 2)); // 00 and 01 are left out.
    EXPECT_EQ(drop_frame_number(0, 9, 59, 29) + 1, drop_frame_number(0, 10, 0, 0));
}

TEST(Range, WritesTheLabelsThatItReads)
{
    for (int minute = 0; minute < 70; ++minute) {
        for (const int frame : {2, 3, 17, 29}) {
            char text[64];
            std::snprintf(text, sizeof text, "smpte-30-drop=%d:%02d:%02d:%02d-", minute / 60, minute % 60,
                          frame % 7 * 9, frame);
            ASSERT_TRUE(read_range(text)) << text;
            EXPECT_EQ(write(*read_range(text)), text);
        }
    }
}

TEST(RtpInfo, IsReadAsServersWriteIt)
{
    const auto infos = read_rtp_info("url=rtsp://h/a,b/t=0;seq=45102;rtptime=12345678;ssrc=1, "
                                     "url=track2;rtptime=5,url=x");
    const std::vector<RtpInfo> expected{{"rtsp://h/a,b/t=0", 45102, 12345678},
                                        {"track2", std::nullopt, 5},
                                        {"x", std::nullopt, std::nullopt}};
    EXPECT_EQ(infos, expected);
    EXPECT_EQ(write(expected), "url=rtsp://h/a,b/t=0;seq=45102;rtptime=12345678,url=track2;rtptime=5,url=x");
    EXPECT_TRUE(read_rtp_info("").empty());
}

} // namespace
} // namespace millrace::rtsp
