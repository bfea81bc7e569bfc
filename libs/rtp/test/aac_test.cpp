#include "payload_test.hpp"
#include <millrace/codec/aac.hpp>

namespace millrace::rtp {
namespace {

// V3: two silent access units a packet, then one of 20 bytes in two fragments.
const std::vector<Bytes> kV3{
    "80e10bb80000bb8055667788002000300030211004608c1c211004608c1c"_hex,
    "80e10bb90000c38055667788002000300030211004608c1c211004608c1c"_hex,
    "80610bc20000ea6055667788001000a0000102030405060708090a0b"_hex,
    "80e10bc30000ea6055667788001000a00c0d0e0f10111213"_hex,
};

Format format(sdp::Parameters parameters = {{"mode", "AAC-hbr"},
                                            {"sizelength", "13"},
                                            {"indexlength", "3"},
                                            {"indexdeltalength", "3"},
                                            {"config", "1190"}})
{
    return {.payload = Payload::aac,
            .kind = media::Kind::audio,
            .payload_type = 97,
            .clock_rate = 48000,
            .channels = 2,
            .parameters = std::move(parameters)};
}

Packet packet(std::uint16_t sequence, std::uint32_t timestamp, Bytes payload)
{
    return {.marker = true,
            .sequence = sequence,
            .timestamp = timestamp,
            .payload = SharedBytes{std::move(payload)}};
}

TEST(Aac, DepacketizesV3)
{
    const auto depacketizer = depacketizer_of(format());
    std::vector<Packet> packets;
    for (const auto& each : kV3) {
        packets.push_back(packet_of(each));
    }
    // The fragments have numbers of their own; nothing is missing between them.
    packets[2].sequence = 3002;
    packets[3].sequence = 3003;
    const auto out = depacketize(*depacketizer, packets);
    ASSERT_EQ(out.tracks.size(), 1U);
    EXPECT_EQ(out.tracks[0].sample_rate, 48000U);
    EXPECT_EQ(out.tracks[0].channels, 2U);
    ASSERT_EQ(out.units.size(), 5U);
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(out.units[i].payload, shared("211004608c1c"_hex));
        EXPECT_EQ(out.units[i].timestamp, 48000 + static_cast<std::int64_t>(i) * 1024);
    }
    EXPECT_EQ(out.units[4].payload, shared("000102030405060708090a0b0c0d0e0f10111213"_hex));
    EXPECT_EQ(depacketizer->stats().quirks, QuirkCounts{});
}

TEST(Aac, PacketizesAsV3)
{
    auto packetizer = make_packetizer(track_of(format(), 1), 64);
    ASSERT_TRUE(packetizer);
    Packets sink{packet_of(kV3[0])};
    (*packetizer)->packetize({.payload = shared("211004608c1c"_hex)}, 48000, sink);
    ASSERT_EQ(sink.all.size(), 1U);
    EXPECT_EQ(sink.all[0].payload, shared("00100030211004608c1c"_hex));
    EXPECT_TRUE(sink.all[0].marker);
    Packets fragments{Packet{}};
    (*packetizer)->packetize({.payload = SharedBytes{Bytes(100, 7)}}, 0, fragments);
    ASSERT_EQ(fragments.all.size(), 2U);
    EXPECT_FALSE(fragments.all[0].marker);
    EXPECT_TRUE(fragments.all[1].marker);
    const auto depacketizer = depacketizer_of(format());
    const auto out = depacketize(*depacketizer, fragments.all);
    ASSERT_EQ(out.units.size(), 1U);
    EXPECT_EQ(out.units[0].payload, SharedBytes{Bytes(100, 7)});
}

TEST(Aac, ReadsLowBitRateSizes)
{
    const auto depacketizer = depacketizer_of(format({{"mode", "AAC-lbr"}, {"config", "1190"}}));
    const auto out = depacketize(*depacketizer, {packet(1, 0, "0010 0c08 010203 0405"_hex)}); // sizes 3 and 2
    ASSERT_EQ(out.units.size(), 2U);
    EXPECT_EQ(out.units[0].payload, shared("010203"_hex));
    EXPECT_EQ(out.units[1].payload, shared("0405"_hex));
}

TEST(Aac, DropsAUnitOfWhichAFragmentIsLost)
{
    const auto depacketizer = depacketizer_of(format());
    const auto out =
        depacketize(*depacketizer, {packet_of(kV3[2]), packet(3010, 0xee60, "00100030211004608c1c"_hex)});
    ASSERT_EQ(out.units.size(), 1U);
    EXPECT_EQ(depacketizer->stats().damaged, 1U);
}

TEST(Aac, RefusesInterleaving)
{
    const auto depacketizer = depacketizer_of(format());
    EXPECT_TRUE(depacketize(*depacketizer, {packet(1, 0, "0020 0030 0031 211004608c1c 211004608c1c"_hex)})
                    .units.empty());
    EXPECT_EQ(depacketizer->stats().bad, 1U);
}

TEST(AacQuirks, TakesAdtsHeadersAway)
{
    const auto depacketizer = depacketizer_of(format());
    const auto out = depacketize(*depacketizer, {packet(1, 0, "0010 0068 fff14c8001bffc 211004608c1c"_hex)});
    ASSERT_EQ(out.units.size(), 1U);
    EXPECT_EQ(out.units[0].payload, shared("211004608c1c"_hex));
    EXPECT_EQ(depacketizer->stats().quirks.of(Quirk::adts_inside), 1U);
}

TEST(AacQuirks, PassesOverUnitsOfNoBytes)
{
    const auto depacketizer = depacketizer_of(format());
    const auto out = depacketize(*depacketizer, {packet(1, 0, "0020 0000 0030 211004608c1c"_hex)});
    ASSERT_EQ(out.units.size(), 1U);
    EXPECT_EQ(out.units[0].timestamp, 1024);
    EXPECT_EQ(depacketizer->stats().quirks.of(Quirk::empty_unit), 1U);
}

TEST(AacQuirks, MakesUpAConfigThatIsMissing)
{
    const auto depacketizer = depacketizer_of(format({{"mode", "AAC-hbr"}}));
    const auto out = depacketize(*depacketizer, {packet(1, 0, "00100030211004608c1c"_hex)});
    ASSERT_EQ(out.tracks.size(), 1U);
    const auto config = codec::aac::read_config(out.tracks[0].config);
    ASSERT_TRUE(config);
    EXPECT_EQ(config->sample_rate, 48000U);
    EXPECT_EQ(config->channels, 2U);
    EXPECT_EQ(depacketizer->stats().quirks.of(Quirk::config_missing), 1U);
}

} // namespace
} // namespace millrace::rtp
