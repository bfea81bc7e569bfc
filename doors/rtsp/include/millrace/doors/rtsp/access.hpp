// Who may describe, play and publish over RTSP: asked by the door, decided elsewhere.
#pragma once

#include <string>
#include <vector>

namespace millrace::doors {

/// A request that names a stream.
struct RtspQuestion {
    bool publishes = false;
    std::string path; ///< APP/NAME.
    std::string query;
    std::string method;
    std::string uri; ///< As it stands in the request.
    std::string authorization;
    std::string peer; ///< The client's address, without port.
};

/// What becomes of it.
struct RtspVerdict {
    enum class Kind : std::uint8_t {
        accept,
        challenge, ///< The client is told how to say who it is.
        refuse,
        redirect,
    };
    Kind kind = Kind::accept;
    std::string user;                    ///< Who the client has proved to be, or claims to be.
    std::vector<std::string> challenges; ///< Of WWW-Authenticate.
    std::string reason;                  ///< Of a refusal, or of a challenge after a failed attempt.
    std::string location;                ///< Of a redirection.
};

/// Decides. Asked on any worker, also at the same time.
class RtspAccess {
public:
    virtual ~RtspAccess() = default;
    virtual RtspVerdict judge(const RtspQuestion& question) const = 0;
};

} // namespace millrace::doors
