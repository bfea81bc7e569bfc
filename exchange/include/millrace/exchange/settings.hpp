// How streams live and die, in numbers.
#pragma once

#include <millrace/exchange/pattern.hpp>
#include <millrace/hub/stream.hpp>
#include <millrace/hub/succession.hpp>

#include <vector>

namespace millrace::exchange {

/// Streams whose second publisher is held in reserve unasked, and how they go over to it.
struct BackupRule {
    Pattern name;
    hub::Succession::Limits succession;
};

struct Settings {
    Clock::duration grace = std::chrono::seconds{10};  ///< A lost publisher may come back for so long.
    Clock::duration silence = std::chrono::seconds{1}; ///< A publisher silent for longer may be taken over.
    Clock::duration linger = std::chrono::seconds{5};  ///< A replica without viewers is kept for so long.
    Clock::duration max_latency = std::chrono::seconds{5}; ///< Of a viewer that does not ask for another.
    Clock::duration stall_limit =
        std::chrono::seconds{20}; ///< A viewer that accepts nothing for so long is closed.
    std::size_t streams = 10000;  ///< Most streams at once.
    /// Whether RTMP players that announce no codecs are sent none that need a FourCC.
    bool refuse_unannounced = false;
    hub::Stream::Limits stream;
    hub::Ingest::Limits ingest;
    hub::Succession::Limits succession; ///< Of streams without a rule of their own.
    std::vector<BackupRule> backups;    ///< The first that matches.

    const BackupRule* backup_rule(std::string_view name) const
    {
        for (const auto& rule : backups) {
            if (rule.name.matches(name)) {
                return &rule;
            }
        }
        return nullptr;
    }
};

} // namespace millrace::exchange
