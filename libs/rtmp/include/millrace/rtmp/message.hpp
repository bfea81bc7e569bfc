// RTMP messages as they stand above the chunk stream (RTMP 1.0 §6).
#pragma once

#include <millrace/base/bytes.hpp>

#include <cstdint>

namespace millrace::rtmp {

/// RTMP 1.0 §5.4, §7.1; other values occur on the wire and are skipped and counted.
enum class MessageType : std::uint8_t {
    set_chunk_size = 1,
    abort = 2,
    acknowledgement = 3,
    user_control = 4,
    window_acknowledgement_size = 5,
    set_peer_bandwidth = 6,
    audio = 8,
    video = 9,
    data_amf3 = 15,
    shared_object_amf3 = 16,
    command_amf3 = 17,
    data = 18,
    shared_object = 19,
    command = 20,
    aggregate = 22,
};

/// One message, made whole from its chunks (RTMP 1.0 §6.1).
struct Message {
    std::uint32_t csid = 0;      ///< Chunk stream id, 2..65599; 2 carries protocol control.
    std::uint32_t stream = 0;    ///< Message stream id; 0 is the connection itself.
    std::uint32_t timestamp = 0; ///< Milliseconds on the peer's clock; wraps at 2^32.
    MessageType type = {};
    Bytes payload;

    friend bool operator==(const Message&, const Message&) = default;
};

/// The chunk streams that we write on. Viewers' media has its own, so that commands never change its header
/// state.
namespace csid {
inline constexpr std::uint32_t kControl = 2;
inline constexpr std::uint32_t kConnection = 3; ///< Commands of the connection.
inline constexpr std::uint32_t kData = 4;       ///< Metadata and timed data.
inline constexpr std::uint32_t kStream = 5;     ///< Commands and status of a stream.
inline constexpr std::uint32_t kAudio = 6;
inline constexpr std::uint32_t kVideo = 7;
} // namespace csid

/// The chunk size that we announce to players and with which viewers' media is cut.
inline constexpr std::uint32_t kPlayChunkSize = 60000;
/// The chunk size that we announce to publishers, who like to take it over for what they send.
inline constexpr std::uint32_t kPublishChunkSize = 4096;

} // namespace millrace::rtmp
