// What is relayed: the operator's rules.
#pragma once

#include <millrace/clients/backoff.hpp>
#include <millrace/exchange/pattern.hpp>
#include <millrace/relay/url_template.hpp>

#include <vector>

namespace millrace::relay {

/// Streams that come from another server.
struct PullRule {
    exchange::Pattern name;
    UrlTemplate source;
    bool on_demand = false;                            ///< Only while somebody watches; else always.
    Clock::duration linger = std::chrono::seconds{10}; ///< On demand: how long after the last viewer.
    bool backup = false; ///< It is held in reserve while somebody else publishes the stream.
    bool verify = true;  ///< With TLS: its certificate must be one that this machine trusts.
};

/// Streams that go to another server, while they are there.
struct PushRule {
    exchange::Pattern name;
    UrlTemplate target;
    bool verify = true; ///< As above.
};

/// Throw std::runtime_error when the parts do not fit together.
void check(const PullRule& rule);
void check(const PushRule& rule);

struct Settings {
    std::vector<PullRule> pulls;
    std::vector<PushRule> pushes;
    clients::Backoff::Limits pause;
    Clock::duration wait = std::chrono::seconds{10}; ///< How long a viewer waits for a pull on demand.
    std::chrono::milliseconds silence{15000};        ///< Of a source; then it is called anew.
    std::size_t most = 1000;                         ///< Relays at once.
    /// For the pauses; none: each has its own of the machine's.
    clients::Backoff::Random random = {};
};

} // namespace millrace::relay
