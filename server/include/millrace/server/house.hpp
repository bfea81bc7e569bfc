// The whole server: workers, exchange, doors and site put together.
#pragma once

#include <millrace/server/config.hpp>

#include <memory>

namespace millrace::server {

/// Looks for what would keep the server from starting, without starting it; logs warnings.
/// Throws std::runtime_error with one clear line.
void check_house(const Config& config);

/// Runs the server until SIGINT or SIGTERM. Gives the exit status.
/// Throws std::runtime_error with one clear line when it cannot start.
int run_house(Config config);

} // namespace millrace::server
