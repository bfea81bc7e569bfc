// How fast MPEG-TS is written and read, in bytes of the wire, on one core.
#include <millrace/codec/h264.hpp>
#include <millrace/mpegts/demuxer.hpp>
#include <millrace/mpegts/muxer.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>

namespace {

using namespace millrace;
using namespace std::chrono_literals;

constexpr std::size_t kInbox = std::size_t{64} << 10U; ///< What a session reads at once.

const Bytes kSps{0x67, 0x42, 0xc0, 0x0a, 0xda, 0x25, 0xb0, 0x11, 0x00, 0x00, 0x03,
                 0x00, 0x01, 0x00, 0x00, 0x03, 0x00, 0x32, 0x0f, 0x12, 0x26, 0xa0};
const Bytes kPps{0x68, 0xce, 0x0f, 0xc8};

std::vector<media::Track> tracks()
{
    media::Track video{.id = media::track_id(media::Kind::video, 0), .codec = media::Codec::h264};
    Bytes record;
    ByteWriter out{record};
    codec::h264::write(out, *codec::h264::make_config({kSps, kPps}));
    video.config = SharedBytes{std::move(record)};
    media::Track audio{
        .id = media::track_id(media::Kind::audio, 0), .kind = media::Kind::audio, .codec = media::Codec::aac};
    audio.config = SharedBytes{Bytes{0x11, 0x90}};
    return {video, audio};
}

/// Ten seconds of a stream of so many Mbit/s: 25 pictures a second, the first of each 2 s five times as big,
/// and sound.
std::vector<media::Frame> ten_seconds(std::int64_t megabits)
{
    std::vector<media::Frame> frames;
    const auto usual = static_cast<std::size_t>(megabits * 1'000'000 / 8 / 27);
    for (int i = 0; i < 250; ++i) {
        const bool key = i % 50 == 0;
        Bytes payload(key ? usual * 5 : usual);
        std::uint32_t noise = 1;
        std::ranges::generate(payload, [&noise] {
            noise = noise * 1664525U + 1013904223U;
            return static_cast<std::uint8_t>(noise >> 24U | 1U); // no start codes
        });
        const auto length = payload.size() - 4;
        for (std::size_t byte = 0; byte < 4; ++byte) {
            payload[byte] = static_cast<std::uint8_t>(length >> (24 - 8 * byte));
        }
        payload[4] = key ? 0x65 : 0x41;
        frames.push_back({.track = media::track_id(media::Kind::video, 0),
                          .key = key,
                          .dts = MediaTime{i * 40ms},
                          .payload = SharedBytes{std::move(payload)}});
    }
    for (int i = 0; i < 468; ++i) {
        frames.push_back({.track = media::track_id(media::Kind::audio, 0),
                          .kind = media::Kind::audio,
                          .key = true,
                          .dts = MediaTime{std::chrono::nanoseconds{i * 1024LL * 1'000'000'000 / 48000}},
                          .payload = SharedBytes{Bytes(340, std::uint8_t{0x21})}});
    }
    std::ranges::stable_sort(frames, {}, &media::Frame::dts);
    return frames;
}

std::size_t write_all(const std::vector<media::Frame>& frames, Bytes* into)
{
    mpegts::Muxer muxer;
    media::Pieces out;
    std::size_t bytes = 0;
    for (const auto& track : tracks()) {
        muxer.write(track, {}, out);
    }
    for (const auto& frame : frames) {
        out.clear();
        muxer.write(frame, frame.kind == media::Kind::video && frame.key, out);
        for (const auto& piece : out) {
            bytes += piece.size();
            if (into != nullptr) {
                into->insert(into->end(), piece.view().begin(), piece.view().end());
            }
        }
    }
    return bytes;
}

void mux(benchmark::State& state)
{
    const auto frames = ten_seconds(state.range(0));
    std::size_t bytes = 0;
    for (auto _ : state) {
        bytes = write_all(frames, nullptr);
        benchmark::DoNotOptimize(bytes);
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * bytes));
}

void demux(benchmark::State& state)
{
    Bytes wire;
    write_all(ten_seconds(state.range(0)), &wire);
    for (auto _ : state) {
        mpegts::Demuxer demuxer;
        std::size_t frames = 0;
        for (std::size_t at = 0; at < wire.size(); at += kInbox) {
            if (!demuxer.feed(ByteView{wire}.subspan(at, std::min(kInbox, wire.size() - at)))) {
                state.SkipWithError("not a transport stream");
            }
            while (const auto item = demuxer.next()) {
                ++frames;
            }
        }
        benchmark::DoNotOptimize(frames);
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * wire.size()));
}

BENCHMARK(mux)->Arg(2)->Arg(20);
BENCHMARK(demux)->Arg(2)->Arg(20);

} // namespace
