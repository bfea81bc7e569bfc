#include "chunk_header.hpp"
#include "chunk_stream.hpp"
#include <millrace/base/reader.hpp>
#include <millrace/rtmp/chunk_reader.hpp>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace millrace::rtmp {

namespace {

constexpr std::uint32_t kMaxChunkSize = 0xffffff; ///< A larger one means the same: lengths have 24 bits.
constexpr std::size_t kKeptMessages = 16; ///< A longer queue gives its memory back once it is drained.

} // namespace

struct ChunkReader::State {
    explicit State(Limits with) : limits{with} {}

    Result<> feed(ByteView in);
    Result<> run(ByteView in);
    Result<std::size_t> begin_chunk(ByteView in);
    Result<> check(const BasicHeader& basic, const ChunkStream* stream) const;
    Result<std::size_t> take_header(const BasicHeader& basic, ChunkStream* stream, ByteView in);
    Result<std::size_t> repeat_header(std::size_t basic_size, ChunkStream& stream, ByteView in);
    Result<> check_length(const ChunkStream& stream) const;
    Result<std::size_t> expect_data(const ChunkStream& stream, std::size_t header_size);
    std::size_t take_data(ByteView in);
    Result<> end_chunk();
    Result<> obey(const Message& message);
    ChunkStream* find(std::uint32_t csid);

    Limits limits;
    std::vector<ChunkStream> streams;
    std::size_t current = 0; ///< Index of the chunk stream whose chunk came last.
    std::size_t wanted = 0;  ///< Bytes of this chunk's data still to come.
    std::size_t pending = 0; ///< Of unfinished messages, the chunk that is coming included.
    std::uint32_t chunk_size = 128;
    bool in_chunk = false;
    bool finished = false;

    std::array<std::uint8_t, kMaxChunkHeader> held{}; ///< A header that is not whole yet.
    std::size_t held_size = 0;

    std::vector<Message> ready;
    std::size_t first_ready = 0;
    std::optional<Error> error;
    Counters counters;
};

Result<> ChunkReader::State::feed(ByteView in)
{
    if (error) {
        return Unexpected{*error};
    }
    Result<> fine;
    while (fine && held_size > 0 && !in.empty()) {
        held.at(held_size++) = in.front();
        in = in.subspan(1);
        const auto again = held;
        fine = run(ByteView{again}.first(std::exchange(held_size, 0)));
    }
    if (fine) {
        fine = run(in);
    }
    if (!fine) {
        error = fine.error();
    }
    return fine;
}

/// Takes all of `in`; the beginning of a header is held for next time.
Result<> ChunkReader::State::run(ByteView in)
{
    while (!in.empty()) {
        if (!in_chunk) {
            const auto size = begin_chunk(in);
            if (!size) {
                return Unexpected{size.error()};
            }
            if (*size == 0) {
                std::ranges::copy(in, held.begin());
                held_size = in.size();
                return {};
            }
            in = in.subspan(*size);
            in_chunk = true;
        }
        in = in.subspan(take_data(in));
        if (wanted == 0) {
            in_chunk = false;
            if (const auto fine = end_chunk(); !fine) {
                return fine;
            }
        }
    }
    return {};
}

/// Reads one chunk's header and gives its size, 0 when it is not whole. Changes nothing before it is.
Result<std::size_t> ChunkReader::State::begin_chunk(ByteView in)
{
    const BasicHeader basic = read_basic_header(in);
    if (basic.size == 0) {
        return 0;
    }
    ChunkStream* const stream = find(basic.csid);
    if (const auto fine = check(basic, stream); !fine) {
        return Unexpected{fine.error()};
    }
    return basic.fmt == 3 ? repeat_header(basic.size, *stream, in) : take_header(basic, stream, in);
}

