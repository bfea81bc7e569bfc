#include "claims.hpp"

namespace millrace::exchange {

Verdict judge(const LocalStream& stream, const Claim& claim, const Settings& settings, Clock::time_point now)
{
    const auto& present = stream.publisher();
    if (!present) {
        return {.place = Place::on_air, .backup = claim.backup};
    }
    const auto& succession = stream.succession();
    const auto silent = [&](Clock::time_point heard) { return now - heard > settings.silence; };
    const bool wants_reserve = claim.backup || present->backup;
    if (!wants_reserve && silent(succession.heard())) {
        return {.place = Place::on_air, .backup = false, .displaced = present};
    }
    const bool by_rule = settings.backup_rule(claim.stream) != nullptr;
    if (!wants_reserve && !by_rule) {
        return {};
    }
    // By a rule, who comes second to a primary is a backup.
    const bool backup = claim.backup || !present->backup;
    if (!stream.backup()) {
        return {.place = Place::reserve, .backup = backup};
    }
    if (silent(succession.reserve_heard())) {
        return {.place = Place::reserve, .backup = backup, .displaced = stream.backup()};
    }
    return {};
}

} // namespace millrace::exchange
