// From a chunk stream to whole messages (RTMP 1.0 §5.3).
#pragma once

#include <millrace/base/result.hpp>
#include <millrace/rtmp/error.hpp>
#include <millrace/rtmp/message.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>

namespace millrace::rtmp {

/// Reads an RTMP chunk stream: bytes in, whole messages out (RTMP 1.0 §5.3).
///
/// The bytes may be cut anywhere; how they are cut never changes what comes out.
class ChunkReader {
public:
    /// How much one peer may make us hold.
    struct Limits {
        std::size_t message_bytes = 16777215;                       ///< Video.
        std::size_t other_message_bytes = std::size_t{4} << 20U;    ///< Anything that is not video.
        std::size_t control_message_bytes = std::size_t{64} << 10U; ///< On chunk stream 2.
        std::size_t chunk_streams = 64;
        std::size_t pending_bytes = std::size_t{32} << 20U; ///< All unfinished messages together.
    };

    /// What was tolerated, by name: "header_inside_message", "no_extended_timestamp", …
    using Counters = std::map<std::string_view, std::uint64_t>;

    ChunkReader();
    explicit ChunkReader(Limits limits);
    ~ChunkReader();
    ChunkReader(ChunkReader&&) noexcept;
    ChunkReader& operator=(ChunkReader&&) noexcept;

    /// Takes the next bytes of the stream. Set Chunk Size and Abort are obeyed here, and still handed on.
    /// An error is final: each later call gives it again.
    ///
    /// Errors: orphan_chunk, interrupted_message, bad_chunk_size, bad_control_message, message_too_big,
    /// too_many_chunk_streams, too_much_pending.
    Result<> feed(ByteView bytes);

    /// The peer sends nothing more: bytes that were held back as a possible extended timestamp are payload.
    /// Only next() may follow. Errors: as feed.
    Result<> finish();

    /// The next whole message, in the order in which messages became whole; none when more bytes are needed.
    std::optional<Message> next();

    /// The peer's present chunk size in bytes.
    std::uint32_t chunk_size() const;
    const Counters& counters() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace millrace::rtmp
