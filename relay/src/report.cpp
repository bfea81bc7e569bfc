#include <millrace/clients/sink.hpp>
#include <millrace/relay/report.hpp>
#include <millrace/relay/rules.hpp>

#include <stdexcept>

namespace millrace::relay {

std::string_view name(Direction direction)
{
    return direction == Direction::pull ? "pull" : "push";
}

void describe(const Course& course, RelayInfo& info, Clock::time_point now)
{
    const auto wall = [now, wall_now = WallTime::clock::now()](Clock::time_point time) {
        return wall_now + std::chrono::duration_cast<WallTime::duration>(time - now);
    };
    info.state = course.state();
    info.since = wall(course.since());
    info.attempts = course.attempts();
    info.last_error = course.last_error();
    if (course.state() == State::waiting) {
        info.next_try = wall(course.next_try());
    }
}

void check(const PullRule& rule)
{
    if (rule.source.has_star() && !rule.name.has_star()) {
        throw std::runtime_error{"the source has a star and the name \"" + rule.name.text() + "\" has none"};
    }
    if (!rule.name.has_star() && !rule.source.fill(rule.name.text(), {})) {
        throw std::runtime_error{"the name \"" + rule.name.text() +
                                 "\" has characters that cannot stand in a URL"};
    }
    if (rule.name.has_star() && !rule.on_demand) {
        throw std::runtime_error{
            "the name \"" + rule.name.text() +
            "\" has a star: which streams there are is known on demand only, so it needs "
            "start = \"demand\""};
    }
}

void check(const PushRule& rule)
{
    if (!clients::can_send_to(rule.target.scheme())) {
        throw std::runtime_error{
            "a target is published to over RTMP, or sent to over UDP: expected "
            "rtmp://HOST[:PORT]/APP/NAME, rtsp://HOST[:PORT]/APP/NAME or udp://HOST:PORT"};
    }
    if (rule.target.has_star() && !rule.name.has_star()) {
        throw std::runtime_error{"the target has a star and the name \"" + rule.name.text() + "\" has none"};
    }
    if (!rule.name.has_star() && !rule.target.fill(rule.name.text(), {})) {
        throw std::runtime_error{"the name \"" + rule.name.text() +
                                 "\" has characters that cannot stand in a URL"};
    }
    if (rule.name.has_star() && !rule.target.has_places()) {
        throw std::runtime_error{
            "the name \"" + rule.name.text() +
            "\" is that of many streams, and the target is the same for all: put {stream}, "
            "{app}, {name} or a star into it"};
    }
}

} // namespace millrace::relay
