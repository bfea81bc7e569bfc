#include <millrace/rtsp/auth.hpp>

#include <gtest/gtest.h>

namespace millrace::rtsp {
namespace {

using Verdict = Authenticator::Verdict;

constexpr std::string_view kUri = "rtsp://127.0.0.1:8554/live/cam1";

DigestInput v8(HashKind hash)
{
    return {.hash = hash,
            .user = "user",
            .realm = "live",
            .password = "pass word",
            .method = "DESCRIBE",
            .uri = kUri,
            .nonce = "5f9e1a2b3c4d5e6f"};
}

// V8 of the digest.
TEST(Digest, V8)
{
    EXPECT_EQ(hex_hash(HashKind::md5, "user:live:pass word"), "0b57b9e49108e4747667ad63585d6b5c");
    EXPECT_EQ(hex_hash(HashKind::md5, "DESCRIBE:rtsp://127.0.0.1:8554/live/cam1"),
              "fa80764a278d41189fe3285056587355");
    EXPECT_EQ(digest_response(v8(HashKind::md5)), "391c475365a8702c4bf7d5a0569e251c");
    auto with_qop = v8(HashKind::md5);
    with_qop.qop = "auth";
    with_qop.nc = "00000001";
    with_qop.cnonce = "0a4f113b";
    EXPECT_EQ(digest_response(with_qop), "32306034368c3c6c97dae22865218b64");
    EXPECT_EQ(hex_hash(HashKind::sha256, "user:live:pass word"),
              "72831a098cf6ec9a1c85104d63e19d9d71f52a68870100e41cb599dd53e4d66c");
    EXPECT_EQ(digest_response(v8(HashKind::sha256)),
              "4bdca2ba46f2ef8a33f15d8cf51a343722ff102228297f16d849124d7f5be905");
    with_qop.hash = HashKind::sha256;
    EXPECT_EQ(digest_response(with_qop), "f9e8f2dda10a567283a483427fc0c0622b1b8fbd414ca17d6ba3b71202ad0449");
    EXPECT_EQ(
        authorize({read_challenge("Basic realm=\"live\"")}, "user", "pass word", "DESCRIBE", kUri, "", 1),
        "Basic dXNlcjpwYXNzIHdvcmQ=");
}

class AuthenticatorTest : public ::testing::Test {
protected:
    static std::vector<Challenge> read(const std::vector<std::string>& texts)
    {
        std::vector<Challenge> all;
        for (const auto& text : texts) {
            EXPECT_EQ(text.find('$'), std::string::npos);
            all.push_back(read_challenge(text));
        }
        return all;
    }
    Authenticator::Judgement judge(std::string_view authorization, std::string_view uri = kUri,
                                   std::string_view peer = "10.0.0.1", int at = 1000) const
    {
        return authenticator.judge("PLAY", uri, authorization, peer, std::chrono::seconds{at},
                                   [](std::string_view user) {
                                       return user == "user"    ? std::optional<std::string>{"pass word"}
                                              : user == "us@er" ? std::optional<std::string>{"x"}
                                                                : std::nullopt;
                                   });
    }
    std::vector<Challenge> challenges(int at = 1000) const
    {
        return read(authenticator.challenges("10.0.0.1", std::chrono::seconds{at}, false));
    }

