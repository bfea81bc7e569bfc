#include <millrace/rtp/feedback.hpp>
#include <millrace/rtp/rtcp.hpp>
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>

namespace millrace::rtp {
namespace {

using namespace testing::literals;
using namespace std::chrono_literals;
using namespace rtcp;

// V5
const Bytes kSenderReport =
    "80c8000611223344e93c7f008000000000017bb0000000060000003881ca000311223344010563616d407800"_hex;
const Bytes kReceiverReport =
    "81c90007cafebabe1122334440000003000103ed0000008e7f0080000000400081ca0003cafebabe0103737276000000"_hex;
const Bytes kBye = "81cb00031122334404646f6e65000000"_hex;
const Bytes kApp = "80cc0003112233445445535401020304"_hex;
const Bytes kNack = "81cd0003cafebabe1122334403eb0005"_hex;
const Bytes kPli = "81ce0002cafebabe11223344"_hex;
const Bytes kFir = "84ce0004cafebabe000000001122334407000000"_hex;
const Bytes kRemb = "8fce0005cafebabe0000000052454d420112625a11223344"_hex;
const Bytes kTwcc = "8fcd0006cafebabe112233440064000600012305d4940408fff41004"_hex;

std::vector<rtcp::Packet> read(const Bytes& wire)
{
    QuirkCounts quirks;
    auto packets = read_compound(wire, quirks);
    EXPECT_TRUE(packets);
    return packets ? *packets : std::vector<rtcp::Packet>{};
}

Bytes written(const std::vector<rtcp::Packet>& packets)
{
    Bytes bytes;
    ByteWriter out{bytes};
    for (const auto& packet : packets) {
        write(out, packet);
    }
    return bytes;
}

/// Reads, compares, writes: the same bytes.
void expect_both_ways(const Bytes& wire, const std::vector<rtcp::Packet>& packets)
{
    EXPECT_EQ(read(wire), packets);
    EXPECT_EQ(written(packets), wire);
}

TEST(RtcpV5, SenderReportAndSdes)
{
    const SenderReport report{
        .ssrc = 0x11223344, .ntp = {0xe93c7f0080000000}, .rtp = 97200, .packets = 6, .octets = 56};
    expect_both_ways(kSenderReport, {report, Sdes{{{0x11223344, {{SdesType::cname, "cam@x"}}}}}});
    using namespace std::chrono;
    const auto wall = sys_days{year{2024} / 1 / 1} + 500ms;
    EXPECT_EQ(to_wall(report.ntp), wall);
    EXPECT_EQ(to_ntp(wall), report.ntp);
    EXPECT_EQ(to_ntp(wall + 40ms) - report.ntp, 40ms);
}

TEST(RtcpV5, ReceiverReportAndSdes)
{
    const ReportBlock block{.ssrc = 0x11223344,
                            .fraction = 64,
                            .lost = 3,
                            .highest = 1U << 16U | 1005,
                            .jitter = 142,
                            .last_report = 0x7f008000,
                            .delay = 0x4000};
    expect_both_ways(kReceiverReport, {ReceiverReport{0xcafebabe, {block}, {}},
                                       Sdes{{{0xcafebabe, {{SdesType::cname, "srv"}}}}}});
    // Received at A = 7f00ca3d: the round trip is 0.03999 s.
    const auto trip = from_middle(0x7f00ca3d - block.last_report - block.delay);
    EXPECT_NEAR(std::chrono::duration<double>(trip).count(), 0.03999, 1e-5);
}

TEST(RtcpV5, Bye)
{
    expect_both_ways(kBye, {Bye{{0x11223344}, "done"}});
}

TEST(RtcpV5, App)
{
    expect_both_ways(kApp, {App{0, 0x11223344, "TEST", "01020304"_hex}});
}

TEST(RtcpV5, Nack)
{
    expect_both_ways(kNack, {Nack{0xcafebabe, 0x11223344, {1003, 1004, 1006}}});
}

TEST(RtcpV5, Pli)
{
    expect_both_ways(kPli, {Pli{0xcafebabe, 0x11223344}});
}

TEST(RtcpV5, Fir)
{
    expect_both_ways(kFir, {Fir{0xcafebabe, 0, {{0x11223344, 7}}}});
}

TEST(RtcpV5, Remb)
{
    expect_both_ways(kRemb, {Remb{0xcafebabe, 0, 2'500'000, {0x11223344}}});
}

TEST(RtcpV5, TransportWideFeedback)
{
    expect_both_ways(
        kTwcc, {TransportFeedback{0xcafebabe, 0x11223344, 100, 0x123, 5, {4, 8, std::nullopt, -12, 16, 4}}});
}

TEST(Rtcp, WritesTransportWideChunksOfEachKind)
{
    TransportFeedback feedback{.base = 65535};
    for (int i = 0; i < 100; ++i) {
        feedback.deltas.emplace_back(1); // a run
    }
    for (int i = 0; i < 40; ++i) {
        feedback.deltas.push_back(i % 2 == 0 ? std::optional<std::int16_t>{255}
                                             : std::nullopt); // one bit each
    }
    for (int i = 0; i < 9; ++i) {
        feedback.deltas.emplace_back(static_cast<std::int16_t>(i % 3 == 0 ? 256 : -1)); // two bits each
    }
    EXPECT_EQ(read(written({feedback})), std::vector<rtcp::Packet>{feedback});
}

TEST(Rtcp, ReadsAndWritesExtendedReports)
{
    const ExtendedReport report{0xcafebabe,
                                {ReferenceTime{{0xe93c7f0080000000}},
                                 DelaySinceLast{{{0x11223344, 0x7f008000, 0x4000}}},
                                 OtherBlock{6, 1, "0011223344556677"_hex}}};
    expect_both_ways(
        "80cf000b cafebabe 04000002 e93c7f0080000000 05000003 11223344 7f008000 00004000 06010002 0011223344556677"_hex,
        {report});
}

TEST(Rtcp, ReadsNegativeLoss)
{
    const auto packets = read("81c90007cafebabe11223344 00ffffff 000103ed0000008e0000000000000000"_hex);
    EXPECT_EQ(std::get<ReceiverReport>(packets.at(0)).blocks.at(0).lost, -1);
}

TEST(Rtcp, ToleratesWhatProductsSend)
{
    const auto count = [](const Bytes& wire, Quirk quirk) {
        QuirkCounts quirks;
        EXPECT_TRUE(read_compound(wire, quirks));
        return quirks.of(quirk);
    };
    EXPECT_EQ(
        count("80c8000611223344e93c7f008000000000017bb00000000600000038"_hex, Quirk::bare_sender_report), 1U);
    EXPECT_EQ(count(kPli, Quirk::reduced_size), 1U);
    EXPECT_EQ(count("80c90001cafebabe 81ca0002cafebabe01027372"_hex, Quirk::sdes_without_end), 1U);
    EXPECT_EQ(count("80c90001cafebabe00000000"_hex, Quirk::trailing_zeros), 1U);
    QuirkCounts quirks;
    // An unknown type is skipped by its length; a packet that cannot be read does not hide those behind it.
    const auto packets = read_compound(
        "80c90001cafebabe 80d20001aabbccdd 85cb0001 11223344 81ce0002cafebabe11223344"_hex, quirks);
    ASSERT_EQ(packets->size(), 3U);
    EXPECT_EQ(std::get<Other>(packets->at(1)).data, Bytes("aabbccdd"_hex));
    EXPECT_TRUE(std::holds_alternative<Pli>(packets->at(2)));
    EXPECT_EQ(read_compound("80600001cafebabe"_hex, quirks).error().code(), make_error_code(Errc::not_rtcp));
    EXPECT_EQ(read_compound("80c90007cafebabe"_hex, quirks).error().code(), make_error_code(Errc::truncated));
}

TEST(Ntp, GoesOnAfter2036)
{
    using namespace std::chrono;
    const auto after = sys_days{year{2036} / 2 / 8} + 250ms;
    EXPECT_EQ(to_wall(to_ntp(after)), after);
    const auto before = sys_days{year{2036} / 2 / 7} + hours{6};
    EXPECT_EQ(to_ntp(before + hours{1}) - to_ntp(before), hours{1}); // across the wrap at 06:28:16
    EXPECT_EQ(to_ntp(before) - to_ntp(before + 1500ms), -1500ms);
    EXPECT_EQ(to_middle(250ms), 0x4000U);
    EXPECT_EQ(to_middle(-1s), 0U);
}

TEST(Feedback, TellsWhatAViewerGets)
{
    Feedback viewer;
    const Clock::time_point begin{1h};
    viewer.sent_report(0x7f008000, begin);
    ASSERT_TRUE(viewer.feed(kReceiverReport, begin + 290ms)); // of which it held the report for 250 ms
    const auto& figures = viewer.figures().at(0x11223344);
    EXPECT_DOUBLE_EQ(figures.fraction_lost, 0.25);
    EXPECT_EQ(figures.lost, 3);
    EXPECT_EQ(figures.round_trip, 40ms);
    EXPECT_EQ(viewer.last_heard(), begin + 290ms);
    EXPECT_FALSE(viewer.left());
    ASSERT_TRUE(viewer.feed(kBye, begin));
    EXPECT_TRUE(viewer.left());
    EXPECT_FALSE(viewer.feed("00"_hex, begin));
}

TEST(Feedback, TellsWhatAViewerWants)
{
    Feedback viewer{{.nacks = 4}};
    EXPECT_FALSE(viewer.take_key_request());
    ASSERT_TRUE(viewer.feed(kPli, {}));
    EXPECT_TRUE(viewer.take_key_request());
    EXPECT_FALSE(viewer.take_key_request());
    ASSERT_TRUE(viewer.feed(kFir, {}));
    EXPECT_TRUE(viewer.take_key_request());
    ASSERT_TRUE(viewer.feed(kFir, {})); // the same number is the same request
    EXPECT_FALSE(viewer.take_key_request());
    ASSERT_TRUE(viewer.feed(kNack, {}));
    ASSERT_TRUE(viewer.feed(kNack, {}));
    const auto wanted = viewer.take_wanted();
    ASSERT_EQ(wanted.size(), 4U); // and not a fifth
    EXPECT_EQ(wanted[2], (Feedback::Wanted{0x11223344, 1006}));
    EXPECT_TRUE(viewer.take_wanted().empty());
    ASSERT_TRUE(viewer.feed(kRemb, {}));
    EXPECT_EQ(viewer.estimate(), 2'500'000U);
}

} // namespace
} // namespace millrace::rtp
