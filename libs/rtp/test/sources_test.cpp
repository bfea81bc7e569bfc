#include <millrace/rtp/mixer.hpp>
#include <millrace/rtp/sources.hpp>

#include <gtest/gtest.h>

namespace millrace::rtp {
namespace {

using namespace std::chrono_literals;
using Verdict = Sources::Verdict;
constexpr Clock::time_point kNow{1h};

TEST(Sources, TellsACollisionFromALoop)
{
    Sources sources{7};
    EXPECT_EQ(sources.heard(7, "192.0.2.1:5004", kNow), Verdict::collision);
    sources.rename(99);
    EXPECT_EQ(sources.ours(), 99U);
    // The same address under our new name too: those are our own packets.
    EXPECT_EQ(sources.heard(99, "192.0.2.1:5004", kNow + 1s), Verdict::loop);
    EXPECT_EQ(sources.heard(99, "192.0.2.1:5004", kNow + 2s), Verdict::loop);
    EXPECT_EQ(sources.heard(99, "192.0.2.1:5004", kNow + 60s), Verdict::collision); // long forgotten
    EXPECT_EQ(sources.collisions(), 2U);
    EXPECT_EQ(sources.loops(), 2U);
    sources.set_own_address("192.0.2.9:5004");
    EXPECT_EQ(sources.heard(99, "192.0.2.9:5004", kNow), Verdict::loop);
}

TEST(Sources, KeepsTheFirstOfTwoUnderOneName)
{
    Sources sources{7};
    EXPECT_EQ(sources.heard(1, "a", kNow), Verdict::fine);
    EXPECT_EQ(sources.heard(1, "b", kNow + 1s), Verdict::taken);
    EXPECT_EQ(sources.heard(1, "a", kNow + 2s), Verdict::fine);
    sources.forget(1);
    EXPECT_EQ(sources.heard(1, "b", kNow + 3s), Verdict::fine);
    EXPECT_EQ(sources.heard(1, "c", kNow + 99s), Verdict::fine); // moved, after a silence
}

TEST(Sources, TakesANameThatNobodyHas)
{
    Sources sources{7, {.sources = 2}};
    sources.heard(1, "a", kNow);
    sources.heard(2, "a", kNow);
    sources.heard(3, "a", kNow); // one too many
    EXPECT_FALSE(sources.known(3));
    sources.rename(1);
    EXPECT_NE(sources.ours(), 1U);
    EXPECT_NE(sources.ours(), 7U);
}

TEST(Mixer, SendsUnderItsOwnNameAndTellsItsContributors)
{
    Mixer mixer{{.ssrc = 100, .sequence = 65535, .payload_type = 8}};
    mixer.contribute({.ssrc = 1});
    mixer.contribute({.ssrc = 2});
    mixer.contribute({.ssrc = 1});
    mixer.contribute({.ssrc = 200, .csrc = {3, 2}}); // another mixer
    auto packet = mixer.mix(160, true, SharedBytes{Bytes(160)});
    EXPECT_EQ(packet.ssrc, 100U);
    EXPECT_EQ(packet.sequence, 65535);
    EXPECT_EQ(packet.csrc, (std::vector<std::uint32_t>{1, 2, 200, 3}));
    mixer.contribute({.ssrc = 2});
    packet = mixer.mix(320, false, SharedBytes{Bytes(160)});
    EXPECT_EQ(packet.sequence, 0);
    EXPECT_EQ(packet.csrc, std::vector<std::uint32_t>{2});
    for (std::uint32_t i = 1; i < 40; ++i) {
        mixer.contribute({.ssrc = i});
    }
    EXPECT_EQ(mixer.mix(480, false, {}).csrc.size(), kMostSources);
}

TEST(Mixer, ReportsItselfAndNamesItsContributors)
{
    Mixer mixer{{.ssrc = 100}};
    mixer.describe({{{1, {{rtcp::SdesType::cname, "a@x"}, {rtcp::SdesType::tool, "t"}}},
                     {2, {{rtcp::SdesType::cname, "b@x"}}}}});
    mixer.leave(2);
    mixer.mix(0, false, SharedBytes{Bytes(10)});
    const auto report = mixer.report({5}, 9);
    ASSERT_EQ(report.size(), 2U);
    EXPECT_EQ(std::get<rtcp::SenderReport>(report[0]),
              (rtcp::SenderReport{.ssrc = 100, .ntp = {5}, .rtp = 9, .packets = 1, .octets = 10}));
    EXPECT_EQ(std::get<rtcp::Sdes>(report[1]).chunks,
              (std::vector<rtcp::SdesChunk>{{100, {{rtcp::SdesType::cname, "millrace"}}},
                                            {1, {{rtcp::SdesType::cname, "a@x"}}}}));
}

TEST(Translator, KeepsNamesNumbersAndTimes)
{
    Translator translator{{{96, 97}}};
    const Packet packet{.marker = true,
                        .payload_type = 96,
                        .sequence = 5,
                        .timestamp = 6,
                        .ssrc = 7,
                        .csrc = {8},
                        .payload = SharedBytes{Bytes(10)}};
    auto expected = packet;
    expected.payload_type = 97;
    EXPECT_EQ(translator.pass(packet), expected);
    auto other = packet;
    other.payload_type = 8;
    EXPECT_EQ(translator.pass(other), other);
    EXPECT_EQ(translator.pass(packet, SharedBytes{Bytes(4)}).payload.size(), 4U);
    const auto report =
        translator.pass(rtcp::Packet{rtcp::SenderReport{.ssrc = 7, .packets = 1, .octets = 10}});
    EXPECT_EQ(std::get<rtcp::SenderReport>(report).octets, 4U);
    EXPECT_EQ(std::get<rtcp::Bye>(translator.pass(rtcp::Packet{rtcp::Bye{{7}, {}}})).sources[0], 7U);
}

} // namespace
} // namespace millrace::rtp
