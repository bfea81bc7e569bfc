// What an operator sees of one connection, and can do to it.
#pragma once

#include <millrace/base/clock.hpp>
#include <millrace/media/track.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::exchange {

enum class Role : std::uint8_t { idle, publisher, viewer };

std::string_view name(Role role);

/// What becomes of one of a stream's tracks for one viewer.
struct TrackShare {
    media::Kind kind = media::Kind::video;
    std::uint8_t number = 0;
    media::Codec codec = media::Codec::opaque;
    std::string left_out; ///< Why, in words; empty: it is sent.
};

/// One line of the API's list of sessions.
struct SessionInfo {
    std::string id;
    std::string protocol; ///< "rtmp", "http-flv", "ws-flv".
    Role role = Role::idle;
    std::string stream; ///< APP/NAME; empty while idle.
    std::string remote;
    WallTime since;
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    std::string state; ///< Of a viewer: waiting, playing, audio_only, paused, closed. Of a publisher: live.
    double lag_seconds = 0;
    std::uint64_t falls = 0;    ///< Times a viewer fell to sound only.
    std::uint64_t skips = 0;    ///< Times a viewer skipped to a newer key frame.
    double skipped_seconds = 0; ///< Media time that a viewer never got.
    std::optional<double> first_frame_seconds;
    std::uint64_t stalls =
        0; ///< Times that a viewer who fetches segments ran dry, by their timing or its word.
    double stalled_seconds = 0;                                  ///< How long, estimated.
    std::optional<double> buffer_seconds;                        ///< What such a viewer says it holds.
    std::vector<TrackShare> tracks;                              ///< Of a viewer.
    std::string reason;                                          ///< Why it is in this state, in words.
    std::map<std::string, std::uint64_t, std::less<>> tolerated; ///< What the peer does wrong, by name.
    /// What is known of the network between, by name: "lost", "jitter_seconds", "round_trip_seconds".
    std::map<std::string, double, std::less<>> network = {};
};

/// A connection that lives on one worker and is known to its desk.
class Session {
public:
    virtual ~Session() = default;

    virtual SessionInfo info(Clock::time_point now) const = 0;
    /// Called about once a second.
    virtual void tick(Clock::time_point now) { static_cast<void>(now); }
    /// Ends it, telling the peer why where the protocol can. Returns at once.
    virtual void disconnect(std::string_view reason) = 0;
    /// Asks the peer to connect anew, to that server ("rtmp://HOST[:PORT]") or, when it is empty, to where it
    /// connected to before; false when the peer would not understand. The session goes on meanwhile.
    virtual bool ask_to_move(std::string_view server, std::string_view reason)
    {
        static_cast<void>(server);
        static_cast<void>(reason);
        return false;
    }
};

} // namespace millrace::exchange
