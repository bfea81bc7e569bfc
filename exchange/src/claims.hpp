// Who may publish a stream, when somebody publishes it already.
#pragma once

#include <millrace/exchange/exchange.hpp>

namespace millrace::exchange {

enum class Place : std::uint8_t { none, on_air, reserve };

/// Where a claim leads.
struct Verdict {
    Place place = Place::none;
    bool backup = false;                ///< As what it stands there.
    std::optional<Publisher> displaced; ///< Silent, and to be let go.
};

/// on air    | in reserve     | a primary comes          | a backup comes
/// nobody    |                | on air                   | on air
/// a primary | nobody         | silent: in its place     | reserve
///           |                | heard: refused, unless a rule holds it in reserve
///           | somebody       | silent: in its place     | in place of a silent one
/// a backup  | nobody         | reserve                  | reserve
///           | somebody       | in place of a silent one | in place of a silent one
///
/// "Silent" is Settings::silence.
Verdict judge(const LocalStream& stream, const Claim& claim, const Settings& settings, Clock::time_point now);

} // namespace millrace::exchange
