#include <millrace/rtsp/transport.hpp>

#include <gtest/gtest.h>

namespace millrace::rtsp {
namespace {

// §8.2 of the digest: what clients really send.
TEST(Transport, IsReadAsClientsWriteIt)
{
    struct Case {
        const char* text;
        Transport transport;
    };
    const Case cases[]{
        {"RTP/AVP/UDP;unicast;client_port=22720-22721",
         {.udp_spelled = true, .client_port = Ports{22720, 22721}}},
        {"RTP/AVP/TCP;unicast;interleaved=0-1", {.lower = Lower::tcp, .interleaved = Ports{0, 1}}},
        {"RTP/AVP/UDP;multicast", {.udp_spelled = true, .multicast = true}},
        {"RTP/AVP;unicast;client_port=5000", {.client_port = Ports{5000, 5001}}},
        {"RTP/AVP;client_port=5000-5007", {.client_port = Ports{5000, 5007}}},
        {"RTP/AVP", {.multicast = true}},
        {"unicast;mode=\"RECORD\";rtp/avp/tcp;interleaved=1-2",
         {.lower = Lower::tcp, .interleaved = Ports{1, 2}, .record = true}},
        {"RTP/AVP/TCP;unicast;interleaved=0-1;mode=receive",
         {.lower = Lower::tcp, .interleaved = Ports{0, 1}, .record = true}},
        {"RTP/AVP;unicast;client_port=1-2;ssrc= 4317f", {.client_port = Ports{1, 2}, .ssrc = 0x4317f}},
        {"RTP/AVP;unicast;client_port=1-2;ssrc=99999999999", {.client_port = Ports{1, 2}}},
        {"RTP/AVP/TCP;unicast;interleaved=0-1,ssrc=1",
         {.lower = Lower::tcp, .interleaved = Ports{0, 1}, .ssrc = 1}},
        {"RTP/AVP;multicast;destination=239.1.2.3;port=5000-5001;ttl=3",
         {.multicast = true, .port = Ports{5000, 5001}, .destination = "239.1.2.3", .ttl = 3}},
        {"RTP/AVP/UDP;unicast;client_port=0-0;mode=record;append",
         {.udp_spelled = true, .client_port = Ports{0, 0}, .record = true, .append = true}},
        {"RTP/SAVP;unicast;server_port=7-8;source=10.0.0.1",
         {.profile = "RTP/SAVP", .server_port = Ports{7, 8}, .source = "10.0.0.1"}},
    };
    for (const auto& [text, transport] : cases) {
        EXPECT_EQ(read_transports(text), std::vector<Transport>{transport}) << text;
    }
    EXPECT_EQ(read_transports("RTP/AVP/TCP;unicast;interleaved=0-1,RTP/AVP;unicast;client_port=2-3").size(),
              2U);
    EXPECT_TRUE(read_transports("").empty());
    EXPECT_TRUE(read_transports("client_port=5000").empty());
}

TEST(Transport, IsWrittenAsItIsRead)
{
    const Transport transports[]{
        {.udp_spelled = true, .client_port = Ports{22720, 22721}, .server_port = Ports{30000, 30001}},
        {.lower = Lower::tcp, .interleaved = Ports{2, 3}, .ssrc = 0x12AB, .record = true},
        {.multicast = true,
         .port = Ports{5000, 5001},
         .destination = "239.1.2.3",
         .source = "::1",
         .ttl = 16},
    };
    for (const auto& transport : transports) {
        EXPECT_EQ(read_transports(write(transport)), std::vector<Transport>{transport}) << write(transport);
    }
    EXPECT_EQ(write(transports[1]), "RTP/AVP/TCP;unicast;interleaved=2-3;ssrc=000012AB;mode=record");
}

TEST(Transport, IsChosenByTheClientsPreference)
{
    const auto wanted = read_transports("RTP/SAVP;unicast;client_port=4-5,RTP/AVP;multicast,"
                                        "RTP/AVP;unicast;client_port=2-3,RTP/AVP/TCP;interleaved=0-1");
    ASSERT_EQ(wanted.size(), 4U);
    EXPECT_EQ(choose(wanted, {.secure_rtp = true}), wanted[0]);
    EXPECT_EQ(choose(wanted, {.multicast = true}), wanted[1]);
    EXPECT_EQ(choose(wanted, {}), wanted[2]);
    EXPECT_EQ(choose(wanted, {.udp = false}), wanted[3]);
    EXPECT_EQ(choose(wanted, {.udp = false, .tcp = false}), std::nullopt);
    const auto named = read_transports("RTP/AVP;multicast;destination=239.1.1.1;port=2-3");
    EXPECT_EQ(choose(named, {.multicast = true}), std::nullopt);
    EXPECT_EQ(choose(named, {.multicast = true, .client_multicast = true}), named[0]);
}

} // namespace
} // namespace millrace::rtsp
