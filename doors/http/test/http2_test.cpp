#include "../src/http2_session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>

namespace millrace::doors {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::size_t kManyStreams = 40;

/// A client of nghttp2's and our session, byte for byte; what answers is told by the test.
struct Conversation {
    net::asio::io_context loop;
    std::vector<std::shared_ptr<Http2Stream>> welcomed;
    Http2Session session{loop.get_executor(), [this](std::shared_ptr<Http2Stream> stream) {
                             welcomed.push_back(std::move(stream));
                         }};
    nghttp2_session* client = nullptr;
    std::map<std::int32_t, std::string> heads;
    std::map<std::int32_t, std::string> bodies;
    std::map<std::int32_t, std::uint32_t> closed; ///< With its error code.
    std::string upload;

    Conversation()
    {
        nghttp2_session_callbacks* calls = nullptr;
        nghttp2_session_callbacks_new(&calls);
        nghttp2_session_callbacks_set_on_header_callback(
            calls,
            [](nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
               const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user) {
                auto& head = static_cast<Conversation*>(user)->heads[frame->hd.stream_id];
                head.append(reinterpret_cast<const char*>(name), name_size).append("=");
                head.append(reinterpret_cast<const char*>(value), value_size).append(";");
                return 0;
            });
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(calls, [](nghttp2_session*, std::uint8_t,
                                                                            std::int32_t id,
                                                                            const std::uint8_t* bytes,
                                                                            std::size_t size, void* user) {
            static_cast<Conversation*>(user)->bodies[id].append(reinterpret_cast<const char*>(bytes), size);
            return 0;
        });
        nghttp2_session_callbacks_set_on_stream_close_callback(
            calls, [](nghttp2_session*, std::int32_t id, std::uint32_t error, void* user) {
                static_cast<Conversation*>(user)->closed[id] = error;
                return 0;
            });
        nghttp2_session_client_new(&client, calls, this);
        nghttp2_session_callbacks_del(calls);
        nghttp2_submit_settings(client, NGHTTP2_FLAG_NONE, nullptr, 0);
    }
    ~Conversation() { nghttp2_session_del(client); }
    Conversation(const Conversation&) = delete;
    Conversation& operator=(const Conversation&) = delete;

    std::int32_t request(std::string method, std::string path, bool with_body = false)
    {
        const auto field = [](const char* name, std::string& value) {
            return nghttp2_nv{reinterpret_cast<std::uint8_t*>(const_cast<char*>(name)),
                              reinterpret_cast<std::uint8_t*>(value.data()), std::strlen(name), value.size(),
                              NGHTTP2_NV_FLAG_NONE};
        };
        std::string scheme = "https";
        std::string authority = "example.org";
        std::array<nghttp2_nv, 4> fields{field(":method", method), field(":scheme", scheme),
                                         field(":authority", authority), field(":path", path)};
        nghttp2_data_provider body{.source = {.ptr = this},
                                   .read_callback = [](nghttp2_session*, std::int32_t, std::uint8_t* into,
                                                       std::size_t most, std::uint32_t* flags,
                                                       nghttp2_data_source*, void* user) -> ssize_t {
                                       auto& text = static_cast<Conversation*>(user)->upload;
                                       const auto count = std::min(most, text.size());
                                       std::copy_n(text.begin(), count, into);
                                       text.erase(0, count);
                                       if (text.empty()) {
                                           *flags |= NGHTTP2_DATA_FLAG_EOF;
                                       }
                                       return static_cast<ssize_t>(count);
                                   }};
        return nghttp2_submit_request(client, nullptr, fields.data(), fields.size(),
                                      with_body ? &body : nullptr, nullptr);
    }

    /// Until neither has anything to say.
    void run()
    {
        for (bool said = true; said;) {
            said = false;
            const std::uint8_t* bytes = nullptr;
            for (auto size = nghttp2_session_mem_send(client, &bytes); size > 0;
                 size = nghttp2_session_mem_send(client, &bytes)) {
                EXPECT_EQ(session.feed({bytes, static_cast<std::size_t>(size)}), "");
                said = true;
            }
            for (auto out = session.take_output(); !out.empty(); out = session.take_output()) {
                EXPECT_GT(nghttp2_session_mem_recv(client, out.data(), out.size()), 0);
                said = true;
            }
        }
    }

    static std::string heard(Http2Stream& stream)
    {
        std::string text;
        std::array<std::uint8_t, 4096> room{};
        for (auto got = stream.receive_now(room); got.bytes > 0; got = stream.receive_now(room)) {
            text.append(room.begin(), room.begin() + static_cast<std::ptrdiff_t>(got.bytes));
        }
        return text;
    }

