// Protocol control and user control messages (RTMP 1.0 §5.4, §6.2, §7.1.7).
#pragma once

#include <millrace/base/result.hpp>
#include <millrace/rtmp/error.hpp>
#include <millrace/rtmp/message.hpp>

#include <array>
#include <optional>
#include <variant>

namespace millrace::rtmp {

/// RTMP 1.0 §5.4.1: the size of the chunks that the sender of this will send from now on.
struct SetChunkSize {
    std::uint32_t bytes = 128; ///< 1 to 0x7FFFFFFF; above 16777215 is the same as that.
    friend bool operator==(const SetChunkSize&, const SetChunkSize&) = default;
};

/// §5.4.2: drop the unfinished message of that chunk stream.
struct Abort {
    std::uint32_t csid = 0;
    friend bool operator==(const Abort&, const Abort&) = default;
};

/// §5.4.3: how much its sender has received, modulo 2^32.
struct Acknowledgement {
    std::uint32_t sequence = 0;
    friend bool operator==(const Acknowledgement&, const Acknowledgement&) = default;
};

/// §5.4.4: acknowledge each time that you have received so much from me.
struct WindowAcknowledgementSize {
    std::uint32_t bytes = 0;
    friend bool operator==(const WindowAcknowledgementSize&, const WindowAcknowledgementSize&) = default;
};

/// §5.4.5: how a Set Peer Bandwidth stands to the one before it.
enum class PeerLimit : std::uint8_t {
    hard = 0,    ///< Use it.
    soft = 1,    ///< Use it when it is the smaller one.
    dynamic = 2, ///< Hard when the last one was hard, else to be ignored.
};

/// §5.4.5: send me at most so much that I have not acknowledged.
struct SetPeerBandwidth {
    std::uint32_t bytes = 0;
    PeerLimit limit = PeerLimit::dynamic;
    friend bool operator==(const SetPeerBandwidth&, const SetPeerBandwidth&) = default;
};

/// User control events 0, 1, 2, 4, 31, 32 (§7.1.7): something about a message stream.
enum class StreamNews : std::uint16_t {
    begin = 0,
    eof = 1,
    dry = 2,
    is_recorded = 4,
    buffer_empty = 31, ///< Not in the specification: servers pace recordings with it.
    buffer_ready = 32,
};
struct StreamEvent {
    StreamNews news = {};
    std::uint32_t stream = 0;
    friend bool operator==(const StreamEvent&, const StreamEvent&) = default;
};

/// User control event 3.
struct SetBufferLength {
    std::uint32_t stream = 0;
    std::uint32_t ms = 0;
    friend bool operator==(const SetBufferLength&, const SetBufferLength&) = default;
};

/// User control event 6; answered with a PingResponse of the same time.
struct PingRequest {
    std::uint32_t time = 0; ///< Milliseconds on the clock of who asks.
    friend bool operator==(const PingRequest&, const PingRequest&) = default;
};
/// User control event 7.
struct PingResponse {
    std::uint32_t time = 0;
    friend bool operator==(const PingResponse&, const PingResponse&) = default;
};

/// User control event 26, not in the specification: show that you are the right SWF file.
struct SwfVerifyRequest {
    std::optional<std::uint8_t> kind; ///< 0, 1 or absent.
    friend bool operator==(const SwfVerifyRequest&, const SwfVerifyRequest&) = default;
};
/// User control event 27.
struct SwfVerifyResponse {
    std::uint32_t size = 0; ///< Of the decompressed file.
    std::array<std::uint8_t, 32> digest{};
    friend bool operator==(const SwfVerifyResponse&, const SwfVerifyResponse&) = default;
};

/// A user control event that we do not know.
struct UnknownEvent {
    std::uint16_t event = 0;
    Bytes data;
    friend bool operator==(const UnknownEvent&, const UnknownEvent&) = default;
};

using Control = std::variant<SetChunkSize, Abort, Acknowledgement, WindowAcknowledgementSize,
                             SetPeerBandwidth, StreamEvent, SetBufferLength, PingRequest, PingResponse,
                             SwfVerifyRequest, SwfVerifyResponse, UnknownEvent>;

/// True for the types that read_control reads: 1 to 6.
bool is_control(MessageType type);

/// Reads a control message. What stands behind its fields is ignored.
/// Expects: is_control(type).
/// Errors: bad_control_message when it is too short, or an SWF verification contradicts itself.
Result<Control> read_control(MessageType type, ByteView payload);

/// The whole message: on chunk stream 2, message stream 0, at time 0.
Message control_message(const Control& control);

} // namespace millrace::rtmp
