#include <millrace/crypto/base64.hpp>
#include <millrace/crypto/hash.hpp>
#include <millrace/rtmp/auth.hpp>
#include <millrace/rtmp/error.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace millrace::rtmp {
namespace {

using namespace std::chrono_literals;
using Kind = AuthVerdict::Kind;

/// Never the same twice.
RandomFill counting()
{
    return [next = std::uint8_t{1}](std::span<std::uint8_t> out) mutable {
        for (auto& byte : out) {
            byte = next++;
        }
    };
}

std::optional<std::string> password_of(std::string_view user)
{
    return user == "u1" || user == "u2" ? std::optional<std::string>{"secret"} : std::nullopt;
}

constexpr Clock::time_point kStart{1h};

AuthVerdict judge(AuthChallenger& server, AuthScheme scheme, std::string_view suffix,
                  Clock::time_point now = kStart)
{
    return server.judge(scheme, "live", suffix.empty() ? suffix : suffix.substr(1), password_of, now);
}

// V14: accepted by the named clients' own computation.
TEST(AuthResponse, IsThatOfTheVectorsForAdobe)
{
    EXPECT_EQ(adobe_response("u1", "secret", "SALT01==", "OPAQ01==", "YN3HSw=="),
              "BfeA9M3zxpWJ6s4gYT7u3w=="); // OBS
    EXPECT_EQ(adobe_response("u1", "secret", "SALT01==", "OPAQ01==", "b2142c69"),
              "+k3zimw1hDU5FLAhsZ1Ybg=="); // FFmpeg
    EXPECT_EQ(adobe_response("u1", "secret", "SALT01==", "CHALL01==", "b2142c69"),
              "IYpOkNUpBMRDiuDUGBwv2w=="); // without an opaque: the server's challenge
}

// V14.
TEST(AuthResponse, IsThatOfTheVectorForLlnw)
{
    EXPECT_EQ(llnw_response("u1", "secret", {.app = "live", .nonce = "NONCE01", .client_nonce = "39a65f33"}),
              "0c6a6c20d285bce5b011055f64aab0e0");
}

std::string hex_of(const crypto::Digest128& digest)
{
    std::string text;
    for (const auto byte : digest) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        text += kDigits[byte >> 4U];
        text += kDigits[byte & 15U];
    }
    return text;
}

// V14, from the inside out.
TEST(AuthResponse, IsAHashOfTheVectorsInnerHashes)
{
    const auto md5 = [](std::string_view text) { return crypto::md5(as_bytes(text)); };
    const auto inner = crypto::base64(md5("u1SALT01==secret"));
    EXPECT_EQ(inner, "y4/qfqVs+2AMNH9EduKpIA==");
    EXPECT_EQ(crypto::base64(md5(inner + "OPAQ01==YN3HSw==")),
              adobe_response("u1", "secret", "SALT01==", "OPAQ01==", "YN3HSw=="));

    const auto who = hex_of(md5("u1:live:secret"));
    const auto what = hex_of(md5("publish:/live/_definst_"));
    EXPECT_EQ(who, "c85b891e5e40b6f9db73697e6f1c043c");
    EXPECT_EQ(what, "a2d981c976a6851bc5ed3f2beab823c8");
    EXPECT_EQ(hex_of(md5(who + ":NONCE01:00000001:39a65f33:auth:" + what)),
              llnw_response("u1", "secret", {.app = "live", .nonce = "NONCE01", .client_nonce = "39a65f33"}));
}

TEST(QueryValue, SplitsAtTheFirstEqualsSignAndDecodesNothing)
{
    EXPECT_EQ(query_value("user=u1&response=+k3z/imw1==&opaque=", "response"), "+k3z/imw1==");
    EXPECT_EQ(query_value("user=u1&response=a%3D", "response"), "a%3D");
    EXPECT_EQ(query_value("a=1&a=2", "a"), "1");
    EXPECT_EQ(query_value("ab=1&a", "a"), "");
    EXPECT_EQ(query_value("", "a"), "");
}

