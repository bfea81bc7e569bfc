// However a chunk stream is cut, the same messages, the same error and the same counters come out, and never
// more bytes than went in.
//
// input := cut:u8 limit:u8 wire
#include <millrace/rtmp/chunk_reader.hpp>

#include <algorithm>
#include <cstdlib>
#include <vector>

namespace {

using namespace millrace;

struct Reading {
    std::vector<rtmp::Message> messages;
    std::error_code error;
    std::uint32_t chunk_size = 0;
    rtmp::ChunkReader::Counters counters;
    std::size_t bytes = 0;

    friend bool operator==(const Reading&, const Reading&) = default;
};

void drain(rtmp::ChunkReader& reader, Reading& reading)
{
    while (auto message = reader.next()) {
        reading.bytes += message->payload.size();
        reading.messages.push_back(std::move(*message));
    }
}

Reading read(ByteView wire, std::size_t step, rtmp::ChunkReader::Limits limits)
{
    rtmp::ChunkReader reader{limits};
    Reading reading;
    for (std::size_t at = 0; at < wire.size(); at += step) {
        if (const auto fed = reader.feed(wire.subspan(at, std::min(step, wire.size() - at))); !fed) {
            reading.error = fed.error().code();
        }
        drain(reader, reading);
    }
    if (const auto fed = reader.finish(); !fed) {
        reading.error = fed.error().code();
    }
    drain(reader, reading);
    reading.chunk_size = reader.chunk_size();
    reading.counters = reader.counters();
    return reading;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 3) {
        return 0;
    }
    rtmp::ChunkReader::Limits limits;
    if (data[1] != 0) { // small limits are met with small inputs
        limits = {.message_bytes = data[1] * 8U,
                  .other_message_bytes = data[1] * 4U,
                  .control_message_bytes = data[1] * 2U,
                  .chunk_streams = 1 + data[1] % 8U,
                  .pending_bytes = data[1] * 12U};
    }
    const ByteView wire{data + 2, size - 2};
    const Reading whole = read(wire, wire.size(), limits);
    if (whole != read(wire, 1, limits) || whole != read(wire, 1U + data[0], limits)) {
        std::abort();
    }
    if (whole.bytes > wire.size() || whole.chunk_size == 0 || whole.chunk_size > 0xffffff) {
        std::abort();
    }
    return 0;
}
