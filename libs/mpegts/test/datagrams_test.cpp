#include "reading.hpp"
#include "walk.hpp"
#include <millrace/mpegts/datagrams.hpp>

namespace millrace::mpegts {
namespace {

using namespace std::chrono_literals;

struct Sent {
    Clock::duration at;
    Bytes bytes;
};

/// Pictures of many sizes as they come live, each when it is decoded, and what goes out meanwhile.
std::vector<Sent> send(int pictures, Clock::duration late = {}, int late_from = -1)
{
    Muxer muxer;
    Datagrams datagrams;
    std::vector<Sent> sent;
    media::Pieces out;
    muxer.write(video_track(), {}, out);
    Clock::time_point now{};
    const auto run_to = [&](Clock::time_point until) {
        while (datagrams.deadline() <= until) {
            now = std::max(now, datagrams.deadline());
            sent.push_back({now.time_since_epoch(), *datagrams.next(now)});
        }
        now = until;
    };
    for (int i = 0; i < pictures; ++i) {
        run_to(Clock::time_point{i * 40ms + (late_from >= 0 && i >= late_from ? late : 0ms)});
        Bytes unit(i % 10 == 0 ? 40'000 : 3000 + static_cast<std::size_t>(i % 3) * 2000, 0xaa);
        unit[0] = i % 10 == 0 ? 0x65 : 0x41;
        out.clear();
        muxer.write(picture(unit, i * 40ms, i % 10 == 0), i % 10 == 0, out);
        datagrams.feed(joined(out), now);
    }
    datagrams.end(now);
    run_to(now + 1s);
    return sent;
}

TEST(Datagrams, AreOfSevenPacketsAndLoseNone)
{
    Bytes all;
    const auto sent = send(50);
    for (std::size_t i = 0; i + 1 < sent.size(); ++i) {
        EXPECT_EQ(sent[i].bytes.size(), 7 * kPacketBytes);
    }
    for (const auto& datagram : sent) {
        all = all + datagram.bytes;
    }
    expect_continuity(walk(all));
    EXPECT_EQ(read(all).frames(kVideo).size(), 50U);
}

TEST(Datagrams, GoOutAsTheClockReferencesSay)
{
    std::optional<std::pair<Clock::duration, Ticks>> first;
    int references = 0;
    for (const auto& [at, bytes] : send(100)) {
        for (const auto& packet : walk(bytes)) {
            if (!packet.pcr) {
                continue;
            }
            first = first ? first : std::pair{at, *packet.pcr};
            const auto error = (at - first->first) - to_duration(*packet.pcr - first->second);
            EXPECT_LT(std::chrono::abs(error), 17ms) << "seven packets of the smallest picture";
            ++references;
        }
    }
    EXPECT_EQ(references, 100);
}

TEST(Datagrams, AreSpreadEvenlyBetweenReferences)
{
    const auto sent = send(100);
    Clock::duration longest{};
    for (std::size_t i = 1; i + 20 < sent.size(); ++i) {
        longest = std::max(longest, sent[i].at - sent[i - 1].at);
    }
    EXPECT_LT(longest, 40ms) << "no picture goes out at once";
    std::size_t at_once = 0;
    for (std::size_t i = 1; i < sent.size(); ++i) {
        at_once += sent[i].at == sent[i - 1].at ? 1U : 0U;
    }
    EXPECT_LT(at_once, 8U) << "only what ends the stream";
}

TEST(Datagrams, BeginAnewWhenTheSourceStoodStill)
{
    const auto sent = send(60, 3s, 30);
    Bytes all;
    for (const auto& datagram : sent) {
        all = all + datagram.bytes;
    }
    EXPECT_EQ(read(all).frames(kVideo).size(), 60U);
    EXPECT_GT(sent.back().at, 5s);
    EXPECT_LT(sent.back().at, 6s) << "not hurried after, not later and later";
}

TEST(Datagrams, HoldNoMoreThanTheirLimit)
{
    Datagrams datagrams{{.bytes = 100 * kPacketBytes}};
    Bytes nulls;
    for (int i = 0; i < 150; ++i) {
        write_null_packet(nulls);
    }
    datagrams.feed(nulls, {});
    EXPECT_EQ(datagrams.dropped(), 50U);
    EXPECT_EQ(datagrams.deadline(), Clock::time_point::max()) << "no reference has come";
    datagrams.end({});
    std::size_t bytes = 0;
    while (const auto datagram = datagrams.next(Clock::time_point{1s})) {
        bytes += datagram->size();
    }
    EXPECT_EQ(bytes, 100 * kPacketBytes);
}

} // namespace
} // namespace millrace::mpegts
