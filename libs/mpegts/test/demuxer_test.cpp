#include "psi.hpp"
#include "reading.hpp"

#include <gmock/gmock.h>

namespace millrace::mpegts {
namespace {

using namespace std::chrono_literals;

Bytes film()
{
    auto frames = second(0ms);
    const auto more = second(1s);
    frames.insert(frames.end(), more.begin(), more.end());
    return write({video_track(), audio_track()}, frames);
}

Outcome expected()
{
    return read(film());
}

Bytes& set(Bytes& bytes, std::size_t packet, std::size_t at, std::uint8_t value)
{
    bytes[packet * kPacketBytes + at] = value;
    return bytes;
}

std::uint16_t pid_at(ByteView bytes, std::size_t packet)
{
    return static_cast<std::uint16_t>((bytes[packet * kPacketBytes + 1] & 0x1fU) << 8U |
                                      bytes[packet * kPacketBytes + 2]);
}

/// The nth packet of a PID.
std::size_t packet_of(ByteView bytes, std::uint16_t pid, std::size_t n)
{
    for (std::size_t i = 0; i < bytes.size() / kPacketBytes; ++i) {
        if (pid_at(bytes, i) == pid && n-- == 0) {
            return i;
        }
    }
    ADD_FAILURE() << "no such packet";
    return 0;
}

Bytes section_packet(std::uint16_t pid, ByteView section, std::uint8_t counter = 0)
{
    Bytes packet{kSyncByte, static_cast<std::uint8_t>(0x40U | pid >> 8U), static_cast<std::uint8_t>(pid),
                 static_cast<std::uint8_t>(0x10U | counter), 0};
    packet.insert(packet.end(), section.begin(), section.end());
    packet.resize(kPacketBytes, 0xff);
    return packet;
}

TEST(Demuxer, GivesWhatTheMuxerWasGiven)
{
    const auto out = expected();
    EXPECT_TRUE(out.good);
    EXPECT_TRUE(out.warnings.empty());
    EXPECT_TRUE(out.counters.empty());
    auto frames = second(10s); // what a timeline begins with on the wire
    const auto more = second(11s);
    frames.insert(frames.end(), more.begin(), more.end());
    ASSERT_EQ(out.tracks().size(), 2U);
    EXPECT_EQ(out.tracks()[1], video_track());
    const auto pictures = out.frames(kVideo);
    ASSERT_EQ(pictures.size(), 50U);
    auto sounds = out.frames(kAudio);
    ASSERT_EQ(sounds.size(), 94U);
    std::size_t picture = 0;
    std::size_t sound = 0;
    for (const auto& frame : frames) {
        if (frame.kind == media::Kind::video) {
            EXPECT_EQ(pictures[picture++], frame);
        } else {
            const auto& got = sounds[sound++];
            EXPECT_EQ(got.payload, frame.payload);
            EXPECT_LT(std::chrono::abs(got.dts - frame.dts), 3ms)
                << "samples are counted on from second to second";
        }
    }
}

TEST(Demuxer, GivesTheSameHoweverTheBytesAreCut)
{
    auto bytes = film();
    bytes.resize(bytes.size() / 4);
    bytes.insert(bytes.begin() + 1000, 77, 0x47); // garbage in the midst
    const auto whole = read(bytes);
    EXPECT_GT(whole.items.size(), 8U);
    for (const std::size_t piece : {1U, 7U, 187U, 188U, 189U, 1000U}) {
        EXPECT_EQ(read(bytes, piece), whole) << piece;
    }
    for (std::size_t cut = 0; cut <= bytes.size(); cut += 61) {
        Demuxer demuxer;
        Outcome out;
        ASSERT_TRUE(demuxer.feed(ByteView{bytes}.first(cut)));
        ASSERT_TRUE(demuxer.feed(ByteView{bytes}.subspan(cut)));
        demuxer.end();
        drain(demuxer, out);
        EXPECT_EQ(out, whole) << cut;
    }
}

TEST(Demuxer, FindsItsPlaceAfterGarbage)
{
    auto bytes = film();
    Bytes garbage(1000, 0x46);
    for (const std::size_t i : {0U, 188U, 400U, 999U}) {
        garbage[i] = kSyncByte;
    }
    const auto at = static_cast<std::ptrdiff_t>(packet_of(bytes, 0x100, 5) * kPacketBytes);
    bytes.insert(bytes.begin() + at, garbage.begin(), garbage.end());
    const auto out = read(bytes);
    EXPECT_EQ(out.counters, (Demuxer::Counters{{"garbage_bytes", 624}}))
        << "two packets' worth looks like packets";
    EXPECT_EQ(out.items, expected().items);
}

TEST(Demuxer, QuirkPacketsWithTimeStampsOrErrorCorrectionBetweenThem)
{
    const auto bytes = film();
    for (const std::size_t stride : {192U, 204U}) {
        Bytes wide;
        for (std::size_t at = 0; at < bytes.size(); at += kPacketBytes) {
            wide.resize(wide.size() + (stride == 192 ? 4 : 0), 0x11);
            wide.insert(wide.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at),
                        bytes.begin() + static_cast<std::ptrdiff_t>(at + kPacketBytes));
            wide.resize(wide.size() + (stride == 204 ? 16 : 0), 0x22);
        }
        EXPECT_EQ(read(wide).items, expected().items);
    }
}

TEST(Demuxer, RefusesWhatIsNoTransportStream)
{
    const Bytes other(std::size_t{70} * 1024, 0x46);
    EXPECT_FALSE(read(other).good);
    EXPECT_FALSE(read(other, 1000).good);
    EXPECT_TRUE(read(ByteView{other}.first(60000)).good) << "not yet clear";
    Demuxer demuxer;
    ASSERT_FALSE(demuxer.feed(other));
    EXPECT_EQ(demuxer.feed(film()).error().code(), make_error_code(Errc::not_ts)) << "final";
}

TEST(Demuxer, LeavesOutFramesOfLostPackets)
{
    auto bytes = film();
    const auto lost = packet_of(bytes, 0x100, 3);
    bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(lost * kPacketBytes),
                bytes.begin() + static_cast<std::ptrdiff_t>((lost + 1) * kPacketBytes));
    const auto out = read(bytes);
    EXPECT_EQ(out.counters.at("lost_packets"), 1U);
    EXPECT_EQ(out.frames(kVideo).size(), 48U) << "that picture, and the one before, whose end was not seen";
    EXPECT_EQ(out.frames(kAudio).size(), 94U);
}

