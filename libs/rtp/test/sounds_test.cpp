// The payload formats of sounds, but AAC's.
#include "payload/durations.hpp"
#include "payload/latm.hpp"
#include "payload_test.hpp"
#include <millrace/codec/bits.hpp>

#include <algorithm>

namespace millrace::rtp {
namespace {

media::Track sound(media::Codec codec, std::uint32_t rate, std::uint32_t channels)
{
    return {.id = 1, .kind = media::Kind::audio, .codec = codec, .sample_rate = rate, .channels = channels};
}

/// Frames packetized and put together again; the packets are kept.
struct Trip {
    Trip(const media::Track& track, const Bytes& frame, std::size_t most = 1440)
    {
        auto packetizer = make_packetizer(track, most);
        EXPECT_TRUE(packetizer);
        Packets sink{Packet{.sequence = 9}};
        (*packetizer)
            ->packetize({.track = 1, .kind = media::Kind::audio, .payload = SharedBytes::copy_of(frame)},
                        1000, sink);
        packets = sink.all;
        for (const auto& packet : packets) {
            EXPECT_LE(packet.payload.size(), most);
        }
        // The SDP tells the other side.
        const auto format = format_of(*media_for(track));
        EXPECT_TRUE(format);
        got = depacketize(*depacketizer_of(*format), packets);
    }

