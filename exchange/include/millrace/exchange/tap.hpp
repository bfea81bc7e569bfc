// One who takes a stream's frames as they are, to send them elsewhere or to keep them.
#pragma once

#include <millrace/base/clock.hpp>
#include <millrace/hub/update.hpp>

#include <span>

namespace millrace::exchange {

/// Those who watch a stream by way of a tap.
struct Audience {
    std::size_t viewers = 0;
    std::uint64_t bytes_out = 0; ///< Those of viewers who left included.
};

/// Told of each step of a stream on the worker that the stream is held on; payloads are shared with the
/// stream. Counts as nobody who watches, unless it has an audience.
class Tap {
public:
    virtual ~Tap() = default;

    /// What was just put on the timeline. Must not let itself in or out.
    virtual void take(std::span<const hub::Update> updates) = 0;
    /// There is no publisher any more; another one may come within the grace window. `stopped`: it said that
    /// it ends, and was not lost.
    virtual void left(bool stopped) { static_cast<void>(stopped); }
    /// The stream is over for good.
    virtual void ended() = 0;
    /// Who watches through it.
    virtual Audience audience() const { return {}; }
};

} // namespace millrace::exchange
