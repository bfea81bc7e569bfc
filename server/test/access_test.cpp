#include "access.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace millrace::server {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using Kind = doors::Admission::Kind;

rtmp::SwfFile some_file()
{
    return {.size = 8};
}

std::vector<Application> some_applications()
{
    return {
        {.name = "live", .auth = rtmp::AuthScheme::adobe, .users = {{"u1", "secret"}}},
        {.name = "old", .redirect = "rtmp://other/live"},
        {.name = "flash", .swf = {some_file()}},
        {.name = "both", .auth = rtmp::AuthScheme::llnw, .users = {{"u2", "word"}}, .swf = {some_file()}}};
}

rtmp::ConnectRequested request(std::string app, bool publisher, std::string query = {})
{
    return {.app = std::move(app), .query = std::move(query), .publisher = publisher};
}

class AccessTest : public ::testing::Test {
protected:
    doors::Admission admit(const rtmp::ConnectRequested& asked) { return access.admit(asked, now); }

    /// As a client with that password does it; gives the last admission.
    doors::Admission authenticate(const std::string& app, std::string user, std::string password)
    {
        rtmp::AuthResponder client{std::move(user), std::move(password),
                                   [](auto out) { std::ranges::fill(out, std::uint8_t{7}); }};
        auto admission = admit(request(app, true));
        while (admission.kind != Kind::accept) {
            const auto next = client.answer(admission.answer, app);
            if (!next) {
                break;
            }
            admission = admit(request(app, true, next->substr(1)));
        }
        return admission;
    }

    Access access{some_applications()};
    Clock::time_point now{1h};
};

TEST_F(AccessTest, LeavesWhatIsNotNamedAlone)
{
    const auto admission = admit(request("other", true));
    EXPECT_EQ(admission.kind, Kind::accept);
    EXPECT_EQ(access.why_not_publish(admission, "other/cam"), "");
    EXPECT_EQ(access.why_not_play(admission, "other/cam"), "");
}

TEST_F(AccessTest, ChallengesPublishersAndLetsInWhoKnowsThePassword)
{
    EXPECT_EQ(admit(request("live", true)).kind, Kind::challenge);
    const auto admission = authenticate("live", "u1", "secret");
    EXPECT_EQ(admission.kind, Kind::accept);
    EXPECT_EQ(admission.user, "u1");
    EXPECT_EQ(access.why_not_publish(admission, "live/cam"), "");
    EXPECT_EQ(access.why_not_publish(admission, "live/north/cam"), "");
}

TEST_F(AccessTest, RefusesAWrongPasswordAndSaysWhyInTheLog)
{
    const auto admission = authenticate("live", "u1", "guess");
    EXPECT_EQ(admission.kind, Kind::refuse);
    EXPECT_EQ(admission.reason, "wrong password");
    EXPECT_THAT(admission.answer, HasSubstr("?reason=authfailed"));
    EXPECT_EQ(authenticate("live", "nobody", "secret").reason, "no such user");
    EXPECT_EQ(authenticate("live", "u2", "word").reason, "no such user") << "u2 is of another application";
}

TEST_F(AccessTest, LetsPlayersInWithoutAPasswordButNeverLetsThemPublish)
{
    const auto admission = admit(request("live", false));
    EXPECT_EQ(admission.kind, Kind::accept);
    EXPECT_EQ(access.why_not_play(admission, "live/cam"), "");
    EXPECT_THAT(access.why_not_publish(admission, "live/cam"), HasSubstr("user and password"));
}

TEST_F(AccessTest, IsNotFooledByANameThatLeadsIntoAnotherApplication)
{
    const auto outside = admit(request("", true));
    EXPECT_EQ(outside.kind, Kind::accept);
    EXPECT_THAT(access.why_not_publish(outside, "live/cam"), HasSubstr("user and password"));
    EXPECT_THAT(access.why_not_play(outside, "flash/cam"), HasSubstr("SWF"));
    EXPECT_THAT(access.why_not_publish(outside, "flash/cam"), HasSubstr("SWF"));
    EXPECT_THAT(access.why_not_play(outside, "old/cam"), HasSubstr("elsewhere"));
    EXPECT_THAT(access.why_not_publish(outside, "old/cam"), HasSubstr("elsewhere"));
    const auto other = authenticate("both", "u2", "word");
    ASSERT_EQ(other.kind, Kind::accept);
    EXPECT_THAT(access.why_not_publish(other, "live/cam"), HasSubstr("user and password"));
}

TEST_F(AccessTest, RedirectsEverybody)
{
    for (const bool publisher : {true, false}) {
        const auto admission = admit(request("old", publisher));
        EXPECT_EQ(admission.kind, Kind::redirect);
        EXPECT_EQ(admission.answer, "rtmp://other/live");
    }
}

TEST_F(AccessTest, AsksForTheSwfFileOfAllWhoDoNotAuthenticate)
{
    EXPECT_EQ(admit(request("flash", false)).swf.size(), 1U);
    EXPECT_EQ(admit(request("flash", true)).swf.size(), 1U);
    EXPECT_EQ(admit(request("both", false)).swf.size(), 1U);
    const auto publisher = authenticate("both", "u2", "word");
    EXPECT_EQ(publisher.kind, Kind::accept);
    EXPECT_TRUE(publisher.swf.empty());
    EXPECT_EQ(access.why_not_play(publisher, "both/cam"), "");
}

TEST_F(AccessTest, ForgetsAChallengeAfterAMinute)
{
    rtmp::AuthResponder client{"u1", "secret", [](auto out) { std::ranges::fill(out, std::uint8_t{7}); }};
    const auto named = client.answer(admit(request("live", true)).answer, "live");
    ASSERT_TRUE(named);
    const auto answer = client.answer(admit(request("live", true, named->substr(1))).answer, "live");
    ASSERT_TRUE(answer);
    now += 60s;
    EXPECT_EQ(admit(request("live", true, answer->substr(1))).kind, Kind::refuse);
}

TEST_F(AccessTest, TakesPublishersOverHttpWithThePasswordAlone)
{
    const auto status = [&](std::string_view stream, bool publishes, std::string_view authorization) {
        const auto refusal = access.refuse_http({stream, publishes, authorization});
        return refusal ? refusal->status : 0U;
    };
    EXPECT_EQ(status("live/cam", true, "Basic dTE6c2VjcmV0"), 0U); // u1:secret
    EXPECT_EQ(status("live/cam", true, "basic dTE6c2VjcmV0"), 0U);
    EXPECT_EQ(status("live/cam", true, "Basic dTE6Z3Vlc3M="), 401U); // u1:guess
    EXPECT_EQ(status("live/cam", true, "Bearer dTE6c2VjcmV0"), 401U);
    EXPECT_EQ(status("live/cam", true, ""), 401U);
    EXPECT_EQ(status("both/cam", true, "Basic dTE6c2VjcmV0"), 401U);
    EXPECT_EQ(status("live/cam", false, ""), 0U);
    EXPECT_EQ(status("flash/cam", false, ""), 403U);
    EXPECT_EQ(status("flash/cam", true, ""), 403U);
    EXPECT_EQ(status("other/cam", true, ""), 0U);
    EXPECT_EQ(access.refuse_http({"live/cam", true, ""})->headers.at("WWW-Authenticate"),
              R"(Basic realm="Millrace", charset="UTF-8")");
}

} // namespace
} // namespace millrace::server
