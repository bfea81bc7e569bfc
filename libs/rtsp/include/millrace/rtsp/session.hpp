// A session of the server's: which streams are set up, how they travel, and what may be asked of them when.
#pragma once

#include <millrace/base/clock.hpp>
#include <millrace/rtsp/transport.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace millrace::rtsp {

/// Of one stream of a session (RFC 2326 §A.2).
enum class State : std::uint8_t { init, ready, playing, recording };

enum class Method : std::uint8_t {
    options,
    describe,
    announce,
    setup,
    play,
    record,
    pause,
    teardown,
    get_parameter,
    set_parameter,
    redirect,
    unknown,
};
Method method_of(std::string_view name);
std::string_view name(Method method);
std::string_view name(State state);

/// The state that a method leads to; none: not valid in that state (455).
std::optional<State> next_state(State state, Method method);

/// One session. What carries its packets is the door's.
struct Session {
    struct Stream {
        std::string url; ///< As it was set up.
        Transport transport;
        State state = State::ready;
    };

    std::string id;
    std::string path; ///< APP/NAME.
    std::string query;
    bool record = false;
    std::map<int, Stream> streams; ///< By the number of the track.
    /// The connection that interleaved packets go through: no other one may control the session. 0: any may.
    std::uint64_t connection = 0;
    Clock::time_point heard; ///< When its client last showed that it is there.
    Clock::duration timeout = std::chrono::seconds{60};

    State state() const; ///< The furthest of its streams'.
    bool interleaved() const;
    bool multicast() const;
};

/// Fills with bytes that nobody can guess.
using RandomFill = std::function<void(std::span<std::uint8_t>)>;

/// The sessions of one worker, by their ids, whatever connection they were made on.
class SessionBook {
public:
    struct Limits {
        std::size_t sessions = 4096;
        Clock::duration timeout = std::chrono::seconds{60};
    };

    /// `prefix`: hexadecimal digits that each id begins with, for those who must find the book.
    SessionBook(RandomFill random, std::string prefix) : SessionBook{std::move(random), std::move(prefix), {}}
    {
    }
    SessionBook(RandomFill random, std::string prefix, Limits limits)
        : random_{std::move(random)}, prefix_{std::move(prefix)}, limits_{limits}
    {
    }

    /// A new one; null when there are as many as there may be.
    Session* make(Clock::time_point now);
    Session* find(std::string_view id);
    void erase(std::string_view id);
    std::size_t size() const { return sessions_.size(); }
    const std::map<std::string, std::unique_ptr<Session>, std::less<>>& all() const { return sessions_; }

    /// Those of which nothing was heard for longer than their timeout.
    std::vector<std::string> expired(Clock::time_point now) const;

private:
    RandomFill random_;
    std::string prefix_;
    Limits limits_;
    std::map<std::string, std::unique_ptr<Session>, std::less<>> sessions_;
};

} // namespace millrace::rtsp
