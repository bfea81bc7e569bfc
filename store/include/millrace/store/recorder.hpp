// The thread that writes recordings, so that no stream waits for a disk.
#pragma once

#include <millrace/store/recording.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <map>

namespace millrace::store {

/// Writes any number of recordings, one batch after the other, on a thread of its own. Batches wait in a
/// queue of bounded size: a recording whose disk is slower than its stream ends with that reason, and nothing
/// grows.
class Recorder {
public:
    struct Limits {
        Recording::Limits recording;
        std::size_t queued_bytes = std::size_t{32} << 20U; ///< Of one recording, waiting to be written.
        std::size_t kept = 200; ///< Recordings that have ended and are still told of.
    };

    enum class State : std::uint8_t { beginning, recording, finished, failed };

    /// What is known of a recording since the start.
    struct Status {
        std::string name;
        State state = State::beginning;
        std::uint64_t bytes = 0;
        std::chrono::milliseconds duration{0};
        std::chrono::system_clock::time_point since;
        std::string reason; ///< Why it ended, when it did not by itself.
    };

    /// Told of each new state, on the recorder's thread. Must not block.
    using Listener = std::function<void(State, const std::string& reason)>;

    struct Shared;

    /// One recording as its stream sees it. Ends when it goes.
    class Take {
    public:
        Take(std::shared_ptr<Shared> shared, std::uint64_t number);
        ~Take();
        Take(const Take&) = delete;
        Take& operator=(const Take&) = delete;

        /// Never waits. False when nothing more is written: what comes is thrown away.
        bool push(std::vector<media::Item> items);
        void finish();

    private:
        std::shared_ptr<Shared> shared_;
        std::uint64_t number_;
    };

    /// Begins with repairing what a crash has left; `repaired` is told on the recorder's thread.
    Recorder(Folder folder, Limits limits, std::function<void(const std::vector<Repaired>&)> repaired = {});
    /// Finishes all recordings.
    ~Recorder();
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;

    /// Never waits, and never fails at once: the listener hears whether it begins.
    std::unique_ptr<Take> begin(std::string name, Recording::Kind kind, Listener listener);

    /// Those that are written first, then the ended ones, newest first.
    std::vector<Status> statuses() const;

    struct Totals {
        std::uint64_t begun = 0;
        std::uint64_t failed = 0;
        std::uint64_t repaired = 0;
        std::uint64_t bytes = 0;
    };
    Totals totals() const;

    const Folder& folder() const;

private:
    std::shared_ptr<Shared> shared_;
};

std::string_view name(Recorder::State state);

} // namespace millrace::store
