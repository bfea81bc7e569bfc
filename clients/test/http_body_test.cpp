#include "http_body.hpp"

#include <gtest/gtest.h>

namespace millrace::clients {
namespace {

struct Answer {
    HttpBody http;
    Bytes body;
    bool good = true;

    void feed(std::string_view text) { good = good && http.feed(as_bytes(text), body); }
};

constexpr std::string_view kChunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                      "4;x=y\r\nFLV\x01\r\nb\r\nhello world\r\n0\r\n\r\n";
constexpr std::string_view kPlain = "HTTP/1.1 200 OK\r\nContent-Type: video/x-flv\r\n\r\nFLV\x01hello world";

TEST(HttpBody, GivesTheSameBodyHoweverTheBytesAreCut)
{
    for (const auto text : {kChunked, kPlain}) {
        for (std::size_t cut = 0; cut <= text.size(); ++cut) {
            SCOPED_TRACE(cut);
            Answer answer;
            answer.feed(text.substr(0, cut));
            answer.feed(text.substr(cut));
            ASSERT_TRUE(answer.good) << answer.http.flaw();
            EXPECT_EQ(as_text(answer.body), "FLV\x01hello world");
            EXPECT_EQ(answer.http.status(), 200);
            EXPECT_TRUE(answer.http.end());
            EXPECT_TRUE(answer.http.done());
        }
    }
}

TEST(HttpBody, KnowsABodyThatBreaksOff)
{
    Answer answer;
    answer.feed(kChunked.substr(0, kChunked.size() - 12));
    EXPECT_TRUE(answer.good);
    EXPECT_FALSE(answer.http.done());
    EXPECT_FALSE(answer.http.end());
    EXPECT_FALSE(HttpBody{}.end());
}

TEST(HttpBody, SaysWhatTheServerSays)
{
    Answer answer;
    answer.feed("HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(answer.http.verdict(), "302 Found, see http://elsewhere/");
    EXPECT_TRUE(answer.http.done());
}

TEST(HttpBody, RefusesWhatIsNoHttp)
{
    Answer answer;
    answer.feed("220 mail.example.org ESMTP\r\n\r\n");
    EXPECT_FALSE(answer.good);
    EXPECT_FALSE(answer.http.flaw().empty());
}

TEST(HttpBody, TakesABodyThatIsLargerThanItsOwnRoom)
{
    Answer answer;
    const std::string much(1'000'000, 'x');
    answer.feed("HTTP/1.1 200 OK\r\n\r\n" + much);
    EXPECT_EQ(as_text(answer.body), much);
}

} // namespace
} // namespace millrace::clients