TEST(Demuxer, SkipsPacketsThatAreSentTwiceOrMarkedBroken)
{
    auto bytes = film();
    const auto at = packet_of(bytes, 0x101, 2) * kPacketBytes;
    const Bytes twice(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                      bytes.begin() + static_cast<std::ptrdiff_t>(at + kPacketBytes));
    auto repeated = bytes;
    repeated.insert(repeated.begin() + static_cast<std::ptrdiff_t>(at), twice.begin(), twice.end());
    auto out = read(repeated);
    EXPECT_EQ(out.items, expected().items);
    EXPECT_EQ(out.counters.at("repeated_packets"), 1U);
    bytes[at + 1] |= 0x80U;
    out = read(bytes);
    EXPECT_EQ(out.counters.at("broken_packets"), 1U);
    EXPECT_EQ(out.counters.at("lost_packets"), 1U);
    EXPECT_EQ(out.frames(kAudio).size(), 92U);
}

TEST(Demuxer, IgnoresScrambledPackets)
{
    auto bytes = film();
    bytes[packet_of(bytes, 0x101, 2) * kPacketBytes + 3] |= 0x80U;
    const auto out = read(bytes);
    EXPECT_EQ(out.counters.at("scrambled_packets"), 1U);
    EXPECT_EQ(out.frames(kAudio).size(), 92U);
}

TEST(Demuxer, TakesNoTableWithABadCrc)
{
    auto bytes = film();
    set(bytes, 1, 12, bytes[kPacketBytes + 12] ^ 1U);
    const auto out = read(bytes);
    EXPECT_EQ(out.counters.at("bad_crc"), 1U);
    EXPECT_EQ(out.frames(kAudio).size(), 76U) << "from the next tables on, 400 ms later";
    EXPECT_EQ(out.frames(kVideo).size(), 25U) << "from the next parameter sets on";
}

TEST(Demuxer, ReadsTheFirstProgramWithMediaAndNamesTheOthers)
{
    // Program 7 has a teletext stream only; 8 is ours; 9 has a picture of its own.
    Bytes pat_body{0x00, 0xb0, 0x15, 0, 1, 0xc1, 0, 0, 0, 7, 0xe0, 0x70, 0, 8, 0xf0, 0x00, 0, 9, 0xe0, 0x90};
    ByteWriter{pat_body}.u32(crc32(pat_body));
    const auto pmt = [](std::uint16_t program, StreamType type, std::uint16_t pid) {
        return write_program_map({.program = program, .pcr_pid = pid, .streams = {{type, pid, {}}}});
    };
    auto bytes = section_packet(0, pat_body);
    const auto add = [&bytes](const Bytes& packet) {
        bytes.insert(bytes.end(), packet.begin(), packet.end());
    };
    add(section_packet(0x70, pmt(7, StreamType::private_pes, 0x71)));
    add(section_packet(kPmtPid, write_program_map({.program = 8,
                                                   .pcr_pid = 0x100,
                                                   .streams = {{StreamType::h264, 0x100, {}},
                                                               {StreamType{0x02}, 0x104, {}},
                                                               {StreamType::adts, 0x101, {}}}})));
    add(section_packet(0x90, pmt(9, StreamType::h264, 0x91)));
    const auto ours = film();
    for (std::size_t i = 0; i < ours.size() / kPacketBytes; ++i) {
        if (pid_at(ours, i) >= 0x100 && pid_at(ours, i) != kPmtPid) {
            bytes.insert(bytes.end(), ours.begin() + static_cast<std::ptrdiff_t>(i * kPacketBytes),
                         ours.begin() + static_cast<std::ptrdiff_t>((i + 1) * kPacketBytes));
        }
    }
    const auto out = read(bytes);
    EXPECT_EQ(out.items, expected().items);
    ASSERT_EQ(out.warnings.size(), 2U);
    EXPECT_EQ(out.warnings[0].reason, "stream type 0x02 on PID 0x104 is not read");
    EXPECT_EQ(out.warnings[1].reason, "program 9 is not read: program 8 is");
    EXPECT_EQ(out.counters.at("streams_ignored"), 1U);
}

