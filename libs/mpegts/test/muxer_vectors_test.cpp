#include "material.hpp"
#include <millrace/amf/amf0.hpp>
#include <millrace/crypto/hash.hpp>
#include <millrace/mpegts/id3.hpp>

#include <gtest/gtest.h>

namespace millrace::mpegts {
namespace {

using namespace std::chrono_literals;

Bytes packet(ByteView head, std::size_t stuffing, ByteView rest = {})
{
    auto bytes = to_bytes(head);
    bytes.resize(bytes.size() + stuffing, 0xff);
    bytes.insert(bytes.end(), rest.begin(), rest.end());
    return bytes;
}

std::string hex(ByteView bytes)
{
    std::string text;
    for (const auto byte : bytes) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        text += {kDigits[byte >> 4U], kDigits[byte & 15U]};
    }
    return text;
}

// H1, whose clock references stand 100 ms apart.
Bytes write_h1()
{
    Muxer muxer{{.pcr_every = 100ms}};
    media::Pieces out;
    muxer.write(video_track(), {}, out);
    muxer.write(audio_track(), {}, out);
    muxer.write(picture(kIdr, 0ms, true), true, out);
    muxer.write(sound(40ms), false, out);
    muxer.write(sound(sound_at(40ms, 1)), false, out);
    muxer.write(picture(kSlice1, 40ms), false, out);
    muxer.write(picture(kSlice2, 80ms), false, out);
    muxer.flush(out);
    auto bytes = joined(out);
    pad(bytes);
    return bytes;
}

TEST(MuxerVectors, H1IsWrittenByteForByte)
{
    const std::vector<Bytes> expected{
        packet("474000100000b00d0001c100000001f0002ab104b2"_hex, 167),
        packet("475000100002b0170001c10000e100f0001be100f0000fe101f0002f44b99b"_hex, 157),
        packet(
            "474100306e50000662c47e00"_hex, 103,
            "000001e0000080c00a310037936111003777410000000109f0000000016742c00ada25b01100000300010000030032"
            "0f1226a00000000168ce0fc8000000016588843a26280c9d75e0"_hex),
        packet("474101308f00"_hex, 142,
               "000001c000228080052100379361fff14c8001bffc211004608c1cfff14c8001bffc211004608c1c"_hex),
        packet("474100319500"_hex, 148,
               "000001e0000080c00a310037af8111003793610000000109f000000001419a20268b"_hex),
        packet("474100329500"_hex, 148,
               "000001e0000080c00a310037cba1110037af810000000109f000000001419a402a8b"_hex),
    };
    const auto bytes = write_h1();
    ASSERT_EQ(bytes.size(), 4512U);
    for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_EQ(hex(ByteView{bytes}.subspan(i * kPacketBytes, kPacketBytes)), hex(expected[i])) << i;
    }
    EXPECT_EQ(hex(crypto::sha256(bytes)), "452eff699d659be3da6ecc62354b119ccdba3bacd8c8e17d50c8a3969f14f0cc");
}

TEST(MuxerVectors, H1TimestampCoding)
{
    EXPECT_EQ(hex(write_timestamp(2, 0x1ffffffff)), "2fffffffff");
    EXPECT_EQ(hex(write_timestamp(2, 0)), "2100010001");
    EXPECT_EQ(hex(write_pcr(837000, 0)), "000662c47e00");
    for (const Ticks ticks : {Ticks{0}, Ticks{1}, Ticks{837000}, Ticks{0x155555555}, Ticks{0x1ffffffff}}) {
        EXPECT_EQ(read_timestamp(write_timestamp(3, ticks).data()), ticks);
        EXPECT_EQ(read_pcr(write_pcr(ticks, 299).data()), ticks * 300 + 299);
    }
}

TEST(MuxerVectors, H4TagOfPackedAudio)
{
    const auto expected =
        "4944330400000000003f50524956000000350000636f6d2e6170706c652e73747265616d696e672e7472616e"
        "73706f727453747265616d54696d657374616d700000000000000dbba0"_hex;
    EXPECT_EQ(hex(id3_of_timestamp(900000)), hex(expected));
    const auto head = read_packed_audio_head(expected);
    EXPECT_EQ(head.bytes, 73U);
    EXPECT_EQ(head.timestamp, 900000);
}

TEST(MuxerVectors, H5TimedMetadata)
{
    Muxer muxer;
    media::Pieces out;
    muxer.write(video_track(), {}, out);
    muxer.write(audio_track(), {}, out);
    const media::Track texts{.id = media::track_id(media::Kind::data, 0),
                             .kind = media::Kind::data,
                             .codec = media::Codec::script};
    muxer.write(texts, {}, out);
    const amf::Value members{amf::EcmaArray{.members = {{"adId", "42"}}, .dense = {}}};
    const media::Frame text{.track = texts.id,
                            .kind = media::Kind::data,
                            .key = true,
                            .dts = MediaTime{40ms},
                            .payload = SharedBytes{amf::write_amf0({amf::Value{"onTextData"}, members})}};
    muxer.write(text, false, out);
    const auto bytes = joined(out);
    ASSERT_EQ(bytes.size(), 3 * kPacketBytes);
    EXPECT_EQ(
        hex(ByteView{bytes}.subspan(kPacketBytes, kPacketBytes)),
        hex(packet("475000100002b03c0001c10000e100f011250fffff49443320ff49443320001f00011be100f0000fe101f0001"
                   "5e102f00f260dffff49443320ff49443320000f22bb5b1a"_hex,
                   120)));
    EXPECT_EQ(
        hex(ByteView{bytes}.subspan(2 * kPacketBytes)),
        hex(packet(
            "474102308c00"_hex, 139,
            "000001bd002584800521003793614944330400000000001354585858000000090000036164496400343200"_hex)));
}

} // namespace
} // namespace millrace::mpegts
