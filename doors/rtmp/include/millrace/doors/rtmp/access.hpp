// Who may connect, publish and play over RTMP: asked by the door, decided elsewhere.
#pragma once

#include <millrace/rtmp/server.hpp>

#include <string>
#include <vector>

namespace millrace::doors {

/// What becomes of a connect.
struct Admission {
    enum class Kind : std::uint8_t {
        accept,
        challenge, ///< Refused for now: the client is told what to connect with next.
        refuse,
        redirect,
    };
    Kind kind = Kind::accept;
    std::string answer; ///< Redirect: where to; challenge, refuse: what is said, to the letter.
    std::string reason; ///< Refuse: why, for the log.
    std::string user; ///< Who the client has proved to be, or claims to be; empty when nobody in particular.
    std::vector<rtmp::SwfFile> swf; ///< Unless empty: which files the client must prove to be one of.
    const void* by = nullptr;       ///< What admitted it; for who decides.
};

/// Decides. Asked on any worker, also at the same time.
class RtmpAccess {
public:
    virtual ~RtmpAccess() = default;

    virtual Admission admit(const rtmp::ConnectRequested& request, Clock::time_point now) = 0;
    /// Why a connection that was admitted so may not publish that stream; empty when it may. A name may lead
    /// out of the application of the connect.
    virtual std::string why_not_publish(const Admission& admission, std::string_view path) const = 0;
    /// The same for playing.
    virtual std::string why_not_play(const Admission& admission, std::string_view path) const = 0;
};

} // namespace millrace::doors