TEST(Demuxer, FollowsAProgramWhoseStreamsChange)
{
    Muxer muxer;
    media::Pieces pieces;
    muxer.write(video_track(), {}, pieces);
    for (const auto& frame : second(0ms)) {
        muxer.write(frame, frame.kind == media::Kind::video && frame.key, pieces); // no sound yet
    }
    muxer.write(audio_track(), {}, pieces);
    for (const auto& frame : second(1s)) {
        muxer.write(frame, frame.kind == media::Kind::video && frame.key, pieces);
    }
    muxer.flush(pieces);
    const auto out = read(joined(pieces));
    EXPECT_EQ(out.counters, (Demuxer::Counters{{"program_changes", 1}}));
    EXPECT_EQ(out.frames(kVideo).size(), 50U);
    EXPECT_EQ(out.frames(kAudio).size(), 47U);
}

TEST(Demuxer, CountsPicturesWithoutNumbersThroughTheWrap)
{
    // 33 bits of 90 kHz are 26 h 30 min 43.7 s.
    const auto wrap = to_duration(kTimestampMask + 1);
    const auto from = wrap - 10s - 500ms;
    const auto out = read(write({video_track(), audio_track()}, second(from)));
    const auto pictures = out.frames(kVideo);
    ASSERT_EQ(pictures.size(), 25U);
    for (std::size_t i = 1; i < pictures.size(); ++i) {
        const auto step = pictures[i].dts - pictures[i - 1].dts;
        EXPECT_GT(step, 39'900us);
        EXPECT_LT(step, 40'100us);
        EXPECT_EQ(pictures[i].composition, 40ms);
    }
    EXPECT_EQ(out.frames(kAudio).size(), 47U);
    EXPECT_TRUE(out.counters.empty());
}

TEST(Demuxer, CountsJumpsOfTimesAndOfTheClock)
{
    auto bytes = write({video_track()}, {picture(kIdr, 0s, true), picture(kSlice1, 40ms)});
    const auto later = write({video_track()}, {picture(kIdr, 100s, true), picture(kSlice1, 100s + 40ms)});
    bytes.insert(bytes.end(), later.begin(), later.end());
    const auto out = read(bytes);
    EXPECT_EQ(out.counters.at("time_jumps"), 1U);
    EXPECT_EQ(out.counters.at("clock_jumps"), 1U);
    EXPECT_EQ(out.frames(kVideo).back().dts, MediaTime{110s + 40ms});
}

TEST(Demuxer, ReadsTimedMetadataAndCountsKlv)
{
    auto bytes = Bytes{"474000100000b00d0001c100000001f0002ab104b2"_hex} + Bytes(167, 0xff);
    bytes = bytes +
            Bytes{"475000100002b03c0001c10000e100f011250fffff49443320ff49443320001f00011be100f0000fe101f0001"
                  "5e102f00f260dffff49443320ff49443320000f22bb5b1a"_hex} +
            Bytes(120, 0xff);
    bytes =
        bytes + Bytes{"474102308c00"_hex} + Bytes(139, 0xff) +
        Bytes{"000001bd002584800521003793614944330400000000001354585858000000090000036164496400343200"_hex};
    const auto out = read(bytes);
    ASSERT_EQ(out.items.size(), 2U);
    const auto& frame = std::get<media::Frame>(out.items[1]);
    EXPECT_EQ(frame.kind, media::Kind::data);
    EXPECT_EQ(to_ticks(frame.dts.time_since_epoch()), 903600);
    EXPECT_THAT(std::string{as_text(frame.payload)},
                ::testing::AllOf(::testing::HasSubstr("onID3"), ::testing::HasSubstr("adId"),
                                 ::testing::HasSubstr("42")));

    Bytes klv{"05044b4c5641"_hex};
    auto other = section_packet(0, write_program_association({1, kPmtPid}));
    other = other +
            section_packet(kPmtPid, write_program_map({.streams = {{StreamType::h264, 0x100, {}},
                                                                   {StreamType::private_pes, 0x105, klv}}}));
    auto packet = Bytes{"474105301300"_hex} + Bytes(18, 0xff);
    packet.resize(kPacketBytes, 0);
    EXPECT_EQ(read(other + packet).counters.at("klv_ignored"), 1U);
}

} // namespace
} // namespace millrace::mpegts
