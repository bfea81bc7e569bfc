// RTSP's byte stream: bytes in, messages and interleaved frames out (RFC 2326 §4, §10.12).
#pragma once

#include <millrace/base/result.hpp>
#include <millrace/rtsp/error.hpp>
#include <millrace/rtsp/message.hpp>

#include <bitset>
#include <deque>
#include <map>

namespace millrace::rtsp {

/// Takes a stream apart by its first byte: `$` begins a frame, a letter a message, line ends are nothing.
///
/// The bytes may be cut anywhere; how they are cut never changes what comes out.
class MessageReader {
public:
    /// How much one peer may make us hold.
    struct Limits {
        std::size_t start_line = 4096;
        std::size_t header_line = 4096; ///< With its continuations.
        std::size_t headers = 255;
        std::size_t head = 16384;
        std::size_t body = std::size_t{128} << 10U;
        std::size_t resync = std::size_t{64} << 10U; ///< Of bytes that are nothing, in a row (client role).
    };
    enum class Role : std::uint8_t {
        server, ///< What is no RTSP is an error.
        client, ///< What is no RTSP is passed over up to the next response or frame of a known channel.
    };

    explicit MessageReader(Role role) : MessageReader{role, Limits{}} {}
    MessageReader(Role role, Limits limits) : role_{role}, limits_{limits} {}

    /// Takes the next bytes of the stream. An error is final: each later call gives it again.
    ///
    /// Errors: bad_message, uri_too_long, head_too_big, body_too_big, bad_length, no_sync.
    Result<> feed(ByteView bytes);

    /// The next message that is whole.
    std::optional<Message> next();

    /// The channels on which frames may begin where sync is lost (client role).
    void expect_channel(std::uint8_t channel) { channels_.set(channel); }

    /// How often each of the peer's oddities was tolerated.
    const std::map<std::string_view, std::uint64_t>& counters() const { return counters_; }

private:
    enum class At : std::uint8_t { start, line, body, frame_head, frame, lost };

    Result<> step(ByteView& bytes);
    Result<> take_line(ByteView& bytes);
    Result<> end_line();
    Result<> start_line(std::string_view line);
    Result<> header_line(std::string_view line);
    Result<> end_head();
    void take_frame_head(ByteView& bytes);
    void take_body(ByteView& bytes);
    Result<> take_lost(ByteView& bytes);
    Result<> lose(Errc why);
    Headers& headers();
    void finish();
    void count(std::string_view name) { ++counters_[name]; }

    Role role_;
    Limits limits_;
    At at_ = At::start;
    bool skip_lf_ = false; ///< A CR ended a line; an LF behind it belongs to it.
    bool first_line_ = true;
    bool response_ = false;
    std::string line_;
    std::size_t head_size_ = 0;
    std::size_t value_size_ = 0; ///< Of the newest header with its continuations.
    Request request_;
    Response answer_;
    Bytes body_; ///< Of a message or a frame.
    std::size_t wanted_ = 0;
    std::uint8_t channel_ = 0;
    std::string window_; ///< While lost: the newest bytes.
    std::size_t lost_bytes_ = 0;
    std::bitset<256> channels_;
    std::deque<Message> ready_;
    std::optional<Error> error_;
    std::map<std::string_view, std::uint64_t> counters_;
};

} // namespace millrace::rtsp
