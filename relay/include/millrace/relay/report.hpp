// What an operator sees of relays.
#pragma once

#include <millrace/relay/course.hpp>

#include <optional>
#include <vector>

namespace millrace::relay {

enum class Direction : std::uint8_t { pull, push };

std::string_view name(Direction direction);

/// One stream on its way from or to one server.
struct RelayInfo {
    std::string id; ///< "pull-1", or "pull-1.7" when the rule is for many streams.
    Direction direction = Direction::pull;
    std::string name; ///< APP/NAME.
    std::string url;  ///< Without user, password and query.
    bool on_demand = false;
    State state = State::stopped;
    WallTime since;
    std::uint64_t attempts = 0;
    std::string last_error;           ///< Empty when there was none.
    std::optional<WallTime> next_try; ///< While it waits.
    std::uint64_t bytes = 0;
    double bitrate = 0;        ///< Bits per second, of the last seconds.
    std::uint64_t dropped = 0; ///< Video frames that a target was too slow for.
};

/// A rule, as it was given.
struct RuleInfo {
    std::string id; ///< "pull-1".
    Direction direction = Direction::pull;
    std::string name; ///< With its star.
    std::string url;  ///< With its places, without user, password and query.
    bool on_demand = false;
};

struct Report {
    std::vector<RuleInfo> rules;
    std::vector<RelayInfo> relays;
};

/// Fills in what a course knows.
void describe(const Course& course, RelayInfo& info, Clock::time_point now);

} // namespace millrace::relay
