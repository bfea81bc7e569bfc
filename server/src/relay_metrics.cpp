#include "relay_metrics.hpp"

namespace millrace::server {

void add_relays(Families& out, const relay::Report& report)
{
    for (const auto& relay : report.relays) {
        const Families::Labels labels{{"relay", relay.id},
                                      {"direction", std::string{relay::name(relay.direction)}},
                                      {"stream", relay.name}};
        out.gauge("millrace_relay_running", "1 while media flows.",
                  relay.state == relay::State::running ? 1 : 0, labels);
        out.counter("millrace_relay_attempts_total", "Calls of the other server.",
                    static_cast<double>(relay.attempts), labels);
        out.counter("millrace_relay_bytes_total", "Bytes from or to the other server.",
                    static_cast<double>(relay.bytes), labels);
        out.gauge("millrace_relay_bitrate", "Bits per second of payload.", relay.bitrate, labels);
        out.counter("millrace_relay_dropped_total", "Video frames that a target was too slow for.",
                    static_cast<double>(relay.dropped), labels);
    }
}

} // namespace millrace::server