Result<> ChunkReader::State::check(const BasicHeader& basic, const ChunkStream* stream) const
{
    if (stream == nullptr) {
        if (basic.fmt >= 2) {
            return Unexpected{Errc::orphan_chunk, "RTMP 1.0 §5.3.1.2"};
        }
        if (streams.size() >= limits.chunk_streams) {
            return Unexpected{Errc::too_many_chunk_streams, "RTMP 1.0 §5.3.1.1"};
        }
    } else if (basic.fmt == 0 && stream->unfinished()) {
        return Unexpected{Errc::interrupted_message, "RTMP 1.0 §5.3.1.2"};
    }
    return {};
}

Result<std::size_t> ChunkReader::State::take_header(const BasicHeader& basic, ChunkStream* stream,
                                                    ByteView in)
{
    const FixedHeader fixed = read_fixed_header(basic.fmt, in.subspan(basic.size));
    if (fixed.size == 0) {
        return 0;
    }
    if (stream == nullptr) {
        if (basic.fmt == 1) {
            // Quirk: librtmp may open a chunk stream with type 1, on message stream 0, counting from 0.
            ++counters["type_1_on_fresh_chunk_stream"];
        }
        stream = &streams.emplace_back(ChunkStream{.csid = basic.csid});
        current = streams.size() - 1;
    }
    stream->extended = fixed.extended;
    stream->extension = fixed.extended ? fixed.time : 0;
    if (stream->unfinished()) {
        if (basic.fmt == 1 && fixed.length != stream->length) {
            return Unexpected{Errc::interrupted_message, "RTMP 1.0 §5.3.1.2"};
        }
        // Quirk: some writers repeat a type 1 or 2 header inside a message; its fields are ignored.
        ++counters["header_inside_message"];
    } else {
        stream->timestamp = basic.fmt == 0 ? fixed.time : stream->timestamp + fixed.time;
        stream->delta = fixed.time; // with type 0 too: RTMP 1.0 §5.3.1.2.4, and FMLE relies on it
        if (basic.fmt <= 1) {
            stream->length = fixed.length;
            stream->type = fixed.type;
        }
        if (basic.fmt == 0) {
            stream->stream = fixed.stream;
        }
        if (const auto fine = check_length(*stream); !fine) {
            return Unexpected{fine.error()};
        }
    }
    return expect_data(*stream, basic.size + fixed.size);
}

/// A type 3 header: goes on with a message, or begins a new one that is like the last.
Result<std::size_t> ChunkReader::State::repeat_header(std::size_t basic_size, ChunkStream& stream,
                                                      ByteView in)
{
    std::size_t size = basic_size;
    const ByteView behind = in.subspan(basic_size);
    if (stream.unfinished()) {
        if (stream.extended && stream.may_repeat_time(behind)) {
            if (behind.size() >= kExtendedBytes) {
                size += kExtendedBytes;
            } else if (!finished) {
                return 0;
            }
        }
        if (stream.extended && size == basic_size) {
            // Quirk: old encoders leave the extended timestamp out of type 3 chunks.
            ++counters["no_extended_timestamp"];
        }
        return expect_data(stream, size);
    }
    if (stream.extended) {
        if (behind.size() < kExtendedBytes) {
            return 0;
        }
        stream.extension = stream.delta = ByteReader{behind}.u32();
        size += kExtendedBytes;
    }
    stream.timestamp += stream.delta;
    return expect_data(stream, size);
}

Result<> ChunkReader::State::check_length(const ChunkStream& stream) const
{
    const std::size_t most = stream.csid == csid::kControl       ? limits.control_message_bytes
                             : stream.type == MessageType::video ? limits.message_bytes
                                                                 : limits.other_message_bytes;
    if (stream.length > most) {
        return Unexpected{Errc::message_too_big, "RTMP 1.0 §5.3.1.2"};
    }
    return {};
}

