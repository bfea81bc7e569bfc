#include "rtmp_way.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::clients {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kNeedAuth = "[ AccessManager.Reject ] : [ code=403 need auth; authmod=adobe ] : ";
constexpr const char* kChallenge = "[ AccessManager.Reject ] : [ authmod=adobe ] : "
                                   "?reason=needauth&user=u1&salt=s&challenge=c&opaque=o";

rtmp::Refused refusal(std::string description)
{
    return {.code = "NetConnection.Connect.Rejected", .description = std::move(description)};
}

rtmp::Refused redirect(std::string url)
{
    return {.code = "NetConnection.Connect.Rejected", .description = "elsewhere", .redirect = std::move(url)};
}

TEST(RtmpWay, BeginsAtTheUrl)
{
    const RtmpWay way{parse_url("rtmp://u1:secret@h/live/cam?token=1")};
    EXPECT_EQ(way.app(), "live");
    EXPECT_EQ(way.tc_url(), "rtmp://h:1935/live");
}

TEST(RtmpWay, FollowsARedirectWithNameQueryAndUser)
{
    RtmpWay way{parse_url("rtmp://u1:secret@h/live/cam?token=1")};
    ASSERT_TRUE(way.go_on(redirect("rtmps://other:444/tv/north/?zone=2")));
    EXPECT_EQ(way.tc_url(), "rtmps://other:444/tv/north");
    EXPECT_EQ(way.url().name(), "cam?token=1&zone=2");
    EXPECT_EQ(way.url().user, "u1");
    EXPECT_EQ(way.url().password, "secret");
    ASSERT_TRUE(way.go_on(redirect("rtmp://u2:word@third/live")));
    EXPECT_EQ(way.url().user, "u2");
}

TEST(RtmpWay, FollowsFiveRedirectsAndNoMore)
{
    RtmpWay way{parse_url("rtmp://h/live/cam")};
    for (int i = 0; i < RtmpWay::kRedirects; ++i) {
        EXPECT_TRUE(way.go_on(redirect("rtmp://h/live")));
    }
    EXPECT_EQ(way.go_on(redirect("rtmp://h/live")).why, "redirected more than 5 times");
}

TEST(RtmpWay, GoesNowhereThatSpeaksNoRtmp)
{
    for (const auto* url : {"http://h/live", "rtmp:", "", "rtmp://", "rtmp://h"}) {
        RtmpWay way{parse_url("rtmp://h/live/cam")};
        EXPECT_THAT(way.go_on(redirect(url)).why, StartsWith("sent elsewhere, but not to where we can go"))
            << url;
    }
}

TEST(RtmpWay, AnswersAChallengeBehindAppAndTcUrl)
{
    RtmpWay way{parse_url("rtmp://u1:secret@h/live/cam")};
    ASSERT_TRUE(way.go_on(refusal(kNeedAuth)));
    EXPECT_EQ(way.app(), "live?authmod=adobe&user=u1");
    EXPECT_EQ(way.tc_url(), "rtmp://h:1935/live?authmod=adobe&user=u1");
    ASSERT_TRUE(way.go_on(refusal(kChallenge)));
    EXPECT_THAT(way.app(), StartsWith("live?authmod=adobe&user=u1&challenge="));
    EXPECT_THAT(way.app(), HasSubstr("&opaque=o"));
    EXPECT_THAT(way.go_on(refusal(kChallenge)).why, HasSubstr("does not accept this user and password"));
}

TEST(RtmpWay, BeginsAnewWithAuthenticationBehindARedirect)
{
    RtmpWay way{parse_url("rtmp://u1:secret@h/live/cam")};
    ASSERT_TRUE(way.go_on(refusal(kNeedAuth)));
    ASSERT_TRUE(way.go_on(redirect("rtmp://other/live")));
    EXPECT_EQ(way.app(), "live");
    EXPECT_TRUE(way.go_on(refusal(kNeedAuth)));
}

TEST(RtmpWay, AsksForAUserWhereNoneWasGiven)
{
    RtmpWay way{parse_url("rtmp://h/live/cam")};
    EXPECT_THAT(way.go_on(refusal(kNeedAuth)).why, HasSubstr("asks for a user and a password"));
}

TEST(RtmpWay, EndsAtOtherRefusals)
{
    RtmpWay way{parse_url("rtmp://u1:secret@h/live/cam")};
    EXPECT_EQ(way.go_on(refusal("no such application")).why,
              "refused: no such application (NetConnection.Connect.Rejected)");
}

} // namespace
} // namespace millrace::clients
