#include <millrace/rtmp/tunnel.hpp>
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>

namespace millrace::rtmp {
namespace {

using namespace testing::literals;
using Kind = TunnelRequest::Kind;
using Turn = ServerTunnel::Turn;

TEST(TunnelPath, IsReadAsClientsWriteIt)
{
    EXPECT_EQ(read_tunnel_path("/fcs/ident2"), (TunnelRequest{.kind = Kind::ident}));
    EXPECT_EQ(read_tunnel_path("/open/1"), (TunnelRequest{.kind = Kind::open}));
    EXPECT_EQ(read_tunnel_path("/send/AbC123/0"), (TunnelRequest{.kind = Kind::send, .id = "AbC123"}));
    EXPECT_EQ(read_tunnel_path("/idle/AbC123/7"),
              (TunnelRequest{.kind = Kind::idle, .id = "AbC123", .sequence = 7}));
    EXPECT_EQ(read_tunnel_path("/close/AbC123/4294967295"),
              (TunnelRequest{.kind = Kind::close, .id = "AbC123", .sequence = 4294967295}));
}

TEST(TunnelPath, IsNoneWhenItIsAnythingElse)
{
    for (const char* path : {"", "/", "/open", "/open/", "/open/1/2", "/send/ABC", "/send/ABC/",
                             "/send/ABC/x", "/send/ABC/1/2", "/send//1", "/send/A-C/1", "/send/ABC/-1",
                             "/send/ABC/4294967296", "/live/cam.flv", "/sendx/ABC/1", "/idle/ABC/1x"}) {
        EXPECT_EQ(read_tunnel_path(path), std::nullopt) << path;
    }
    EXPECT_EQ(read_tunnel_path("/send/" + std::string(65, 'a') + "/1"), std::nullopt);
}

TEST(ServerTunnel, TakesRequestsInTheirOrder)
{
    ServerTunnel tunnel;
    EXPECT_EQ(tunnel.turn(2), Turn::early);
    EXPECT_EQ(tunnel.turn(0), Turn::now);
    tunnel.begin(0);
    EXPECT_EQ(tunnel.turn(1), Turn::early); // The first one has no answer yet.
    tunnel.answer({});
    EXPECT_EQ(tunnel.turn(1), Turn::now);
    EXPECT_EQ(tunnel.turn(17), Turn::early);
    EXPECT_EQ(tunnel.turn(18), Turn::too_far);
}

TEST(ServerTunnel, GivesTheNewestAnswerAgainAndNoOlderOne)
{
    ServerTunnel tunnel;
    const Bytes bytes{1, 2, 3};
    tunnel.begin(0);
    tunnel.answer({});
    tunnel.begin(1);
    tunnel.answer(bytes);
    EXPECT_EQ(tunnel.turn(1), Turn::repeated);
    EXPECT_EQ(tunnel.last_answer(), (Bytes{1, 1, 2, 3}));
    EXPECT_EQ(tunnel.turn(0), Turn::stale);
}

TEST(ServerTunnel, CountsAcrossTheWrap)
{
    ServerTunnel tunnel;
    tunnel.begin(4294967295); // As if it had come so far.
    tunnel.answer({});
    EXPECT_EQ(tunnel.turn(0), Turn::now);
    EXPECT_EQ(tunnel.turn(4294967295), Turn::repeated);
}

// V13: StreamBegin is pending.
TEST(ServerTunnel, PutsThePollingByteBeforeTheRtmpOfAnAnswer)
{
    const auto stream_begin = "02 000000 000006 04 00000000 0000 00000001"_hex;
    ServerTunnel tunnel;
    tunnel.begin(7);
    EXPECT_EQ(tunnel.answer(stream_begin), Bytes("01 02 000000 000006 04 00000000 0000 00000001"_hex));
    EXPECT_EQ(tunnel.last_answer().size(), 19U);
}

TEST(ServerTunnel, AsksForLongerPausesWhileThereIsNothingToSay)
{
    ServerTunnel tunnel;
    Bytes seen;
    for (std::uint32_t i = 0; i < 70; ++i) {
        tunnel.begin(i);
        const auto& answer = tunnel.answer({});
        ASSERT_EQ(answer.size(), 1U);
        if (seen.empty() || seen.back() != answer.front()) {
            seen.push_back(answer.front());
        }
    }
    EXPECT_EQ(seen, (Bytes{0x01, 0x03, 0x05, 0x09, 0x11, 0x21}));
    tunnel.begin(70);
    EXPECT_EQ(tunnel.answer(Bytes{2}), (Bytes{0x01, 2}));
}

} // namespace
} // namespace millrace::rtmp