    static void say(Http2Stream& stream, std::string_view text)
    {
        const auto view = as_bytes(text);
        EXPECT_EQ(stream.send_now({&view, 1}).bytes, text.size());
    }
};

TEST(Http2, TellsARequestInTheWordsOfHttp11AndAnAnswerBack)
{
    Conversation talk;
    const auto id = talk.request("GET", "/live/cam.m3u8?x=1");
    talk.run();
    ASSERT_EQ(talk.welcomed.size(), 1U);
    auto& stream = *talk.welcomed.front();
    EXPECT_EQ(Conversation::heard(stream),
              "GET /live/cam.m3u8?x=1 HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n");
    Conversation::say(stream, "HTTP/1.1 200 OK\r\nServer: Mill");
    talk.run();
    EXPECT_TRUE(talk.heads.empty());
    Conversation::say(stream, "race\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhel");
    talk.run();
    EXPECT_EQ(talk.heads[id], ":status=200;server=Millrace;content-length=5;");
    EXPECT_EQ(talk.bodies[id], "hel");
    Conversation::say(stream, "lo");
    talk.run();
    EXPECT_EQ(talk.bodies[id], "hello");
    EXPECT_EQ(talk.closed.at(id), 0U);
    EXPECT_EQ(talk.session.streams(), 0U);
}

TEST(Http2, SendsWhatComesInChunksAndWhatEndsWithTheConnection)
{
    Conversation talk;
    const auto chunked = talk.request("GET", "/a");
    const auto endless = talk.request("GET", "/b");
    const auto head = talk.request("HEAD", "/c");
    talk.run();
    ASSERT_EQ(talk.welcomed.size(), 3U);
    Conversation::say(*talk.welcomed[0],
                      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n");
    Conversation::say(*talk.welcomed[1], "HTTP/1.1 200 OK\r\n\r\nFLV");
    Conversation::say(*talk.welcomed[2], "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    talk.run();
    EXPECT_EQ(talk.bodies[chunked], "abcde");
    EXPECT_EQ(talk.bodies[endless], "FLV");
    EXPECT_THAT(talk.heads[head], HasSubstr("content-length=1000"));
    EXPECT_TRUE(talk.closed.contains(head)) << "HEAD has no body";
    EXPECT_FALSE(talk.closed.contains(chunked));
    Conversation::say(*talk.welcomed[0], "0\r\n\r\n");
    talk.welcomed[1]->shut();
    talk.run();
    EXPECT_EQ(talk.closed.at(chunked), 0U);
    EXPECT_EQ(talk.closed.at(endless), 0U);
}

TEST(Http2, SaysThatAnAnswerIsNotWhole)
{
    Conversation talk;
    const auto cut = talk.request("GET", "/a");
    const auto never = talk.request("GET", "/b");
    talk.run();
    Conversation::say(*talk.welcomed[0], "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
    talk.welcomed[0]->close();
    talk.welcomed[1]->close();
    talk.run();
    EXPECT_EQ(talk.bodies[cut], "abc");
    EXPECT_EQ(talk.closed.at(cut), NGHTTP2_INTERNAL_ERROR);
    EXPECT_EQ(talk.closed.at(never), NGHTTP2_INTERNAL_ERROR);
}

TEST(Http2, TakesABodyNoFasterThanItIsRead)
{
    Conversation talk;
    talk.upload = std::string(3 * std::size_t{Http2Session::kStreamWindow}, 'z');
    const auto whole = talk.upload.size();
    talk.request("PUT", "/live/cam.flv", true);
    talk.run();
    EXPECT_EQ(whole - talk.upload.size(), std::size_t{Http2Session::kStreamWindow}) << "the window is full";
    std::string body;
    for (int rounds = 0; rounds < 100 && !talk.upload.empty(); ++rounds) {
        body += Conversation::heard(*talk.welcomed.front());
        talk.run();
    }
    body += Conversation::heard(*talk.welcomed.front());
    EXPECT_THAT(
        body,
        StartsWith("PUT /live/cam.flv HTTP/1.1\r\nHost: example.org\r\nTransfer-Encoding: chunked\r\n"));
    EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(body, 'z')), whole);
    EXPECT_TRUE(body.ends_with("0\r\n\r\n"));
}

TEST(Http2, HoldsNoMoreOfAnAnswerThanThereIsRoomFor)
{
    Conversation talk;
    talk.request("GET", "/live/cam.flv");
    talk.run();
    auto& stream = *talk.welcomed.front();
    Conversation::say(stream, "HTTP/1.1 200 OK\r\n\r\n");
    const std::string piece(100000, 'x');
    const auto view = as_bytes(piece);
    std::size_t sent = 0;
    net::Attempt attempt;
    for (int rounds = 0; rounds < 100 && !attempt.would_block; ++rounds) {
        attempt = stream.send_now({&view, 1});
        sent += attempt.bytes;
        talk.session.take_output(); // The client never opens its window again.
    }
    EXPECT_TRUE(attempt.would_block);
    EXPECT_LE(sent, Http2Stream::kMostWaiting + Http2Exchange::kMostBody + (std::size_t{1} << 17U));
}

TEST(Http2, TellsWhoAnswersThatTheClientHasLeft)
{
    Conversation talk;
    const auto id = talk.request("GET", "/live/cam.flv");
    talk.run();
    nghttp2_submit_rst_stream(talk.client, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
    talk.run();
    const auto view = as_bytes("HTTP/1.1 200 OK\r\n\r\n");
    EXPECT_TRUE(talk.welcomed.front()->send_now({&view, 1}).error);
    EXPECT_EQ(talk.session.streams(), 0U);
}

TEST(Http2, RefusesHeadersWithoutEndAndWhatIsNoRequest)
{
    Conversation talk;
    const auto big = talk.request("GET", "/" + std::string(Http2Exchange::kMostHeader, 'x'));
    const auto spaced = talk.request("GET", "/a b");
    talk.run();
    EXPECT_TRUE(talk.welcomed.empty());
    EXPECT_NE(talk.closed.at(big), 0U);
    EXPECT_NE(talk.closed.at(spaced), 0U);
    for (std::size_t i = 0; i < kManyStreams; ++i) {
        talk.request("GET", "/ok");
    }
    talk.run();
    EXPECT_EQ(talk.welcomed.size(), kManyStreams) << "the connection goes on";
}

TEST(Http2, EndsAtGarbage)
{
    net::asio::io_context loop;
    Http2Session session{loop.get_executor(), [](const std::shared_ptr<Http2Stream>&) { FAIL(); }};
    EXPECT_EQ(session.feed(as_bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")), "");
    std::string wrong = session.feed(as_bytes(std::string(4096, '\xff')));
    session.take_output();
    EXPECT_TRUE(!wrong.empty() || session.over());
}

} // namespace
} // namespace millrace::doors
