// What clients announce, what that means for what they are sent, and what is said back.
#include "conversation.hpp"

#include <gtest/gtest.h>

namespace millrace::rtmp {
namespace {

using amf::Object;
using amf::StrictArray;
using media::Kind;

constexpr std::uint32_t kAvc1 = 0x61766331;
constexpr std::uint32_t kHvc1 = 0x68766331;
constexpr std::uint32_t kOpus = 0x4f707573;

Capabilities announced(amf::Members members)
{
    return read_capabilities(Object{.members = std::move(members)});
}

TEST(Capabilities, AreThoseOfAPlainReaderWhenNothingIsAnnounced)
{
    const auto none = announced({{"app", "live"}, {"videoCodecs", 252}});
    EXPECT_EQ(none, Capabilities{});
    EXPECT_EQ(options_for(none), flv::Options::plain());
}

TEST(Capabilities, AreReadFromTheListOfTheFirstVersion)
{
    const auto list =
        announced({{"fourCcList", StrictArray{"av01", "hvc1", "hvc1", 7, "\x01\x02\x03\x04", "avc"}}});
    EXPECT_TRUE(list.announced);
    EXPECT_EQ(list.four_cc_list, (std::vector<std::string>{"av01", "hvc1"}));
    EXPECT_TRUE(list.takes.has(Kind::video, kHvc1));
    EXPECT_FALSE(list.takes.has(Kind::video, kAvc1));
    EXPECT_FALSE(list.takes.has(Kind::audio, kOpus));
    EXPECT_FALSE(options_for(list).multitrack);
    EXPECT_EQ(announced({{"fourCcList", StrictArray{"*"}}}).takes, flv::FourCcs::all());
}

TEST(Capabilities, AreReadFromMapsOfWhoDecodesOrForwards)
{
    const auto maps =
        announced({{"videoFourCcInfoMap", Object{.members = {{"hvc1", 1}, {"avc1", 2}, {"av01", 4}}}},
                   {"capsEx", 4 | 8}});
    EXPECT_TRUE(maps.takes.has(Kind::video, kHvc1));
    EXPECT_FALSE(maps.takes.has(Kind::video, kAvc1)) << "it can only encode that";
    EXPECT_TRUE(maps.takes.has(Kind::audio, kOpus)) << "of sound it said nothing";
    EXPECT_TRUE(options_for(maps).nanoseconds);
    EXPECT_FALSE(options_for(maps).multitrack);
    const auto all = announced({{"audioFourCcInfoMap", Object{.members = {{"*", 4}}}}, {"capsEx", 2}});
    EXPECT_EQ(all.takes, flv::FourCcs::all());
    EXPECT_TRUE(all.multitrack);
    EXPECT_FALSE(all.reconnect);
}

TEST(Capabilities, OfAWrongTypeArePassedOver)
{
    EXPECT_EQ(announced({{"fourCcList", "hvc1"},
                         {"videoFourCcInfoMap", 4},
                         {"audioFourCcInfoMap", StrictArray{"Opus"}},
                         {"capsEx", "many"}}),
              Capabilities{});
    EXPECT_FALSE(announced({{"capsEx", -1}}).announced);
    EXPECT_FALSE(announced({{"capsEx", 1e300}}).announced);
}

TEST(Capabilities, AreLimitedInNumber)
{
    StrictArray list;
    Object map;
    for (int i = 1000; i < 2000; ++i) {
        list.emplace_back(std::to_string(i));
        map.members.emplace_back(std::to_string(i), 4);
    }
    map.members.emplace_back("hvc1", 4);
    EXPECT_EQ(announced({{"fourCcList", list}}).four_cc_list.size(), Capabilities::kMostCodecs);
    EXPECT_FALSE(announced({{"videoFourCcInfoMap", map}}).takes.has(Kind::video, kHvc1));
}

TEST(Capabilities, AreToldByBothSidesWhenTheyConnect)
{
    for (const auto role : {Client::Role::play, Client::Role::publish}) {
        Conversation talk{{.role = role, .app = "live", .tc_url = "rtmp://h/live", .name = "cam"}};
        talk.run();
        const auto asked = talk.from_server<ConnectRequested>().at(0).capabilities;
        EXPECT_TRUE(asked.multitrack);
        EXPECT_TRUE(asked.reconnect);
        EXPECT_EQ(options_for(asked), flv::Options{});
        const auto& told = talk.client.server_capabilities();
        EXPECT_TRUE(told.announced);
        EXPECT_TRUE(told.multitrack);
        EXPECT_TRUE(told.nanoseconds);
        EXPECT_TRUE(told.reconnect);
        EXPECT_EQ(told.takes, flv::FourCcs::all());
    }
}

TEST(ReconnectRequest, ReachesWhoAnnouncedThatItFollows)
{
    Conversation talk{{.role = Client::Role::play, .app = "live", .tc_url = "rtmp://h/live", .name = "cam"}};
    EXPECT_FALSE(talk.server.request_reconnect("", "too early"));
    talk.run();
    EXPECT_TRUE(talk.server.request_reconnect("rtmp://other/live", "this server is being maintained"));
    talk.run();
    const auto asked = talk.from_client<ReconnectRequested>();
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_EQ(asked[0].tc_url, "rtmp://other/live");
    EXPECT_EQ(asked[0].description, "this server is being maintained");
    EXPECT_FALSE(talk.client.closed()) << "it is served on until it leaves";

    Peer deaf;
    deaf.shake_hands();
    deaf.command(0, {"connect", 1, Object{.members = {{"app", "live"}, {"tcUrl", "rtmp://h/live"}}}});
    deaf.server.accept_connect();
    deaf.answers();
    EXPECT_FALSE(deaf.server.request_reconnect("", "maintenance"));
    EXPECT_EQ(deaf.answers(), Lines{});
}

} // namespace
} // namespace millrace::rtmp
