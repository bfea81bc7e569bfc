#include "payload_test.hpp"

namespace millrace::rtp {
namespace {

// V2: H.265 64x64: an aggregate of VPS, SPS and PPS; a fragmented IDR picture; a single unit.
const Bytes kVps = "40010c01ffff01600000030090000003000003001e959809"_hex;
const Bytes kSps = "42010101600000030090000003000003001ea020810596566924caf0168080000003008000000c84"_hex;
const Bytes kPps = "4401c172b42240"_hex;
const Bytes kIdr = "2801af1d80f7015bd6beccf0"_hex;
const Bytes kTrail = "0201d0097e10c63bfa84"_hex;
const Bytes kLater = "28015097e10c"_hex; // a slice that is not the first
const std::vector<Bytes> kV2{
    "806207d000015f90112233446001001840010c01ffff01600000030090000003000003001e95980900284201010160000003"
    "0090000003000003001ea020810596566924caf0168080000003008000000c8400074401c172b42240"_hex,
    "806207d100015f9011223344620194af1d80f7015b"_hex,
    "80e207d200015f9011223344620154d6beccf0"_hex,
    "80e207d300016da0112233440201d0097e10c63bfa84"_hex,
};

Format format(sdp::Parameters parameters = {})
{
    return {.payload = Payload::h265, .payload_type = 98, .parameters = std::move(parameters)};
}

std::vector<Packet> v2()
{
    std::vector<Packet> out;
    for (const auto& each : kV2) {
        out.push_back(packet_of(each));
    }
    return out;
}

TEST(H265, DepacketizesV2)
{
    const auto depacketizer = depacketizer_of(format());
    const auto out = depacketize(*depacketizer, v2());
    ASSERT_EQ(out.tracks.size(), 1U);
    EXPECT_EQ(out.tracks[0].codec, media::Codec::h265);
    EXPECT_EQ(out.tracks[0].width, 64U);
    ASSERT_EQ(out.units.size(), 2U);
    EXPECT_EQ(out.units[0].payload, shared(prefixed({kIdr})));
    EXPECT_TRUE(out.units[0].key);
    EXPECT_EQ(out.units[1].payload, shared(prefixed({kTrail})));
    EXPECT_FALSE(out.units[1].key);
    EXPECT_EQ(depacketizer->stats().quirks, QuirkCounts{});
}

TEST(H265, PacketizesV2)
{
    const auto depacketizer = depacketizer_of(format());
    const auto out = depacketize(*depacketizer, v2());
    auto packetizer = make_packetizer(out.tracks.at(0), 100);
    ASSERT_TRUE(packetizer);
    Packets sink{packet_of(kV2[0])};
    (*packetizer)->packetize({.key = true, .payload = shared(prefixed({kIdr}))}, 90000, sink);
    (*packetizer)->packetize({.payload = shared(prefixed({kTrail}))}, 93600, sink);
    ASSERT_EQ(sink.all.size(), 3U);
    EXPECT_EQ(bytes_of(sink.all[0]), kV2[0]);
    EXPECT_EQ(sink.all[1].payload, shared(Bytes{kIdr}));
    EXPECT_EQ(sink.all[2].payload, shared(Bytes{kTrail}));
    EXPECT_TRUE(sink.all[2].marker);
}

TEST(H265, FragmentsWhatIsTooBigAndPutsItTogetherAgain)
{
    Bytes big(5000, 0x55);
    big[0] = 0x28;
    big[1] = 0x01;
    big[2] = 0xaf;
    const auto sets =
        sdp::Parameters{{"sprop-vps", "QAEMAf//AWAAAAMAkAAAAwAAAwAelZgJ"},
                        {"sprop-sps", "QgEBAWAAAAMAkAAAAwAAAwAeoCCBBZZWaSTK8BaAgAAAAwCAAAAMhA=="},
                        {"sprop-pps", "RAHBcrQiQA=="}};
    const auto track = track_of(format(sets), 0);
    EXPECT_EQ(track.height, 64U);
    EXPECT_EQ(format_for(track)->parameters, sets);
    for (const std::size_t most : {64U, 100U, 1440U}) {
        auto packetizer = make_packetizer(track, most);
        Packets sink{Packet{.sequence = 65530}};
        (*packetizer)->packetize({.key = true, .payload = shared(prefixed({big, kLater}))}, 7, sink);
        for (const auto& each : sink.all) {
            EXPECT_LE(each.payload.size(), most);
        }
        const auto depacketizer = depacketizer_of(format());
        const auto out = depacketize(*depacketizer, sink.all);
        ASSERT_EQ(out.units.size(), 1U);
        EXPECT_EQ(out.units[0].payload.size(), 5000U + 4 + kLater.size() + 4);
    }
}

TEST(H265, ReadsDecodingOrderNumbersWhereTheFmtpTellsOfThem)
{
    const auto depacketizer = depacketizer_of(format({{"sprop-max-don-diff", "1"}}));
    const auto packet = [](std::uint16_t sequence, bool marker, Bytes payload) {
        return Packet{.marker = marker, .sequence = sequence, .payload = SharedBytes{std::move(payload)}};
    };
    Bytes aggregate = "6001"_hex;
    ByteWriter out{aggregate};
    bool first = true;
    for (const auto* set : {&kVps, &kSps, &kPps}) {
        first ? out.u16(7) : out.u8(0);
        first = false;
        out.u16(static_cast<std::uint16_t>(set->size()));
        out.bytes(*set);
    }
    const auto got = depacketize(*depacketizer,
                                 {packet(1, false, aggregate), packet(2, false, "6201940008af1d80f7015b"_hex),
                                  packet(3, true, "620154d6beccf0"_hex)});
    ASSERT_EQ(got.units.size(), 1U);
    EXPECT_EQ(got.units[0].payload, shared(prefixed({kIdr})));
}

} // namespace
} // namespace millrace::rtp
