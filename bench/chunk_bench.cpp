// How fast a chunk stream is read and written, in bytes of the wire, on one core.
#include <millrace/rtmp/chunk_reader.hpp>
#include <millrace/rtmp/chunk_writer.hpp>
#include <millrace/rtmp/control.hpp>
#include <millrace/rtmp/muxer.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>

namespace {

using namespace millrace;
using namespace millrace::rtmp;

constexpr std::size_t kInbox = std::size_t{64} << 10U; ///< What a session reads at once.

/// Ten seconds of a 2 Mbit/s stream: 25 frames of video a second, the first of each 2 s five times as long,
/// and 43 of audio.
std::vector<Message> ten_seconds()
{
    std::vector<Message> messages;
    for (std::uint32_t i = 0; i < 250; ++i) {
        const std::uint32_t time = i * 40;
        const std::size_t size = i % 50 == 0 ? 45000 : 8500;
        messages.push_back({csid::kVideo, 1, time, MessageType::video, Bytes(size, std::uint8_t{0x27})});
        for (std::uint32_t audio = (time * 43 + 999) / 1000; audio * 1000 < (time + 40) * 43; ++audio) {
            messages.push_back(
                {csid::kAudio, 1, audio * 1000 / 43, MessageType::audio, Bytes(370, std::uint8_t{0xaf})});
        }
    }
    return messages;
}

Bytes wire_of(const std::vector<Message>& messages, std::uint32_t chunk_size)
{
    Bytes wire;
    ChunkWriter writer;
    writer.write(wire, control_message(SetChunkSize{chunk_size}));
    writer.set_chunk_size(chunk_size);
    for (const Message& message : messages) {
        writer.write(wire, message);
    }
    return wire;
}

void count_bytes(benchmark::State& state, std::size_t each)
{
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * each));
}

void read_chunks(benchmark::State& state)
{
    const Bytes wire = wire_of(ten_seconds(), static_cast<std::uint32_t>(state.range(0)));
    for (auto _ : state) {
        ChunkReader reader;
        for (std::size_t at = 0; at < wire.size(); at += kInbox) {
            if (!reader.feed(ByteView{wire}.subspan(at, std::min(kInbox, wire.size() - at)))) {
                state.SkipWithError("not a chunk stream");
            }
            while (auto message = reader.next()) {
                benchmark::DoNotOptimize(message->payload.data());
            }
        }
    }
    count_bytes(state, wire.size());
}

void write_chunks(benchmark::State& state)
{
    const auto messages = ten_seconds();
    const auto chunk_size = static_cast<std::uint32_t>(state.range(0));
    Bytes out;
    for (auto _ : state) {
        ChunkWriter writer{chunk_size};
        out.clear();
        for (const Message& message : messages) {
            writer.write(out, message);
        }
        benchmark::DoNotOptimize(out.data());
    }
    count_bytes(state, out.size());
}

void write_pieces(benchmark::State& state)
{
    const auto messages = ten_seconds();
    const auto chunk_size = static_cast<std::uint32_t>(state.range(0));
    std::vector<SharedBytes> payloads;
    for (const Message& message : messages) {
        payloads.push_back(SharedBytes::copy_of(message.payload));
    }
    std::size_t bytes = 0;
    std::vector<SharedBytes> out;
    for (auto _ : state) {
        ChunkWriter writer{chunk_size};
        bytes = 0;
        for (std::size_t i = 0; i < messages.size(); ++i) {
            const Message& message = messages[i];
            out.clear();
            writer.write(out, {message.csid, message.stream, message.timestamp, message.type}, {},
                         payloads[i]);
            for (const SharedBytes& piece : out) {
                bytes += piece.size();
            }
        }
    }
    count_bytes(state, bytes);
}

/// Frames as a stream's wire image gets them.
void mux_frames(benchmark::State& state)
{
    std::vector<media::Frame> frames;
    for (Message& message : ten_seconds()) {
        const bool video = message.type == MessageType::video;
        frames.push_back({.track = static_cast<media::TrackId>(video ? 0 : 1),
                          .kind = video ? media::Kind::video : media::Kind::audio,
                          .key = !video || message.payload.size() > 40000,
                          .dts = media_ms(message.timestamp),
                          .payload = SharedBytes{std::move(message.payload)}});
    }
    media::Pieces out;
    Muxer muxer;
    muxer.write(
        media::Track{.id = 0, .kind = media::Kind::video, .codec = media::Codec::h264, .origin = 0x07}, {},
        out);
    muxer.write(media::Track{.id = 1, .kind = media::Kind::audio, .codec = media::Codec::aac, .origin = 0xaf},
                {}, out);
    std::size_t bytes = 0;
    for (auto _ : state) {
        bytes = 0;
        for (const media::Frame& frame : frames) {
            out.clear();
            muxer.write(frame, frame.key && frame.track == 0, out);
            for (const SharedBytes& piece : out) {
                bytes += piece.size();
            }
        }
    }
    count_bytes(state, bytes);
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * frames.size()));
}

BENCHMARK(read_chunks)->Arg(128)->Arg(4096)->Arg(60000);
BENCHMARK(write_chunks)->Arg(128)->Arg(4096)->Arg(60000);
BENCHMARK(write_pieces)->Arg(128)->Arg(4096)->Arg(60000);
BENCHMARK(mux_frames);

} // namespace