TEST(AuthChallenger, SaysWhatClientsLookForToTheLetter)
{
    AuthChallenger server{counting()};
    EXPECT_EQ(judge(server, AuthScheme::adobe, "").description,
              "[ AccessManager.Reject ] : [ code=403 need auth; authmod=adobe ] : ");
    EXPECT_EQ(judge(server, AuthScheme::adobe, "?authmod=adobe&user=u1").description,
              "[ AccessManager.Reject ] : [ authmod=adobe ] : ?reason=needauth&user=u1"
              "&salt=090a0b0c0d0e0f10&challenge=1112131415161718&opaque=0102030405060708");
    EXPECT_EQ(judge(server, AuthScheme::adobe, "?authmod=adobe&user=u3").description,
              "[ AccessManager.Reject ] : [ authmod=adobe ] : ?reason=nosuchuser");
    EXPECT_EQ(judge(server, AuthScheme::adobe,
                    "?authmod=adobe&user=u1&challenge=aa&response=bb&opaque=0102030405060708")
                  .description,
              "[ AccessManager.Reject ] : [ authmod=adobe ] : ?reason=authfailed&opaque=0102030405060708");
    EXPECT_EQ(judge(server, AuthScheme::llnw, "").description,
              "[ AccessManager.Reject ] : [ code=403 need auth; authmod=llnw ] : ");
    EXPECT_EQ(
        judge(server, AuthScheme::llnw, "?authmod=llnw&user=u1").description,
        "[ AccessManager.Reject ] : [ authmod=llnw ] : ?reason=needauth&user=u1&nonce=191a1b1c1d1e1f20");
    EXPECT_EQ(judge(server, AuthScheme::llnw, "?authmod=llnw&user=u1&nonce=x&response=bb").description,
              "[ AccessManager.Reject ] : [ authmod=llnw ] : ?reason=authfailed");
}

/// The client's suffixes, step by step, until the server accepts or the client gives up.
struct Steps {
    std::vector<std::string> suffixes;
    AuthVerdict last;
    std::error_code gave_up;
};

Steps authenticate(AuthChallenger& server, AuthScheme scheme, AuthResponder client)
{
    Steps steps{.suffixes = {""}};
    for (;;) {
        steps.last = judge(server, scheme, steps.suffixes.back());
        if (steps.last.kind == Kind::accepted) {
            return steps;
        }
        const auto next = client.answer(steps.last.description, "live");
        if (!next) {
            steps.gave_up = next.error().code();
            return steps;
        }
        steps.suffixes.push_back(*next);
    }
}

class AuthSchemes : public ::testing::TestWithParam<AuthScheme> {};
INSTANTIATE_TEST_SUITE_P(All, AuthSchemes, ::testing::Values(AuthScheme::adobe, AuthScheme::llnw),
                         [](const auto& scheme) { return std::string{name(scheme.param)}; });

TEST_P(AuthSchemes, LetInWhoHasThePasswordWithTheThirdConnection)
{
    AuthChallenger server{counting()};
    const auto steps = authenticate(server, GetParam(), {"u1", "secret", counting()});
    EXPECT_EQ(steps.last.kind, Kind::accepted);
    EXPECT_EQ(steps.last.user, "u1");
    EXPECT_EQ(steps.suffixes.size(), 3U);
    EXPECT_EQ(server.outstanding(), 0U);
}

TEST_P(AuthSchemes, KeepOutWhoHasAnotherPassword)
{
    AuthChallenger server{counting()};
    const auto steps = authenticate(server, GetParam(), {"u1", "Secret", counting()});
    EXPECT_EQ(steps.last.kind, Kind::refused);
    EXPECT_EQ(steps.last.reason, "wrong password");
    EXPECT_EQ(steps.gave_up, make_error_code(Errc::auth_failed));
}

