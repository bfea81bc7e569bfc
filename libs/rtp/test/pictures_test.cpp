// The payload formats of pictures, but those of NAL units.
#include "payload/jpeg.hpp"
#include "payload/vp9.hpp"
#include "payload_test.hpp"
#include <millrace/mpegts/muxer.hpp>

#include <algorithm>

namespace millrace::rtp {
namespace {

media::Track video(media::Codec codec)
{
    return {.id = 0, .kind = media::Kind::video, .codec = codec};
}

/// A frame through packets of at most that size.
std::vector<Packet> packets_of(const media::Track& track, const Bytes& frame, bool key, std::size_t most,
                               std::uint32_t timestamp = 1000)
{
    auto packetizer = make_packetizer(track, most);
    EXPECT_TRUE(packetizer);
    Packets sink{Packet{.sequence = 9}};
    (*packetizer)->packetize({.key = key, .payload = SharedBytes::copy_of(frame)}, timestamp, sink);
    for (const auto& packet : sink.all) {
        EXPECT_LE(packet.payload.size(), most);
        EXPECT_EQ(packet.marker, &packet == &sink.all.back());
    }
    return sink.all;
}

Bytes vp8_key(std::size_t size)
{
    Bytes frame(size, 0x22);
    std::ranges::copy("500000 9d012a 4001 f000"_hex, frame.begin()); // 320x240
    return frame;
}

TEST(Vp8, GoesThereAndBack)
{
    for (const std::size_t most : {64U, 500U, 1440U}) {
        const auto packets = packets_of(video(media::Codec::vp8), vp8_key(1000), true, most);
        const auto depacketizer = depacketizer_of({.payload = Payload::vp8});
        const auto out = depacketize(*depacketizer, packets);
        ASSERT_EQ(out.units.size(), 1U);
        EXPECT_EQ(out.units[0].payload, SharedBytes{vp8_key(1000)});
        EXPECT_TRUE(out.units[0].key);
        EXPECT_EQ(out.tracks.at(0).width, 320U);
        EXPECT_EQ(out.tracks.at(0).height, 240U);
        for (std::size_t lost = 0; lost < packets.size(); ++lost) {
            auto less = packets;
            less.erase(less.begin() + static_cast<std::ptrdiff_t>(lost));
            const auto other = depacketizer_of({.payload = Payload::vp8});
            EXPECT_TRUE(depacketize(*other, less).units.empty()) << lost;
        }
    }
}

TEST(Vp8, ReadsExtendedDescriptors)
{
    const auto depacketizer = depacketizer_of({.payload = Payload::vp8});
    auto key = vp8_key(20);
    for (const auto& descriptor : std::vector<Bytes>{"10"_hex, "908080 00"_hex, "9080 05"_hex,
                                                     "90c0 05 07"_hex, "90f0 8123 07 e1"_hex}) {
        auto payload = descriptor;
        payload.insert(payload.end(), key.begin(), key.end());
        const auto out =
            depacketize(*depacketizer, {Packet{.marker = true, .payload = SharedBytes{std::move(payload)}}});
        ASSERT_EQ(out.units.size(), 1U);
        EXPECT_EQ(out.units[0].payload, SharedBytes::copy_of(key));
    }
}

const Bytes kVp9Key = "824983420013f00ef0"_hex; // profile 0, 320x240
const Bytes kVp9Inter = "8600112233"_hex;

TEST(Vp9, FindsKeyFramesInTheFrameItself)
{
    const auto key = read_vp9_header(kVp9Key);
    ASSERT_TRUE(key);
    EXPECT_TRUE(key->key);
    EXPECT_EQ(key->width, 320U);
    EXPECT_EQ(key->height, 240U);
    EXPECT_FALSE(read_vp9_header(kVp9Inter)->key);
    EXPECT_FALSE(read_vp9_header("00"_hex));
}

TEST(Vp9, GoesThereAndBack)
{
    auto frame = kVp9Key;
    frame.resize(1000, 0x33);
    for (const std::size_t most : {64U, 1440U}) {
        const auto packets = packets_of(video(media::Codec::vp9), frame, true, most);
        const auto depacketizer = depacketizer_of({.payload = Payload::vp9});
        const auto out = depacketize(*depacketizer, packets);
        ASSERT_EQ(out.units.size(), 1U);
        EXPECT_EQ(out.units[0].payload, SharedBytes::copy_of(frame));
        EXPECT_TRUE(out.units[0].key);
        EXPECT_EQ(out.tracks.at(0).width, 320U);
        EXPECT_EQ(out.tracks.at(0).codec_string, "vp09.00.31.08");
    }
    EXPECT_EQ(packets_of(video(media::Codec::vp9), kVp9Inter, false, 1440)[0].payload.view()[0], 0x4c);
}

TEST(Vp9, ReadsWhatGstreamerSends)
{
    const auto depacketizer = depacketizer_of({.payload = Payload::vp9});
    const auto packet = [](std::uint16_t sequence, std::uint32_t timestamp, Bytes descriptor,
                           const Bytes& frame) {
        descriptor.insert(descriptor.end(), frame.begin(), frame.end());
        return Packet{.marker = true,
                      .sequence = sequence,
                      .timestamp = timestamp,
                      .payload = SharedBytes{std::move(descriptor)}};
    };
    const auto out = depacketize(*depacketizer, {packet(1, 0, "8a 8d04 18 0140 00f0 01 04 01"_hex, kVp9Key),
                                                 packet(2, 3600, "cc 8d05"_hex, kVp9Inter)});
    ASSERT_EQ(out.units.size(), 2U);
    EXPECT_EQ(out.units[0].payload, SharedBytes::copy_of(kVp9Key));
    EXPECT_TRUE(out.units[0].key);
    EXPECT_EQ(out.units[1].payload, SharedBytes::copy_of(kVp9Inter));
    EXPECT_FALSE(out.units[1].key);
}

// The sequence header of the av1C that the tests of the codec have.
const Bytes kSequence = "0a0b000000043cf6c402f80040"_hex;

Bytes av1_unit(std::size_t frame_bytes)
{
    auto unit = "1200"_hex; // temporal delimiter
    Bytes out(unit.begin(), unit.end());
    out.insert(out.end(), kSequence.begin(), kSequence.end());
    out.push_back(0x32); // frame, with a size
    for (auto size = frame_bytes;;) {
        out.push_back(static_cast<std::uint8_t>((size & 0x7fU) | (size >= 0x80 ? 0x80U : 0U)));
        size >>= 7U;
        if (size == 0) {
            break;
        }
    }
    out.resize(out.size() + frame_bytes, 0x44);
    return out;
}

TEST(Av1, GoesThereAndBackWithoutDelimiters)
{
    for (const std::size_t frame_bytes : {20U, 300U, 5000U}) {
        for (const std::size_t most : {64U, 200U, 1440U}) {
            const auto unit = av1_unit(frame_bytes);
            const auto packets = packets_of(video(media::Codec::av1), unit, true, most);
            EXPECT_NE(packets[0].payload.view()[0] & 0x08U, 0U); // a new sequence begins
            const auto depacketizer = depacketizer_of({.payload = Payload::av1});
            const auto out = depacketize(*depacketizer, packets);
            ASSERT_EQ(out.units.size(), 1U) << frame_bytes << " " << most;
            EXPECT_EQ(out.units[0].payload, SharedBytes::copy_of(ByteView{unit}.subspan(2)));
            EXPECT_TRUE(out.units[0].key);
            ASSERT_EQ(out.tracks.size(), 1U);
            EXPECT_EQ(to_bytes(out.tracks[0].config.view().first(4)), Bytes("81000c00"_hex));
            for (std::size_t lost = 1; lost < packets.size(); ++lost) {
                auto less = packets;
                less.erase(less.begin() + static_cast<std::ptrdiff_t>(lost));
                EXPECT_TRUE(depacketize(*depacketizer_of({.payload = Payload::av1}), less).units.empty());
            }
        }
    }
}

TEST(Av1, ReadsElementsWithoutALastLength)
{
    // Two whole OBUs, a new sequence: 28, a length, one OBU, the other to the end.
    Bytes payload = "280c08"_hex;
    payload.insert(payload.end(), kSequence.begin() + 2, kSequence.end());
    const auto frame = "30aabb"_hex;
    payload.insert(payload.end(), frame.begin(), frame.end());
    const auto depacketizer = depacketizer_of({.payload = Payload::av1});
    const auto out =
        depacketize(*depacketizer, {Packet{.marker = true, .payload = SharedBytes{std::move(payload)}}});
    ASSERT_EQ(out.units.size(), 1U);
    auto expected = kSequence;
    const Bytes sized = "3202aabb"_hex;
    expected.insert(expected.end(), sized.begin(), sized.end());
    EXPECT_EQ(out.units[0].payload, SharedBytes::copy_of(expected));
}

TEST(Av1, SendsTheSequenceHeaderOfItsConfigurationBeforeAKeyFrameWithoutOne)
{
    auto track = video(media::Codec::av1);
    auto config = "81000c00"_hex;
    Bytes record(config.begin(), config.end());
    record.insert(record.end(), kSequence.begin(), kSequence.end());
    track.config = SharedBytes::copy_of(record);
    const auto packets = packets_of(track, "3202aabb"_hex, true, 1440);
    const auto out = depacketize(*depacketizer_of({.payload = Payload::av1}), packets);
    ASSERT_EQ(out.units.size(), 1U);
    EXPECT_EQ(out.units[0].payload.size(), kSequence.size() + 4);
    EXPECT_EQ(packets_of(track, "3202aabb"_hex, false, 1440)[0].payload, shared("000330aabb"_hex));
}

Packet jpeg_part(std::uint16_t sequence, std::uint32_t offset, const Bytes& head, const Bytes& data,
                 bool marker)
{
    Bytes payload;
    ByteWriter out{payload};
    out.u8(0);
    out.u24(offset);
    out.bytes(head);
    out.bytes(data);
    return {.marker = marker,
            .payload_type = 26,
            .sequence = sequence,
            .payload = SharedBytes{std::move(payload)}};
}

TEST(Jpeg, BuildsAWholeImage)
{
    const auto head = "01 32 28 1e"_hex; // 4:2:0, quality 50, 320x240
    const auto depacketizer = depacketizer_of({.payload = Payload::jpeg, .payload_type = 26});
    const Bytes first(100, 0x5a);
    const Bytes second(50, 0x3c);
    const auto out = depacketize(
        *depacketizer, {jpeg_part(1, 0, head, first, false), jpeg_part(2, 100, head, second, true)});
    ASSERT_EQ(out.units.size(), 1U);
    EXPECT_EQ(out.tracks.at(0).width, 320U);
    EXPECT_EQ(out.tracks.at(0).height, 240U);
    EXPECT_EQ(out.tracks.at(0).codec, media::Codec::jpeg);
    const auto image = out.units[0].payload.view();
    const auto tables = jpeg_tables(50);
    EXPECT_EQ(tables[0], 16); // as in the standard at this quality
    const auto expected_head = jpeg_head(1, 320, 240, tables, false, 0);
    ASSERT_EQ(image.size(), expected_head.size() + 150 + 2);
    EXPECT_TRUE(std::ranges::equal(image.first(expected_head.size()), expected_head));
    EXPECT_EQ(to_bytes(image.last(2)), Bytes("ffd9"_hex));
    EXPECT_EQ(jpeg_tables(99)[0], 1);
    EXPECT_EQ(jpeg_tables(1)[63], 255);
}

TEST(Jpeg, TakesTablesInBandAndRestartIntervals)
{
    const auto depacketizer = depacketizer_of({.payload = Payload::jpeg});
    Bytes head = "41 ff 02 02 0004 ffff 00 00 0040"_hex; // Q 255, one table, a restart interval of 4
    head.resize(head.size() + 64, 7);
    const auto out = depacketize(*depacketizer, {jpeg_part(1, 0, head, "aabb"_hex, true)});
    ASSERT_EQ(out.units.size(), 1U);
    const Bytes tables(64, 7);
    const auto expected = jpeg_head(1, 16, 16, tables, false, 4);
    EXPECT_TRUE(std::ranges::equal(out.units[0].payload.view().first(expected.size()), expected));
}

TEST(Jpeg, DropsAnImageOfWhichAPartIsLost)
{
    const auto head = "01 32 28 1e"_hex;
    const auto depacketizer = depacketizer_of({.payload = Payload::jpeg});
    const Bytes data(100, 1);
    EXPECT_TRUE(
        depacketize(*depacketizer, {jpeg_part(1, 0, head, data, false), jpeg_part(3, 200, head, data, true)})
            .units.empty());
    EXPECT_TRUE(depacketize(*depacketizer, {jpeg_part(4, 100, head, data, true)}).units.empty());
    EXPECT_EQ(depacketizer->stats().damaged, 2U);
}

TEST(H263, PutsSharedBytesTogether)
{
    const auto depacketizer = depacketizer_of({.payload = Payload::h263});
    // An intra picture of 176x144: start code, time, type; cut in the middle of a byte.
    const auto packet = [](std::uint16_t sequence, bool marker, Bytes payload) {
        return Packet{.marker = marker, .sequence = sequence, .payload = SharedBytes{std::move(payload)}};
    };
    const auto out = depacketize(*depacketizer, {packet(1, false, "04000000 00008002 08 f0"_hex),
                                                 packet(2, true, "20000000 0a55"_hex)});
    ASSERT_EQ(out.units.size(), 1U);
    EXPECT_EQ(out.units[0].payload, shared("0000800208fa55"_hex));
    EXPECT_EQ(out.tracks.at(0).width, 176U);
    EXPECT_TRUE(out.units[0].key);
    const auto other = depacketizer_of({.payload = Payload::h263});
    EXPECT_TRUE(depacketize(*other, {packet(1, true, "20000000 0a55"_hex)}).units.empty());
}

TEST(H263Plus, PutsStartCodesBack)
{
    const auto depacketizer = depacketizer_of({.payload = Payload::h263_1998});
    const auto packet = [](std::uint16_t sequence, bool marker, Bytes payload) {
        return Packet{.marker = marker, .sequence = sequence, .payload = SharedBytes{std::move(payload)}};
    };
    const auto out =
        depacketize(*depacketizer, {packet(1, false, "0400 800208"_hex), packet(2, true, "0000 55"_hex)});
    ASSERT_EQ(out.units.size(), 1U);
    EXPECT_EQ(out.units[0].payload, shared("000080020855"_hex));
    EXPECT_TRUE(out.units[0].key);
}

} // namespace
} // namespace millrace::rtp
