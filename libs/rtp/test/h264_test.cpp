#include "payload_test.hpp"

namespace millrace::rtp {
namespace {

const Bytes kSps = "6742c00ada25b011000003000100000300320f1226a0"_hex;
const Bytes kPps = "68ce0fc8"_hex;
const Bytes kIdr = "6588843a26280c9d75e0"_hex;
const Bytes kP1 = "419a20268b"_hex;
const Bytes kLater = "651a402a8b"_hex;
const Bytes kP2 = "419a402a8b"_hex;
constexpr std::string_view kSprops = "Z0LACtolsBEAAAMAAQAAAwAyDxImoA==,aM4PyA==";

// V1: H.264 32x32 baseline, three frames: STAP-A; FU-A start, middle, end; two single units.
const std::vector<Bytes> kV1{
    "806003e800015f90112233447800166742c00ada25b011000003000100000300320f1226a0000468ce0fc8"_hex,
    "806003e900015f90112233447c8588843a26"_hex,
    "806003ea00015f90112233447c05280c9d"_hex,
    "80e003eb00015f90112233447c4575e0"_hex,
    "80e003ec00016da011223344419a20268b"_hex,
    "80e003ed00017bb011223344419a402a8b"_hex,
};

Format format(sdp::Parameters parameters = {{"packetization-mode", "1"}})
{
    return {.payload = Payload::h264,
            .payload_type = 96,
            .clock_rate = 90000,
            .parameters = std::move(parameters)};
}

std::vector<Packet> packets_of(const std::vector<Bytes>& wire)
{
    std::vector<Packet> out;
    for (const auto& each : wire) {
        out.push_back(packet_of(each));
    }
    return out;
}

/// A packet with that payload.
Packet packet(std::uint16_t sequence, std::uint32_t timestamp, bool marker, const Bytes& payload)
{
    return {.marker = marker,
            .payload_type = 96,
            .sequence = sequence,
            .timestamp = timestamp,
            .payload = SharedBytes::copy_of(payload)};
}

media::Track track()
{
    return track_of(format({{"packetization-mode", "1"}, {"sprop-parameter-sets", std::string{kSprops}}}), 0);
}

TEST(H264, DepacketizesV1)
{
    const auto depacketizer = depacketizer_of(format());
    const auto out = depacketize(*depacketizer, packets_of(kV1));
    ASSERT_EQ(out.tracks.size(), 1U);
    EXPECT_EQ(out.tracks[0], track());
    EXPECT_EQ(out.tracks[0].width, 32U);
    ASSERT_EQ(out.units.size(), 3U);
    EXPECT_EQ(out.units[0].payload, shared(prefixed({kIdr})));
    EXPECT_TRUE(out.units[0].key);
    EXPECT_EQ(out.units[0].timestamp, 90000);
    EXPECT_EQ(out.units[1].payload, shared(prefixed({kP1})));
    EXPECT_FALSE(out.units[1].key);
    EXPECT_EQ(out.units[2].payload, shared(prefixed({kP2})));
    EXPECT_EQ(out.units[2].timestamp, 97200);
    EXPECT_EQ(depacketizer->stats().quirks, QuirkCounts{});
}

TEST(H264, PacketizesV1)
{
    auto packetizer = make_packetizer(track(), 64);
    ASSERT_TRUE(packetizer);
    Packets sink{packet_of(kV1[0])};
    (*packetizer)->packetize({.key = true, .payload = shared(prefixed({kIdr}))}, 90000, sink);
    (*packetizer)->packetize({.payload = shared(prefixed({kP1}))}, 93600, sink);
    (*packetizer)->packetize({.payload = shared(prefixed({kP2}))}, 97200, sink);
    ASSERT_EQ(sink.all.size(), 4U); // the IDR picture fits into one
    EXPECT_EQ(bytes_of(sink.all[0]), kV1[0]);
    EXPECT_EQ(sink.all[1].payload, shared(Bytes{kIdr}));
    EXPECT_TRUE(sink.all[1].marker);
    auto last = packet_of(kV1[5]);
    last.sequence = sink.all[3].sequence;
    EXPECT_EQ(sink.all[3], last);
}

TEST(H264, FragmentsWhatIsTooBigAndPutsItTogetherAgain)
{
    Bytes big(5000, 0x55);
    big[0] = 0x65;
    big[1] = 0x48; // a slice that is not the first
    for (const std::size_t most : {64U, 100U, 1440U}) {
        auto packetizer = make_packetizer(track(), most);
        Packets sink{Packet{.sequence = 65530}};
        (*packetizer)->packetize({.key = true, .payload = shared(prefixed({kIdr, big, kLater}))}, 7, sink);
        for (const auto& each : sink.all) {
            EXPECT_LE(each.payload.size(), most);
            EXPECT_EQ(each.marker, &each == &sink.all.back());
        }
        const auto depacketizer = depacketizer_of(format());
        const auto out = depacketize(*depacketizer, sink.all);
        ASSERT_EQ(out.units.size(), 1U);
        EXPECT_EQ(out.units[0].payload, shared(prefixed({kIdr, big, kLater})));
    }
}

TEST(H264, TakesParameterSetsOfTheSdp)
{
    const auto depacketizer = depacketizer_of(
        format({{"packetization-mode", "1"}, {"sprop-parameter-sets", std::string{kSprops}}}));
    const auto out = depacketize(*depacketizer, {packet(1, 0, true, kIdr)});
    ASSERT_EQ(out.tracks.size(), 1U);
    EXPECT_EQ(out.units.size(), 1U);
    EXPECT_FALSE(drain(*depacketizer_of(format())).tracks.size());
}

TEST(H264, WaitsForParameterSetsInBand)
{
    const auto depacketizer = depacketizer_of(format());
    auto out = depacketize(*depacketizer, {packet(1, 0, true, kP1), packet(2, 3600, true, kP1)});
    EXPECT_TRUE(out.units.empty());
    out = depacketize(*depacketizer, packets_of(kV1));
    EXPECT_EQ(out.units.size(), 3U);
}

TEST(H264, TellsAChangedConfiguration)
{
    const auto depacketizer = depacketizer_of(format());
    auto other = kSps;
    other.back() = 0xa8;
    const auto out = depacketize(*depacketizer, {packet(1, 0, false, kSps), packet(2, 0, false, kPps),
                                                 packet(3, 0, true, kIdr), packet(4, 3600, false, kSps),
                                                 packet(5, 3600, true, kIdr), packet(6, 7200, false, other),
                                                 packet(7, 7200, true, kIdr)});
    EXPECT_EQ(out.tracks.size(), 2U);
    EXPECT_EQ(out.units.size(), 3U);
}

TEST(H264, DropsAnAccessUnitOfWhichAPartIsLost)
{
    for (std::size_t lost = 1; lost <= 3; ++lost) {
        SCOPED_TRACE(lost);
        auto packets = packets_of(kV1);
        packets.erase(packets.begin() + static_cast<std::ptrdiff_t>(lost));
        const auto depacketizer = depacketizer_of(format());
        const auto out = depacketize(*depacketizer, packets);
        ASSERT_EQ(out.units.size(), 2U);
        EXPECT_EQ(out.units[0].payload, shared(prefixed({kP1})));
        EXPECT_EQ(depacketizer->stats().damaged, 1U);
    }
}

TEST(H264, DropsAnAccessUnitWhoseFirstSliceIsLost)
{
    const auto depacketizer = depacketizer_of(format({{"sprop-parameter-sets", std::string{kSprops}}}));
    const Bytes later = "411a402a8b"_hex; // first_mb_in_slice is not 0
    const auto out = depacketize(
        *depacketizer, {packet(1, 0, true, kIdr), packet(3, 3600, true, later), packet(4, 7200, true, kP1)});
    EXPECT_EQ(out.units.size(), 2U);
    EXPECT_EQ(depacketizer->stats().damaged, 1U);
}

TEST(H264, ReadsMtapAndFuB)
{
    const auto depacketizer = depacketizer_of(
        format({{"packetization-mode", "2"}, {"sprop-parameter-sets", std::string{kSprops}}}));
    Bytes mtap16 = "7a0000"_hex; // two pictures, 3600 ticks apart
    ByteWriter out{mtap16};
    out.u16(static_cast<std::uint16_t>(kIdr.size() + 3));
    out.u8(0);
    out.u16(0);
    out.bytes(kIdr);
    out.u16(static_cast<std::uint16_t>(kP1.size() + 3));
    out.u8(1);
    out.u16(3600);
    out.bytes(kP1);
    const auto got = depacketize(*depacketizer,
                                 {packet(1, 90000, true, mtap16), packet(2, 97200, false, "7d8100059a40"_hex),
                                  packet(3, 97200, true, "7c412a8b"_hex)});
    ASSERT_EQ(got.units.size(), 3U);
    EXPECT_EQ(got.units[0].timestamp, 90000);
    EXPECT_EQ(got.units[1].timestamp, 93600);
    EXPECT_EQ(got.units[1].payload, shared(prefixed({kP1})));
    EXPECT_EQ(got.units[2].payload, shared(prefixed({"619a402a8b"_hex})));
}

} // namespace
} // namespace millrace::rtp