TEST_P(AuthSchemes, KeepOutWhoIsNotKnown)
{
    AuthChallenger server{counting()};
    const auto steps = authenticate(server, GetParam(), {"u3", "secret", counting()});
    EXPECT_EQ(steps.last.reason, "no such user");
    EXPECT_EQ(steps.gave_up, make_error_code(Errc::no_such_user));
}

TEST_P(AuthSchemes, TakeAnAnswerOnce)
{
    AuthChallenger server{counting()};
    const auto steps = authenticate(server, GetParam(), {"u1", "secret", counting()});
    ASSERT_EQ(steps.last.kind, Kind::accepted);
    const auto again = judge(server, GetParam(), steps.suffixes.back());
    EXPECT_EQ(again.kind, Kind::refused);
    EXPECT_EQ(again.reason, "the challenge is unknown, was answered before, or is too old");
}

TEST_P(AuthSchemes, TakeAnAnswerUntilTheChallengeIsAMinuteOld)
{
    for (const auto after : {59999ms, 60000ms}) {
        AuthChallenger server{counting()};
        AuthResponder client{"u1", "secret", counting()};
        const auto named = client.answer(judge(server, GetParam(), "").description, "live");
        ASSERT_TRUE(named);
        const auto answer = client.answer(judge(server, GetParam(), *named).description, "live");
        ASSERT_TRUE(answer);
        const auto verdict = judge(server, GetParam(), *answer, kStart + after);
        EXPECT_EQ(verdict.kind, after < 60s ? Kind::accepted : Kind::refused);
    }
}

TEST_P(AuthSchemes, DoNotTakeOneUsersChallengeForAnothers)
{
    AuthChallenger server{counting()};
    AuthResponder client{"u1", "secret", counting()};
    const auto named = client.answer(judge(server, GetParam(), "").description, "live");
    auto described = judge(server, GetParam(), *named).description;
    auto answer = *client.answer(described, "live");
    answer.replace(answer.find("user=u1"), 7, "user=u2");
    EXPECT_EQ(judge(server, GetParam(), answer).kind, Kind::refused);
}

TEST_P(AuthSchemes, HoldNoMoreChallengesThanTheLimit)
{
    AuthChallenger server{counting(), {.challenges = 3}};
    const auto ask = std::string{"?authmod="}.append(name(GetParam())).append("&user=u1");
    for (int i = 0; i < 10; ++i) {
        judge(server, GetParam(), ask);
    }
    EXPECT_EQ(server.outstanding(), 3U);
    judge(server, GetParam(), "", kStart + 60s);
    EXPECT_EQ(server.outstanding(), 0U);
}

// OBS sends "opaque=" with nothing in it when it was given none; then the answer is over the challenge.
TEST(AuthChallenger, TakesAnAdobeAnswerWithoutAnOpaqueForTheNewestChallengeOfItsUser)
{
    AuthChallenger server{counting()};
    judge(server, AuthScheme::adobe, "?authmod=adobe&user=u1");
    const auto asked = judge(server, AuthScheme::adobe, "?authmod=adobe&user=u1").description;
    const auto query = std::string_view{asked}.substr(asked.find('?') + 1);
    const auto response = adobe_response("u1", "secret", query_value(query, "salt"),
                                         query_value(query, "challenge"), "YN3HSw==");
    const auto answer = "?authmod=adobe&user=u1&challenge=YN3HSw==&response=" + response + "&opaque=";
    EXPECT_EQ(judge(server, AuthScheme::adobe, answer).kind, Kind::accepted);
}

TEST(AuthChallenger, NeverTakesAnLlnwAnswerWithoutItsNonce)
{
    AuthChallenger server{counting()};
    judge(server, AuthScheme::llnw, "?authmod=llnw&user=u1");
    const auto response = llnw_response("u1", "secret", {.app = "live", .nonce = "", .client_nonce = "x"});
    EXPECT_EQ(
        judge(server, AuthScheme::llnw, "?authmod=llnw&user=u1&cnonce=x&nc=00000001&response=" + response)
            .kind,
        Kind::refused);
}

