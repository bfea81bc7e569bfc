// What cameras do with H.264, by name.
#include "payload_test.hpp"

namespace millrace::rtp {
namespace {

const Bytes kSps = "6742c00ada25b011000003000100000300320f1226a0"_hex;
const Bytes kPps = "68ce0fc8"_hex;
const Bytes kIdr = "6588843a26280c9d75e0"_hex;
const Bytes kP1 = "419a20268b"_hex;
const Bytes kP2 = "419a402a8b"_hex;
const Bytes kSecondSlice = "411a402a8b"_hex;

struct Camera {
    explicit Camera(std::string mode = "1")
        : depacketizer{depacketizer_of(
              {.payload = Payload::h264,
               .parameters = {{"packetization-mode", std::move(mode)},
                              {"sprop-parameter-sets", "Z0LACtolsBEAAAMAAQAAAwAyDxImoA==,aM4PyA=="}}})}
    {
    }

    void send(std::uint32_t timestamp, bool marker, const Bytes& payload)
    {
        depacketizer->feed({.marker = marker,
                            .sequence = next++,
                            .timestamp = timestamp,
                            .payload = SharedBytes::copy_of(payload)},
                           timestamp, false);
    }
    std::uint64_t count(Quirk quirk) const { return depacketizer->stats().quirks.of(quirk); }
    std::vector<Unit> units() { return drain(*depacketizer).units; }

