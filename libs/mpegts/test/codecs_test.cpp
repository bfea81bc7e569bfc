// Each codec that a program can hold, written and read again; and forms that only others write.
#include "packetizer.hpp"
#include "psi.hpp"
#include "reading.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace millrace::mpegts {
namespace {

using namespace std::chrono_literals;
using media::Codec;

media::Frame frame_of(const media::Track& track, Bytes payload, std::chrono::nanoseconds at, bool key = true)
{
    return {.track = track.id,
            .kind = track.kind,
            .key = key,
            .dts = MediaTime{at},
            .payload = SharedBytes{std::move(payload)}};
}

void expect_round_trip(const media::Track& track, const std::vector<media::Frame>& frames)
{
    const auto out = read(write({track}, frames));
    EXPECT_TRUE(out.counters.empty());
    EXPECT_TRUE(out.warnings.empty());
    ASSERT_EQ(out.tracks().size(), 1U);
    EXPECT_EQ(out.tracks()[0].codec, track.codec);
    EXPECT_EQ(out.tracks()[0].sample_rate, track.sample_rate);
    EXPECT_EQ(out.tracks()[0].channels, track.channels);
    EXPECT_EQ(out.tracks()[0].width, track.width);
    const auto read_back = out.frames(track.id);
    ASSERT_EQ(read_back.size(), frames.size());
    for (std::size_t i = 0; i < frames.size(); ++i) {
        EXPECT_EQ(read_back[i].payload, frames[i].payload) << i;
        EXPECT_EQ(read_back[i].key, frames[i].key) << i;
        EXPECT_LT(std::chrono::abs(read_back[i].dts - frames[i].dts - 10s), 100us) << i;
    }
}

media::Track sound_track(Codec codec, std::uint32_t rate, std::uint32_t channels)
{
    return {
        .id = kAudio, .kind = media::Kind::audio, .codec = codec, .sample_rate = rate, .channels = channels};
}

std::vector<media::Frame> sounds(const media::Track& track, const Bytes& payload, double samples)
{
    std::vector<media::Frame> frames;
    for (int i = 0; i < 12; ++i) {
        const auto at = std::chrono::nanoseconds{std::llround(i * samples * 1e9 / track.sample_rate)};
        frames.push_back(frame_of(track, payload, at));
    }
    return frames;
}

TEST(Codecs, H265)
{
    media::Track track{.id = kVideo, .kind = media::Kind::video, .codec = Codec::h265};
    track.config = SharedBytes{Bytes{
        "0101600000009000000000003ff000fcfdf8f800000f03200001001840010c01ffff01600000030090000003000003003f95"
        "98"
        "09210001002c42010101600000030090000003000003003fa005020169d4996566924caf016808000003000800000300c840"
        "22000100074401c172b46240"_hex}};
    ASSERT_TRUE(media::describe(track));
    const auto key = prefixed("2801aabbcc"_hex);
    const auto other = prefixed("0201aabbcc"_hex);
    expect_round_trip(track, {frame_of(track, key, 0ms), frame_of(track, other, 40ms, false),
                              frame_of(track, other, 80ms, false)});
}

TEST(Codecs, AacWithImplicitExtensionIsItsCore)
{
    auto track = audio_track();
    expect_round_trip(track, sounds(track, kSilence, 1024));
}

TEST(Codecs, Mp3)
{
    auto payload = Bytes{"fffb9064"_hex};
    payload.resize(417, 0x55);
    const auto track = sound_track(Codec::mp3, 44100, 2);
    expect_round_trip(track, sounds(track, payload, 1152));
    auto low = Bytes{"fff380c4"_hex}; // MPEG-2, 64 kbit/s, 22050 Hz, mono
    low.resize(208, 0x55);
    const auto low_track = sound_track(Codec::mp3, 22050, 1);
    expect_round_trip(low_track, sounds(low_track, low, 576));
}

TEST(Codecs, Ac3AndEac3)
{
    auto plain = Bytes{"0b77952f8c402f84"_hex};
    plain.resize(576, 0x33);
    const auto track = sound_track(Codec::ac3, 32000, 1);
    expect_round_trip(track, sounds(track, plain, 1536));
    auto enhanced = Bytes{"0b7701a07487c000"_hex};
    enhanced.resize(834, 0x33);
    const auto enhanced_track = sound_track(Codec::eac3, 44100, 2);
    expect_round_trip(enhanced_track, sounds(enhanced_track, enhanced, 1536));
}

TEST(Codecs, Opus)
{
    auto payload = Bytes{"fc"_hex}; // CELT, 20 ms, stereo
    payload.resize(300, 0x11);
    auto track = sound_track(Codec::opus, 48000, 2);
    expect_round_trip(track, sounds(track, payload, 960));
    track.channels = 6;
    expect_round_trip(track, sounds(track, payload, 960));
}

/// A program of one stream, and PES packets of it.
Bytes program(const ProgramStream& stream, const std::vector<Bytes>& payloads)
{
    Packetizer pat{kPatPid};
    Packetizer pmt{kPmtPid};
    Packetizer media{stream.pid};
    Bytes out;
    pat.write_section(write_program_association({1, kPmtPid}), out);
    pmt.write_section(write_program_map({.pcr_pid = stream.pid, .streams = {stream}}), out);
    Ticks at = 90000;
    for (const auto& payload : payloads) {
        Bytes head{0, 0, 1, 0xc0, 0, 0, 0x80, 0x80, 5};
        const auto length = payload.size() + 8;
        head[4] = static_cast<std::uint8_t>(length >> 8U);
        head[5] = static_cast<std::uint8_t>(length);
        const auto stamp = write_timestamp(2, at);
        head.insert(head.end(), stamp.begin(), stamp.end());
        const std::array<ByteView, 2> parts{head, payload};
        media.write({}, parts, out);
        at += 9000;
    }
    return out;
}

TEST(Codecs, LatmGivesItsRawFrames)
{
    // LOAS, with a StreamMuxConfig of version 0 and AAC LC, 48 kHz, stereo: as FFmpeg writes it.
    // use same 0 | version 0 | framing 1 | frames 0 | programs 0 | layers 0 | ASC 1190 | type 0 | ff | other
    // 0 | crc 0 | length 6 | payload, shifted by 4 bits
    Bytes bits;
    const auto put = [&bits](std::uint32_t value, unsigned count) {
        for (unsigned i = count; i-- > 0;) {
            bits.push_back(static_cast<std::uint8_t>(value >> i & 1U));
        }
    };
    put(0, 1);
    put(0, 1);
    put(1, 1);
    put(0, 6 + 4 + 3);
    put(0x1190, 16);
    put(0, 3);
    put(0xff, 8);
    put(0, 2);
    put(static_cast<std::uint32_t>(kSilence.size()), 8);
    for (const auto byte : kSilence) {
        put(byte, 8);
    }
    Bytes element((bits.size() + 7) / 8, 0);
    for (std::size_t i = 0; i < bits.size(); ++i) {
        element[i / 8] = static_cast<std::uint8_t>(element[i / 8] | bits[i] << (7U - i % 8));
    }
    const Bytes loas = Bytes{0x56, static_cast<std::uint8_t>(0xe0U | element.size() >> 8U),
                             static_cast<std::uint8_t>(element.size())} +
                       element;
    const auto out = read(program({StreamType::latm, 0x101, {}}, {loas + loas, loas}));
    EXPECT_TRUE(out.counters.empty());
    ASSERT_EQ(out.tracks().size(), 1U);
    EXPECT_EQ(out.tracks()[0].sample_rate, 48000U);
    EXPECT_EQ(out.tracks()[0].channels, 2U);
    ASSERT_EQ(out.frames(kAudio).size(), 3U);
    for (const auto& frame : out.frames(kAudio)) {
        EXPECT_EQ(to_bytes(frame.payload), kSilence);
    }
}

TEST(Codecs, FramesOfSoundMayBeCutByPesPackets)
{
    const auto adts = Bytes{"fff14c8001bffc"_hex} + kSilence;
    const auto all = adts + adts + adts + adts;
    const auto out = read(program({StreamType::adts, 0x101, {}}, {Bytes(all.begin(), all.begin() + 20),
                                                                  Bytes(all.begin() + 20, all.end())}));
    EXPECT_EQ(out.frames(kAudio).size(), 4U);
    EXPECT_EQ(to_ticks(out.frames(kAudio)[1].dts.time_since_epoch()), 90000 + 1920)
        << "begun before: its time is not the second packet's";
    EXPECT_EQ(to_ticks(out.frames(kAudio)[2].dts.time_since_epoch()), 99000);
}

TEST(Codecs, SoundIsFoundAgainBehindGarbage)
{
    const auto adts = Bytes{"fff14c8001bffc"_hex} + kSilence;
    const auto out =
        read(program({StreamType::adts, 0x101, {}}, {adts, Bytes{"00112233445566778899"_hex} + adts + adts}));
    EXPECT_EQ(out.frames(kAudio).size(), 3U);
    EXPECT_EQ(out.counters.at("broken_frames"), 1U);
}

TEST(Codecs, LayerTwoIsNamedAndLeftOut)
{
    auto payload = Bytes{"fffd9064"_hex}; // layer II, 160 kbit/s, 44.1 kHz
    payload.resize(522, 0x55);
    const auto out = read(program({StreamType::mpeg1_audio, 0x101, {}}, {payload, payload}));
    EXPECT_TRUE(out.items.empty());
    ASSERT_EQ(out.warnings.size(), 1U);
    EXPECT_EQ(out.warnings[0].reason, "MPEG audio of layer I or II is not read: only layer III (MP3)");
    EXPECT_EQ(out.counters.at("sound_ignored"), 2U);
}

TEST(Codecs, QuirkRecoveryPointsAreKeyFrames)
{
    const Bytes code{0, 0, 0, 1};
    const auto sets = code + kSps + code + kPps;
    const auto recovery = code + Bytes{"060601c480"_hex}; // recovery_frame_cnt 0
    const auto later = code + Bytes{"0606014c80"_hex};    // some frames later
    auto intra = kIdr;
    intra[0] = 0x61;
    const auto out =
        read(program({StreamType::h264, 0x100, {}},
                     {sets + recovery + code + intra, code + kSlice1, sets + later + code + intra}));
    const auto frames = out.frames(kVideo);
    ASSERT_EQ(frames.size(), 3U);
    EXPECT_TRUE(frames[0].key);
    EXPECT_FALSE(frames[1].key);
    EXPECT_FALSE(frames[2].key);
}

TEST(Codecs, QuirkSeveralPicturesInOnePesPacket)
{
    const Bytes code{0, 0, 1};
    const auto delimiter = code + Bytes{"09f0"_hex};
    const auto sets = code + kSps + code + kPps;
    const auto out = read(program({StreamType::h264, 0x100, {}},
                                  {delimiter + sets + code + kIdr + delimiter + code + kSlice1}));
    ASSERT_EQ(out.frames(kVideo).size(), 2U);
    EXPECT_EQ(out.frames(kVideo)[1].dts - out.frames(kVideo)[0].dts, 40ms);
}

TEST(Codecs, NewParameterSetsAreANewConfiguration)
{
    const Bytes code{0, 0, 1};
    auto wider = kPps;
    wider.back() ^= 0x10U;
    const auto out =
        read(program({StreamType::h264, 0x100, {}},
                     {code + kSps + code + kPps + code + kIdr, code + kSlice1,
                      code + kSps + code + wider + code + kIdr, code + kSps + code + wider + code + kIdr}));
    EXPECT_EQ(out.tracks().size(), 2U);
    EXPECT_EQ(out.frames(kVideo).size(), 4U);
}

} // namespace
} // namespace millrace::mpegts