    std::vector<Packet> packets;
    Gathered got;
};

Bytes counted(std::size_t size)
{
    Bytes out(size);
    for (std::size_t i = 0; i < size; ++i) {
        out[i] = static_cast<std::uint8_t>(i * 7);
    }
    return out;
}

TEST(G711, GoesAsItIsWithStaticTypes)
{
    for (const auto codec : {media::Codec::g711u, media::Codec::g711a}) {
        const Trip trip{sound(codec, 8000, 1), counted(1024)};
        ASSERT_EQ(trip.got.units.size(), 1U);
        EXPECT_EQ(trip.got.units[0].payload, SharedBytes{counted(1024)});
        EXPECT_EQ(trip.got.tracks.at(0).codec, codec);
        EXPECT_EQ(trip.got.tracks.at(0).sample_rate, 8000U);
        EXPECT_EQ(media_for(sound(codec, 8000, 1))->formats[0], codec == media::Codec::g711u ? "0" : "8");
        EXPECT_EQ(media_for(sound(codec, 16000, 1))->formats[0], "97"); // dynamic, by its slot
    }
}

TEST(G711, IsCutBetweenSamplesAndTimedByThem)
{
    const Trip trip{sound(media::Codec::g711a, 8000, 2), counted(300), 101};
    ASSERT_EQ(trip.packets.size(), 3U);
    EXPECT_EQ(trip.packets[0].payload.size(), 100U);
    EXPECT_EQ(trip.packets[1].timestamp - trip.packets[0].timestamp, 50U);
}

TEST(G722, HasAClockOfHalfItsRate)
{
    const Trip trip{sound(media::Codec::g722, 16000, 1), counted(160)};
    const auto media = *media_for(sound(media::Codec::g722, 16000, 1));
    EXPECT_EQ(media.formats[0], "9");
    EXPECT_EQ(media.maps[0].clock_rate, 8000U);
    EXPECT_EQ(trip.got.tracks.at(0).sample_rate, 16000U);
    EXPECT_EQ(sound_duration(*format_of(media), sound(media::Codec::g722, 16000, 1), counted(160)),
              160U); // 20 ms
}

TEST(L16, HasItsHigherByteFirstOnTheWire)
{
    const Trip trip{sound(media::Codec::pcm, 48000, 2), "0102030405060708"_hex};
    EXPECT_EQ(trip.packets.at(0).payload, shared("0201040306050807"_hex));
    EXPECT_EQ(trip.got.units.at(0).payload, shared("0102030405060708"_hex));
    EXPECT_EQ(trip.got.tracks.at(0).channels, 2U);
    EXPECT_EQ(media_for(sound(media::Codec::pcm, 44100, 2))->formats[0], "10");
    EXPECT_EQ(media_for(sound(media::Codec::pcm, 44100, 1))->formats[0], "11");
    auto eight_bits = sound(media::Codec::pcm, 44100, 1);
    eight_bits.origin = 0x3c;
    EXPECT_FALSE(media_for(eight_bits));
}

TEST(Opus, GoesOnePacketAPacket)
{
    const Bytes packet = counted(2000);
    auto packetizer = make_packetizer(sound(media::Codec::opus, 48000, 2));
    Packets sink{Packet{}};
    (*packetizer)->packetize({.payload = SharedBytes::copy_of(packet)}, 5, sink);
    ASSERT_EQ(sink.all.size(), 1U); // never cut
    const auto media = *media_for(sound(media::Codec::opus, 48000, 2));
    EXPECT_EQ(sdp::to_string(media.maps[0]), "97 opus/48000/2");
    EXPECT_EQ(sdp::to_string(media.fmtps.at(0)), "97 sprop-stereo=1");
    const auto out = depacketize(*depacketizer_of(*format_of(media)), sink.all);
    EXPECT_EQ(out.units.at(0).payload, SharedBytes::copy_of(packet));
    EXPECT_EQ(out.tracks.at(0).channels, 2U);
    EXPECT_FALSE(out.tracks.at(0).config.empty());
}

TEST(Opus, TellsItsDurationByItsFirstByte)
{
    EXPECT_EQ(opus_duration("fc00"_hex), 960U);  // CELT, 20 ms
    EXPECT_EQ(opus_duration("e5"_hex), 240U);    // CELT 2.5 ms, twice
    EXPECT_EQ(opus_duration("1b02"_hex), 5760U); // SILK 60 ms, two of them
    EXPECT_EQ(opus_duration("1b03"_hex), 0U);    // more than 120 ms
    EXPECT_EQ(opus_duration("78"_hex), 960U);    // hybrid, 20 ms
    EXPECT_EQ(opus_duration({}), 0U);
}

/// A frame of MP3: 128 kbit/s, 44.1 kHz, 417 bytes.
Bytes mp3_frame(std::uint8_t fill)
{
    Bytes frame(417, fill);
    std::ranges::copy("fffb9000"_hex, frame.begin());
    return frame;
}

TEST(MpegAudio, GoesWholeOrInFragments)
{
    const auto track = sound(media::Codec::mp3, 44100, 2);
    EXPECT_EQ(media_for(track)->formats[0], "14");
    const Trip whole{track, mp3_frame(1)};
    ASSERT_EQ(whole.packets.size(), 1U);
    EXPECT_EQ(whole.got.units.at(0).payload, SharedBytes{mp3_frame(1)});
    EXPECT_EQ(whole.got.tracks.at(0).sample_rate, 44100U);
    const Trip parts{track, mp3_frame(2), 100};
    ASSERT_EQ(parts.packets.size(), 5U);
    EXPECT_EQ(to_bytes(parts.packets[1].payload.view().first(4)), Bytes("00000060"_hex));
    EXPECT_EQ(parts.got.units.at(0).payload, SharedBytes{mp3_frame(2)});
}

TEST(MpegAudio, TakesSeveralFramesFromOnePacket)
{
    Bytes payload(4);
    for (std::uint8_t i = 0; i < 3; ++i) {
        const auto frame = mp3_frame(i);
        payload.insert(payload.end(), frame.begin(), frame.end());
    }
    const auto format = *format_of(*media_for(sound(media::Codec::mp3, 44100, 2)));
    const auto depacketizer = depacketizer_of(format);
    const auto out = depacketize(*depacketizer, {Packet{.payload = SharedBytes{std::move(payload)}}});
    ASSERT_EQ(out.units.size(), 3U);
    EXPECT_EQ(out.units[1].timestamp, 2351); // 1152 samples on a clock of 90 kHz
    EXPECT_EQ(out.units[2].payload, SharedBytes{mp3_frame(2)});
}

TEST(MpegAudio, DropsAFrameOfWhichAPartIsLost)
{
    const Trip trip{sound(media::Codec::mp3, 44100, 2), mp3_frame(2), 100};
    auto packets = trip.packets;
    packets.erase(packets.begin() + 2);
    const auto depacketizer = depacketizer_of(*format_of(*media_for(sound(media::Codec::mp3, 44100, 2))));
    EXPECT_TRUE(depacketize(*depacketizer, packets).units.empty());
    EXPECT_GE(depacketizer->stats().damaged, 1U);
}

/// A frame of AC-3: 48 kHz, 32 kbit/s, mono: 128 bytes.
Bytes ac3_frame()
{
    Bytes frame(128, 0x11);
    std::ranges::copy("0b770000 00 40 20"_hex, frame.begin());
    return frame;
}

TEST(Ac3, GoesWholeOrInFragments)
{
    const auto track = sound(media::Codec::ac3, 48000, 1);
    const Trip whole{track, ac3_frame()};
    ASSERT_EQ(whole.packets.size(), 1U);
    EXPECT_EQ(to_bytes(whole.packets[0].payload.view().first(2)), Bytes("0001"_hex));
    EXPECT_EQ(whole.got.units.at(0).payload, SharedBytes{ac3_frame()});
    const Trip parts{track, ac3_frame(), 100};
    ASSERT_EQ(parts.packets.size(), 2U);
    EXPECT_EQ(to_bytes(parts.packets[0].payload.view().first(2)),
              Bytes("0102"_hex)); // more than five eighths
    EXPECT_EQ(to_bytes(parts.packets[1].payload.view().first(2)), Bytes("0302"_hex));
    EXPECT_TRUE(parts.packets[1].marker);
    EXPECT_EQ(parts.got.units.at(0).payload, SharedBytes{ac3_frame()});
    EXPECT_EQ(to_bytes(Trip{track, ac3_frame(), 70}.packets[0].payload.view().first(2)), Bytes("0202"_hex));
}

TEST(Latm, ReadsTheConfigurationsOfFfmpegAndGstreamer)
{
    const auto ffmpeg = read_stream_mux("400023203fc0"_hex);
    ASSERT_TRUE(ffmpeg);
    EXPECT_EQ(ffmpeg->config, Bytes("1190"_hex)); // LC, 48 kHz, stereo
    EXPECT_FALSE(ffmpeg->cut);
    EXPECT_EQ(write_stream_mux("1190"_hex), Bytes("400023203fc0"_hex));
    // Quirk: it ends before its buffer fullness does.
    const auto gstreamer = read_stream_mux("40002410adca00"_hex);
    ASSERT_TRUE(gstreamer);
    EXPECT_TRUE(gstreamer->cut);
    EXPECT_FALSE(read_stream_mux("80"_hex)); // another version
    EXPECT_FALSE(read_stream_mux("40"_hex)); // cut in its head
}

TEST(Latm, GoesThereAndBack)
{
    const Format format{.payload = Payload::latm,
                        .kind = media::Kind::audio,
                        .clock_rate = 48000,
                        .channels = 2,
                        .parameters = {{"cpresent", "0"}, {"config", "400023203fc0"}}};
    for (const std::size_t size : {0x1fU, 255U, 600U}) {
        LatmPacketizer packetizer{200};
        Packets sink{Packet{}};
        packetizer.packetize({.payload = SharedBytes{counted(size)}}, 48000, sink);
        const auto depacketizer = depacketizer_of(format);
        const auto out = depacketize(*depacketizer, sink.all);
        ASSERT_EQ(out.units.size(), 1U) << size;
        EXPECT_EQ(out.units[0].payload, SharedBytes{counted(size)});
        EXPECT_EQ(out.tracks.at(0).config, shared("1190"_hex));
        EXPECT_EQ(out.tracks.at(0).sample_rate, 48000U);
        EXPECT_EQ(depacketizer->stats().quirks, QuirkCounts{});
        if (sink.all.size() > 2) {
            sink.all.erase(sink.all.begin() + 1);
            EXPECT_TRUE(depacketize(*depacketizer_of(format), sink.all).units.empty());
        }
    }
}

TEST(Latm, ReadsAConfigurationInBand)
{
    // useSameStreamMux 0, the mux of FFmpeg, then 3 bytes; all behind one bit.
    Bytes element;
    codec::BitWriter out{element};
    out.bits(0, 1);
    const auto mux = "400023203fc0"_hex; // 44 bits of it
    for (std::size_t i = 0; i < 5; ++i) {
        out.bits(mux.data()[i], 8);
    }
    out.bits(mux.data()[5] >> 4U, 4);
    for (const std::uint32_t byte : {3U, 0xaaU, 0xbbU, 0xccU}) {
        out.bits(byte, 8);
    }
    const auto depacketizer = depacketizer_of(
        {.payload = Payload::latm, .kind = media::Kind::audio, .clock_rate = 48000, .channels = 2});
    const auto got =
        depacketize(*depacketizer, {Packet{.marker = true, .payload = SharedBytes{std::move(element)}}});
    ASSERT_EQ(got.units.size(), 1U);
    EXPECT_EQ(got.units[0].payload, shared("aabbcc"_hex));
    EXPECT_EQ(got.tracks.at(0).config, shared("1190"_hex));
}

} // namespace
} // namespace millrace::rtp