TEST(AuthChallenger, AsksForItsOwnSchemeWhenAnotherIsUsed)
{
    AuthChallenger server{counting()};
    const auto verdict = judge(server, AuthScheme::adobe, "?authmod=llnw&user=u1");
    EXPECT_EQ(verdict.kind, Kind::challenged);
    EXPECT_EQ(verdict.description, judge(server, AuthScheme::adobe, "").description);
}

TEST(AuthChallenger, KnowsNobodyByAVeryLongName)
{
    AuthChallenger server{counting()};
    const std::string name(100000, 'u');
    const auto verdict = server.judge(
        AuthScheme::adobe, "live", "authmod=adobe&user=" + name,
        [](std::string_view) { return std::optional<std::string>{"secret"}; }, kStart);
    EXPECT_EQ(verdict.kind, Kind::refused);
    EXPECT_EQ(verdict.user.size(), 64U);
}

// V14, the answer of FFmpeg, made by our client.
TEST(AuthResponder, AnswersAsTheVectorsDo)
{
    const RandomFill random = [](std::span<std::uint8_t> out) {
        constexpr std::array<std::uint8_t, 4> kDrawn{0xb2, 0x14, 0x2c, 0x69};
        std::ranges::copy(kDrawn, out.begin());
    };
    AuthResponder client{"u1", "secret", random};
    EXPECT_EQ(*client.answer("[ AccessManager.Reject ] : [ code=403 need auth; authmod=adobe ] : ", "live"),
              "?authmod=adobe&user=u1");
    EXPECT_EQ(*client.answer("[ AccessManager.Reject ] : [ authmod=adobe ] : "
                             "?reason=needauth&user=u1&salt=SALT01==&challenge=CHALL01==&opaque=OPAQ01==",
                             "live"),
              "?authmod=adobe&user=u1&challenge=b2142c69&response=+k3zimw1hDU5FLAhsZ1Ybg==&opaque=OPAQ01==");
    AuthResponder second{"u1", "secret", random};
    EXPECT_EQ(*second.answer("[ AccessManager.Reject ] : [ authmod=adobe ] : "
                             "?reason=needauth&user=u1&salt=SALT01==&challenge=CHALL01==",
                             "live"),
              "?authmod=adobe&user=u1&challenge=b2142c69&response=IYpOkNUpBMRDiuDUGBwv2w==");
}

TEST(AuthResponder, GivesUpInsteadOfAskingForEver)
{
    constexpr std::string_view kWho = "[ AccessManager.Reject ] : [ code=403 need auth; authmod=adobe ] : ";
    constexpr std::string_view kAnswer = "[ AccessManager.Reject ] : [ authmod=adobe ] : "
                                         "?reason=needauth&user=u1&salt=s&challenge=c&opaque=o";
    AuthResponder client{"u1", "secret", counting()};
    EXPECT_TRUE(client.answer(kWho, "live"));
    EXPECT_EQ(client.answer(kWho, "live").error(), make_error_code(Errc::auth_failed));
    EXPECT_TRUE(client.answer(kAnswer, "live"));
    EXPECT_EQ(client.answer(kAnswer, "live").error(), make_error_code(Errc::auth_failed));
}

TEST(AuthResponder, LeavesOtherRefusalsAlone)
{
    AuthResponder client{"u1", "secret", counting()};
    for (const auto* other : {"", "no such application", "[ AccessManager.Reject ] : [ authmod=other ] : ",
                              "[ AccessManager.Reject ] : [ authmod=adob"}) {
        EXPECT_EQ(client.answer(other, "live").error(), make_error_code(Errc::refused)) << other;
    }
}

} // namespace
} // namespace millrace::rtmp
