#include <millrace/rtsp/message_reader.hpp>
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>

namespace millrace::rtsp {
namespace {

using testing::operator""_hex;
using Role = MessageReader::Role;

std::vector<Message> drain(MessageReader& reader)
{
    std::vector<Message> all;
    while (auto message = reader.next()) {
        all.push_back(std::move(*message));
    }
    return all;
}

std::vector<Message> read(std::string_view text)
{
    MessageReader reader{Role::server};
    EXPECT_TRUE(reader.feed(as_bytes(text)));
    return drain(reader);
}

Error error_of(std::string_view text, MessageReader::Limits limits = {})
{
    MessageReader reader{Role::server, limits};
    const auto fed = reader.feed(as_bytes(text));
    EXPECT_FALSE(fed);
    EXPECT_FALSE(reader.feed({})) << "an error repeats";
    return fed ? Error{std::error_code{}} : fed.error();
}

// V7 of the digest between messages with all three line ends, a continuation, and stray blank lines.
TEST(MessageReader, GivesTheSameMessagesHoweverTheBytesAreCut)
{
    Bytes wire = to_bytes(as_bytes("\r\nOPTIONS rtsp://h/a RTSP/1.0\r\nCSeq: 1\r\nuser-agent:  one\r\n"
                                   "User-Agent: two\r\n\r\n"));
    const auto frame = "2401000c81ce0002cafebabe11223344"_hex;
    wire.insert(wire.end(), frame.begin(), frame.end());
    const auto rest = as_bytes("ANNOUNCE rtsp://h/a RTSP/1.0\nCSeq:2\nX: a,\n\t b\nContent-Length: 4\n\nv=0\n"
                               "\r\n\nRTSP/1.0 200\rCSeq: 7\r\r$");
    wire.insert(wire.end(), rest.begin(), rest.end());
    wire.insert(wire.end(), {0, 0, 0});
    const std::vector<Message> expected{
        Request{.method = "OPTIONS",
                .uri = "rtsp://h/a",
                .headers = {{"CSeq", "1"}, {"user-agent", "one"}, {"User-Agent", "two"}}},
        Frame{1, SharedBytes{to_bytes("81ce0002cafebabe11223344"_hex)}},
        Request{.method = "ANNOUNCE",
                .uri = "rtsp://h/a",
                .headers = {{"CSeq", "2"}, {"X", "a, b"}, {"Content-Length", "4"}},
                .body = "v=0\n"},
        Response{.status = 200, .headers = {{"CSeq", "7"}}},
        Frame{0, {}},
    };
    for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
        SCOPED_TRACE(cut);
        MessageReader reader{Role::server};
        ASSERT_TRUE(reader.feed(ByteView{wire}.first(cut)));
        ASSERT_TRUE(reader.feed(ByteView{wire}.subspan(cut)));
        EXPECT_EQ(drain(reader), expected);
    }
    MessageReader reader{Role::server};
    for (const auto byte : wire) {
        ASSERT_TRUE(reader.feed({&byte, 1}));
    }
    EXPECT_EQ(drain(reader), expected);
}

TEST(MessageReader, RefusesWhatIsNoRtsp)
{
    const auto bad = make_error_code(Errc::bad_message);
    for (const char* text : {"\x16\x03\x01", "GET\r\n", "OPTIONS rtsp://h/a\r\n", "OPTIONS  RTSP/1.0\r\n",
                             "OP TIONS rtsp://h/a RTS\r\n", "RTSP/1.0 2x0 OK\r\n", "RTSP/1.0 OK\r\n",
                             "OPTIONS * RTSP/1.0\r\nno colon here\r\n", "OPTIONS * RTSP/1.0\r\n: x\r\n"}) {
        EXPECT_EQ(error_of(text).code(), bad) << text;
    }
    EXPECT_EQ(error_of("OPTIONS * RTSP/1.0\r\nContent-Length: 1x\r\n\r\n").code(),
              make_error_code(Errc::bad_length));
    EXPECT_EQ(error_of("OPTIONS * RTSP/1.0\r\nContent-Length: -1\r\n\r\n").code(),
              make_error_code(Errc::bad_length));
}

TEST(MessageReader, HoldsNoMoreThanItsLimits)
{
    EXPECT_EQ(error_of("OPTIONS rtsp://" + std::string(5000, 'a')).code(),
              make_error_code(Errc::uri_too_long));
    const auto too_big = make_error_code(Errc::head_too_big);
    EXPECT_EQ(error_of("OPTIONS * RTSP/1.0\r\nX: " + std::string(5000, 'a')).code(), too_big);
    std::string many = "OPTIONS * RTSP/1.0\r\n";
    for (int i = 0; i < 300; ++i) {
        many += "X: a\r\n";
    }
    EXPECT_EQ(error_of(many).code(), too_big);
    std::string folded = "OPTIONS * RTSP/1.0\r\nX: a\r\n";
    for (int i = 0; i < 10; ++i) {
        folded += " " + std::string(1000, 'a') + "\r\n";
    }
    EXPECT_EQ(error_of(folded).code(), too_big);
    std::string long_head = "OPTIONS * RTSP/1.0\r\n";
    for (int i = 0; i < 10; ++i) {
        long_head += "X: " + std::string(2000, 'a') + "\r\n";
    }
    EXPECT_EQ(error_of(long_head).code(), too_big);
    EXPECT_EQ(error_of("ANNOUNCE * RTSP/1.0\r\nContent-Length: 131073\r\n\r\n").code(),
              make_error_code(Errc::body_too_big));
}

TEST(MessageReader, FindsItsWayBackAsAClient)
{
    MessageReader reader{Role::client};
    reader.expect_channel(2);
    Bytes wire = to_bytes(as_bytes("\x01\x02junk$$$ \x03RTSP/1.0 200 OK\r\nCSeq: 4\r\n\r\n\xff$\x05\x00"));
    // A frame of a channel that is not known is no frame; one of channel 2 is.
    const auto frame = "24 02 0008 0011223344556677"_hex;
    wire.insert(wire.end(), frame.begin(), frame.end());
    ASSERT_TRUE(reader.feed(wire));
    const auto all = drain(reader);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(std::get<Response>(all[0]).headers.value("cseq"), "4");
    EXPECT_EQ(std::get<Frame>(all[1]), (Frame{2, SharedBytes{to_bytes("0011223344556677"_hex)}}));
    EXPECT_EQ(reader.counters().at("lost_sync"), 2U);
}

TEST(MessageReader, GivesUpWhereNothingIsRtsp)
{
    MessageReader reader{Role::client};
    const Bytes junk(70000, 0xff);
    const auto fed = reader.feed(junk);
    ASSERT_FALSE(fed);
    EXPECT_EQ(fed.error().code(), make_error_code(Errc::no_sync));
}

TEST(MessageReader, PassesOverLinesWithoutAColonAsAClient)
{
    MessageReader reader{Role::client};
    ASSERT_TRUE(reader.feed(as_bytes("RTSP/1.0 200 OK\r\nCSeq: 1\r\nnoise\r\n\r\n")));
    EXPECT_EQ(drain(reader).size(), 1U);
    EXPECT_EQ(reader.counters().at("header_without_colon"), 1U);
}

TEST(Message, IsWrittenAsItIsRead)
{
    const Request request{.method = "SETUP",
                          .uri = "rtsp://h/a/trackID=0",
                          .headers = {{"CSeq", "3"}, {"Transport", "RTP/AVP/TCP;interleaved=0-1"}}};
    Bytes wire;
    write(wire, request);
    EXPECT_EQ(read(as_text(wire)), std::vector<Message>{request});

    Bytes answer;
    write(answer, Response{.status = 454, .headers = {{"CSeq", "3"}}, .body = "why"});
    EXPECT_EQ(as_text(answer), "RTSP/1.0 454 Session Not Found\r\nCSeq: 3\r\nContent-Length: 3\r\n\r\nwhy");

    Bytes framed;
    write(framed, Frame{1, SharedBytes{to_bytes("81ce0002cafebabe11223344"_hex)}});
    EXPECT_EQ(framed, to_bytes("2401000c81ce0002cafebabe11223344"_hex)); // V7
}

// Quirk of live555: a `$` in a text would be the begin of a frame.
TEST(Message, NeverHasADollarInItsText)
{
    Bytes wire;
    write(wire, Request{.method = "DESCRIBE", .uri = "rtsp://h/a$b", .headers = {{"X", "$1"}}});
    write(wire, Response{.reason = "$", .headers = {{"CSeq", "1$"}}, .body = "s=$\r\n"});
    EXPECT_EQ(as_text(wire).find('$'), std::string_view::npos);
    const auto all = read(as_text(wire));
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(std::get<Request>(all[0]).uri, "rtsp://h/a%24b");
    EXPECT_EQ(std::get<Response>(all[1]).body, "s=%24\r\n");
}

TEST(Message, KeepsALineALine)
{
    Bytes wire;
    write(wire, Response{.headers = {{"CSeq", "1\r\nSession: 2"}}});
    EXPECT_EQ(as_text(wire), "RTSP/1.0 200 OK\r\nCSeq: 1Session: 2\r\n\r\n");
}

} // namespace
} // namespace millrace::rtsp
