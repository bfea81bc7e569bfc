// RTMPT without HTTP: what the paths and bodies of its requests mean (RTMP through HTTP POST, as Flash Player
// and librtmp speak it; no specification says more than the name of its content type).
#pragma once

#include <millrace/base/bytes.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::rtmp {

/// The media type of all bodies.
inline constexpr std::string_view kTunnelType = "application/x-fcs";

/// One request of a tunnel.
struct TunnelRequest {
    enum class Kind : std::uint8_t {
        ident, ///< "/fcs/ident2": asks for the server's address; 404 is the usual answer.
        open,  ///< "/open/1": the answer is a session's id and a line feed.
        send,  ///< "/send/ID/SEQ": the body is RTMP.
        idle,  ///< "/idle/ID/SEQ": the body means nothing.
        close, ///< "/close/ID/SEQ".
    };
    Kind kind = Kind::ident;
    std::string id;
    std::uint32_t sequence = 0;

    friend bool operator==(const TunnelRequest&, const TunnelRequest&) = default;
};

/// None for a path that is no tunnel's.
std::optional<TunnelRequest> read_tunnel_path(std::string_view path);

/// The order of a session's requests and the form of its answers, at the server.
///
/// Requests may come on several connections and overtake each other; each is taken when its turn has come.
/// The answer to the newest is kept, for a client that asks again because it was lost.
class ServerTunnel {
public:
    struct Limits {
        std::uint32_t ahead = 16;                           ///< Requests that may overtake the next one.
        std::size_t answer_bytes = std::size_t{256} * 1024; ///< RTMP in one answer.
    };

    ServerTunnel() = default;
    explicit ServerTunnel(Limits limits) : limits_{limits} {}

    enum class Turn : std::uint8_t {
        now,
        early,    ///< Others come before it; ask again later.
        repeated, ///< It was the newest; its answer is last_answer().
        stale,    ///< It was answered long ago.
        too_far,  ///< Further ahead than any client has reason to be.
    };
    /// Whether a request of that number may be taken. A first request with the number 1 is as good as one
    /// with 0.
    Turn turn(std::uint32_t sequence) const;

    /// Takes the request whose turn is now; the next one must wait until answer() is called.
    void begin(std::uint32_t sequence);
    /// The body of the answer to it: the polling byte, then the bytes given. Expects: at most answer_bytes.
    const Bytes& answer(ByteView output);

    const Bytes& last_answer() const { return last_; }
    std::size_t answer_bytes() const { return limits_.answer_bytes; }

private:
    Limits limits_;
    std::uint32_t next_ = 0;
    bool fresh_ = true;
    bool busy_ = false;
    unsigned empty_ = 0; ///< Answers in a row without RTMP.
    Bytes last_;
};

} // namespace millrace::rtmp