    Authenticator authenticator{Bytes(32, 7), {.basic = true}};
};

// ffmpeg 5.1 wants SHA-256 before MD5.
TEST_F(AuthenticatorTest, ChallengesInTheOrderThatClientsNeed)
{
    const auto all = challenges();
    ASSERT_EQ(all.size(), 3U);
    EXPECT_TRUE(all[0].digest && all[0].hash == HashKind::sha256 && all[0].known);
    EXPECT_TRUE(all[1].digest && all[1].hash == HashKind::md5);
    EXPECT_FALSE(all[2].digest);
}

TEST_F(AuthenticatorTest, TakesEachWayToAnswer)
{
    for (const auto& challenge : challenges()) {
        auto one = challenge;
        for (const bool qop : {false, true}) {
            one.qop_auth = qop && one.digest;
            const auto given = authorize({one}, "user", "pass word", "PLAY", kUri, "0a4f113b", 1);
            EXPECT_EQ(judge(given).verdict, Verdict::accepted) << given;
            EXPECT_EQ(judge(given).user, "user");
            EXPECT_EQ(judge(authorize({one}, "user", "wrong", "PLAY", kUri, "0", 1)).verdict, Verdict::wrong);
            EXPECT_EQ(judge(authorize({one}, "nobody", "pass word", "PLAY", kUri, "0", 1)).verdict,
                      Verdict::wrong);
        }
    }
    // Quirk: a user that was percent-encoded in the URL.
    EXPECT_EQ(judge(authorize(challenges(), "us%40er", "x", "PLAY", kUri, "", 1)).user, "us@er");
    EXPECT_EQ(judge(authorize(challenges(), "us%40er", "x", "PLAY", kUri, "", 1)).verdict, Verdict::accepted);
}

TEST_F(AuthenticatorTest, KnowsItsOwnNoncesAndTheirAge)
{
    const auto given = authorize(challenges(), "user", "pass word", "PLAY", kUri, "", 1);
    EXPECT_EQ(judge(given, kUri, "10.0.0.1", 1090).verdict, Verdict::accepted);
    EXPECT_EQ(judge(given, kUri, "10.0.0.1", 1091).verdict, Verdict::stale);
    EXPECT_EQ(judge(given, kUri, "10.0.0.2").verdict, Verdict::stale);
    EXPECT_TRUE(read(authenticator.challenges("10.0.0.1", std::chrono::seconds{1}, true))[0].stale);
}

TEST_F(AuthenticatorTest, TellsNothingGivenFromSomethingWrong)
{
    EXPECT_EQ(judge("").verdict, Verdict::missing);
    EXPECT_EQ(judge("Digest username=\"\"").verdict, Verdict::missing);
    EXPECT_EQ(judge("Bearer x").verdict, Verdict::missing);
    EXPECT_EQ(judge("Basic dXNlcjpw").verdict, Verdict::wrong);
    EXPECT_EQ(judge("Basic !!").verdict, Verdict::missing);
}

TEST_F(AuthenticatorTest, ComparesTheUriLoosely)
{
    for (const char* hashed : {"rtsp://127.0.0.1:8554/live/cam1", "/live/cam1",
                               "rtsp://127.0.0.1:8554/live/cam1/", "rtsp://other/live/cam1"}) {
        const auto given = authorize(challenges(), "user", "pass word", "PLAY", hashed, "", 1);
        EXPECT_EQ(judge(given, "rtsp://127.0.0.1:8554/live/cam1/trackID=0").verdict, Verdict::accepted)
            << hashed;
    }
    const auto other = authorize(challenges(), "user", "pass word", "PLAY", "rtsp://h/live/cam2", "", 1);
    EXPECT_EQ(judge(other).verdict, Verdict::wrong);
}

TEST(Challenge, IsReadAsServersWriteIt)
{
    const auto challenge = read_challenge("Digest  realm=\"a \\\"b\\\", c\",nonce=\"1\", algorithm=\"MD5\" , "
                                          "qop=\"auth,auth-int\", stale=TRUE");
    EXPECT_TRUE(challenge.digest && challenge.known && challenge.qop_auth && challenge.stale);
    EXPECT_EQ(challenge.realm, "a \"b\", c");
    EXPECT_FALSE(read_challenge("Digest realm=x, algorithm=SHA-512").known);
    EXPECT_FALSE(read_challenge("NTLM").known);
    EXPECT_EQ(authorize({read_challenge("NTLM")}, "u", "p", "PLAY", "u", "", 1), "");
    EXPECT_EQ(read_challenge(write(challenge)).realm, challenge.realm);
}

TEST(Base64Reader, DecodesQuantaHoweverTheyAreCut)
{
    // Two messages, each encoded by itself, as tunnels send them.
    constexpr std::string_view kText = "T1BUSQ==\r\nT05T\nAAE=";
    for (std::size_t cut = 0; cut <= kText.size(); ++cut) {
        Base64Reader reader;
        Bytes out;
        ASSERT_TRUE(reader.feed(as_bytes(kText.substr(0, cut)), out));
        ASSERT_TRUE(reader.feed(as_bytes(kText.substr(cut)), out));
        EXPECT_EQ(as_text(out), (std::string_view{"OPTIONS\0\1", 9}));
    }
    for (const char* bad : {"=", "A===", "AB=C", "A\x80", "$"}) {
        Base64Reader reader;
        Bytes out;
        EXPECT_FALSE(reader.feed(as_bytes(bad), out)) << bad;
        EXPECT_FALSE(reader.feed(as_bytes("AAAA"), out));
    }
}

} // namespace
} // namespace millrace::rtsp
