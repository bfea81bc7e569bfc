// What all relays stand in.
#pragma once

#include <millrace/exchange/exchange.hpp>
#include <millrace/relay/report.hpp>
#include <millrace/relay/rules.hpp>

#include <atomic>

namespace millrace::relay {

/// Outlives every relay that runs; touched by all workers.
struct Surroundings {
    Surroundings(exchange::Exchange& with, const Settings& by) : exchange{with}, settings{by} {}

    exchange::Exchange& exchange;
    const Settings& settings;
    std::atomic<std::size_t> running{0}; ///< Relays that have something to end.

    clients::Backoff::Random random() const
    {
        return settings.random ? settings.random : clients::make_random();
    }
};

/// What one relay is for.
struct Terms {
    std::string id;     ///< "pull-1.7".
    std::string rule;   ///< "pull-1".
    std::string stream; ///< APP/NAME.
    clients::Url url;
};

} // namespace millrace::relay