Result<std::size_t> ChunkReader::State::expect_data(const ChunkStream& stream, std::size_t header_size)
{
    wanted = std::min<std::size_t>(stream.length - stream.payload.size(), chunk_size);
    pending += wanted;
    if (pending > limits.pending_bytes) {
        return Unexpected{Errc::too_much_pending, "RTMP 1.0 §5.3"};
    }
    return header_size;
}

std::size_t ChunkReader::State::take_data(ByteView in)
{
    const std::size_t count = std::min(wanted, in.size());
    if (count > 0) {
        streams[current].append(in.first(count));
        wanted -= count;
    }
    return count;
}

Result<> ChunkReader::State::end_chunk()
{
    ChunkStream& stream = streams[current];
    if (stream.payload.size() < stream.length) {
        return {};
    }
    pending -= stream.length;
    ready.push_back(
        {stream.csid, stream.stream, stream.timestamp, stream.type, std::exchange(stream.payload, {})});
    const auto fine = obey(ready.back());
    if (!fine) {
        ready.pop_back();
    }
    return fine;
}

/// Set Chunk Size (RTMP 1.0 §5.4.1) and Abort (§5.4.2), on whichever chunk stream they come.
Result<> ChunkReader::State::obey(const Message& message)
{
    if (message.type != MessageType::set_chunk_size && message.type != MessageType::abort) {
        return {};
    }
    if (message.payload.size() < 4) {
        return Unexpected{Errc::bad_control_message, "RTMP 1.0 §5.4"};
    }
    if (message.payload.size() > 4) {
        // Quirk: what stands behind the number is ignored.
        ++counters["long_control_message"];
    }
    const std::uint32_t value = ByteReader{message.payload}.u32();
    if (message.type == MessageType::abort) {
        if (ChunkStream* const stream = find(value)) {
            pending -= stream->payload.size();
            Bytes{}.swap(stream->payload);
        }
        return {};
    }
    if (value > 0x7fffffffU) {
        // Quirk: the top bit must be 0, and is ignored when it is not.
        ++counters["chunk_size_top_bit"];
    }
    const std::uint32_t size = std::min(value & 0x7fffffffU, kMaxChunkSize);
    if (size == 0) {
        return Unexpected{Errc::bad_chunk_size, "RTMP 1.0 §5.4.1"};
    }
    chunk_size = size;
    return {};
}

ChunkStream* ChunkReader::State::find(std::uint32_t csid)
{
    if (current < streams.size() && streams[current].csid == csid) {
        return &streams[current];
    }
    for (std::size_t i = 0; i < streams.size(); ++i) {
        if (streams[i].csid == csid) {
            current = i;
            return &streams[i];
        }
    }
    return nullptr;
}

ChunkReader::ChunkReader() : ChunkReader{Limits{}} {}
ChunkReader::ChunkReader(Limits limits) : state_{std::make_unique<State>(limits)} {}
ChunkReader::~ChunkReader() = default;
ChunkReader::ChunkReader(ChunkReader&&) noexcept = default;
ChunkReader& ChunkReader::operator=(ChunkReader&&) noexcept = default;

Result<> ChunkReader::feed(ByteView bytes)
{
    return state_->feed(bytes);
}

Result<> ChunkReader::finish()
{
    state_->finished = true;
    const auto last = state_->held;
    return state_->feed(ByteView{last}.first(std::exchange(state_->held_size, 0)));
}

std::optional<Message> ChunkReader::next()
{
    auto& ready = state_->ready;
    auto& first = state_->first_ready;
    if (first == ready.size()) {
        return {};
    }
    std::optional<Message> message{std::move(ready[first++])};
    if (first == ready.size()) {
        first = 0;
        ready.clear();
        if (ready.capacity() > kKeptMessages) {
            std::vector<Message>{}.swap(ready);
        }
    }
    return message;
}

std::uint32_t ChunkReader::chunk_size() const
{
    return state_->chunk_size;
}

const ChunkReader::Counters& ChunkReader::counters() const
{
    return state_->counters;
}

} // namespace millrace::rtmp