    std::unique_ptr<Depacketizer> depacketizer;
    std::uint16_t next = 0;
};

TEST(H264Quirks, EndsAnAccessUnitByTheNextTimestampWhenThereAreNoMarkers)
{
    Camera flir;
    flir.send(0, false, kIdr);
    flir.send(3600, false, kP1);
    flir.send(3600, false, kSecondSlice);
    flir.send(7200, false, kP2);
    auto units = flir.units();
    ASSERT_EQ(units.size(), 2U);
    EXPECT_EQ(units[1].payload, shared(prefixed({kP1, kSecondSlice})));
    EXPECT_EQ(units[1].timestamp, 3600);
    EXPECT_EQ(flir.count(Quirk::marker_missing), 2U);
    flir.depacketizer->flush();
    EXPECT_EQ(flir.units().size(), 1U);
}

TEST(H264Quirks, TakesParameterSetsWithAMarkerAndAnOldTimestampToTheNextPicture)
{
    Camera reolink;
    reolink.send(0, true, kIdr);
    auto other = kSps;
    other.back() = 0xa8;
    reolink.send(0, true, other);
    reolink.send(0, true, kPps);
    reolink.send(3600, true, kIdr);
    auto out = drain(*reolink.depacketizer);
    EXPECT_EQ(out.tracks.size(), 2U);
    ASSERT_EQ(out.units.size(), 2U);
    EXPECT_EQ(out.units[1].timestamp, 3600);
    EXPECT_EQ(reolink.count(Quirk::sets_with_old_timestamp), 1U);
}

TEST(H264Quirks, ToleratesAMarkerOnEachSlice)
{
    Camera odd;
    for (std::uint32_t time = 0; time < 5 * 3600; time += 3600) {
        odd.send(time, true, time == 0 ? kIdr : kP1);
        odd.send(time, true, kSecondSlice);
    }
    EXPECT_EQ(odd.count(Quirk::marker_early), 1U);
    const auto units = odd.units();
    ASSERT_EQ(units.size(),
              4U); // the first one went out without its second slice; the last one has no end yet
    EXPECT_EQ(units[2].payload, shared(prefixed({kP1, kSecondSlice})));
}

TEST(H264Quirks, ToleratesFragmentsInMode0)
{
    Camera hikvision{"0"};
    hikvision.send(0, false, "7c8588843a26"_hex);
    hikvision.send(0, true, "7c45280c9d75e0"_hex);
    const auto units = hikvision.units();
    ASSERT_EQ(units.size(), 1U);
    EXPECT_EQ(units[0].payload, shared(prefixed({kIdr})));
    EXPECT_EQ(hikvision.count(Quirk::undeclared_fragments), 2U);
}

TEST(H264Quirks, ToleratesAFragmentThatIsFirstAndLast)
{
    Camera costar;
    costar.send(0, true, "7cc588843a26280c9d75e0"_hex);
    const auto units = costar.units();
    ASSERT_EQ(units.size(), 1U);
    EXPECT_EQ(units[0].payload, shared(prefixed({kIdr})));
    EXPECT_EQ(costar.count(Quirk::start_and_end), 1U);
}

TEST(H264Quirks, SplitsAnAnnexBStreamInsideOneFragmentedUnit)
{
    Camera v380;
    Bytes stream = kSps;
    for (const auto* unit : {&kPps, &kIdr}) {
        for (const auto byte : {0, 0, 0, 1}) {
            stream.push_back(static_cast<std::uint8_t>(byte));
        }
        stream.insert(stream.end(), unit->begin(), unit->end());
    }
    Bytes first = "7c87"_hex;
    Bytes second = "7c47"_hex;
    first.insert(first.end(), stream.begin() + 1, stream.begin() + 20);
    second.insert(second.end(), stream.begin() + 20, stream.end());
    v380.send(0, false, first);
    v380.send(0, true, second);
    const auto units = v380.units();
    ASSERT_EQ(units.size(), 1U);
    EXPECT_EQ(units[0].payload, shared(prefixed({kIdr})));
    EXPECT_TRUE(units[0].key);
    EXPECT_EQ(v380.count(Quirk::annex_b), 1U);
}

TEST(H264Quirks, ToleratesUnitsOfNoBytesAndTrailingZeros)
{
    Camera odd;
    odd.send(0, false, {});
    odd.send(0, false, "780000000168"_hex);
    auto padded = kIdr;
    padded.push_back(0);
    odd.send(0, true, padded);
    const auto units = odd.units();
    ASSERT_EQ(units.size(), 1U);
    EXPECT_EQ(units[0].payload, shared(prefixed({kIdr})));
    EXPECT_EQ(odd.count(Quirk::empty_payload), 1U);
    EXPECT_EQ(odd.count(Quirk::empty_unit), 1U);
    EXPECT_EQ(odd.count(Quirk::trailing_zero_bytes), 1U);
}

TEST(H264Quirks, BeginsAPictureWithEachFirstSliceWhenTimestampsStandStill)
{
    Camera frozen;
    frozen.send(0, false, kIdr);
    frozen.send(0, false, kP1);
    frozen.send(0, false, kSecondSlice);
    frozen.send(0, true, kP2);
    const auto units = frozen.units();
    ASSERT_EQ(units.size(), 3U);
    EXPECT_EQ(units[1].payload, shared(prefixed({kP1, kSecondSlice})));
}

TEST(H264Quirks, LeavesDelimitersAndFillerOut)
{
    Camera gstreamer;
    gstreamer.send(0, false, "0910"_hex);
    gstreamer.send(0, false, kSps);
    gstreamer.send(0, false, kSps);
    gstreamer.send(0, false, kPps);
    gstreamer.send(0, false, "0605112233"_hex);
    gstreamer.send(0, true, kIdr);
    gstreamer.send(3600, false, "0910"_hex);
    gstreamer.send(3600, true, kP1);
    const auto units = gstreamer.units();
    ASSERT_EQ(units.size(), 2U);
    EXPECT_EQ(units[0].payload, shared(prefixed({"0605112233"_hex, kIdr})));
    EXPECT_EQ(units[1].payload, shared(prefixed({kP1})));
    EXPECT_EQ(gstreamer.depacketizer->stats().quirks, QuirkCounts{});
}

TEST(H264Limits, HoldNoMoreThanTheyTell)
{
    auto made =
        make_depacketizer({.payload = Payload::h264}, 0, 0, {.unit_bytes = 100, .nal_bytes = 80, .nals = 2});
    auto& depacketizer = **made;
    const auto send = [&](std::uint16_t sequence, std::uint32_t time, bool marker, Bytes payload) {
        depacketizer.feed({.marker = marker,
                           .sequence = sequence,
                           .timestamp = time,
                           .payload = SharedBytes{std::move(payload)}},
                          time, false);
    };
    Bytes start = "7c8588"_hex;
    start.resize(60, 1);
    Bytes more = "7c05"_hex;
    more.resize(60, 1);
    send(0, 0, false, start);
    send(1, 0, false, more);
    send(2, 0, true, "7c450102"_hex);
    EXPECT_EQ(depacketizer.stats().oversize, 1U);
    send(3, 1, false, kSps);
    send(4, 1, false, kPps);
    send(5, 1, false, "06050102"_hex);
    send(6, 1, false, "06050102"_hex);
    send(7, 1, true, kIdr);
    EXPECT_EQ(depacketizer.stats().oversize, 2U);
    EXPECT_TRUE(drain(depacketizer).units.empty());
    EXPECT_EQ(depacketizer.stats().damaged, 2U);
    send(8, 2, true, kIdr);
    EXPECT_EQ(drain(depacketizer).units.size(), 1U);
}

} // namespace
} // namespace millrace::rtp
