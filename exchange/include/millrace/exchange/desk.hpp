// One worker's part of the exchange: its sessions, its streams, its counters.
#pragma once

#include <millrace/exchange/local_stream.hpp>

#include <map>
#include <string>
#include <unordered_map>

namespace millrace::exchange {

/// Everything here is touched by its worker's thread only.
class Desk {
public:
    Desk(Exchange& exchange, net::Worker& worker, const Settings& settings);

    net::Worker& worker() { return worker_; }
    Exchange& exchange() { return exchange_; }
    const Settings& settings() const { return settings_; }

    /// Makes a session known; the number is never given again. Its id in the API is session_id(number).
    std::uint64_t enter(Session& session);
    void leave(std::uint64_t number);
    /// Ends a session that may be gone already.
    void disconnect(std::uint64_t number, std::string_view reason);
    const std::map<std::uint64_t, Session*>& sessions() const { return sessions_; }

    std::shared_ptr<LocalStream> find(const std::string& name) const;
    std::shared_ptr<LocalStream> make(const std::string& name, bool home);
    void drop(const LocalStream& stream);
    void clear();
    const std::unordered_map<std::string, std::shared_ptr<LocalStream>>& streams() const { return streams_; }

    /// Adds to a counter of /metrics, by name and reason: count("rtmp_sessions_closed", "handshake_timeout").
    void count(std::string_view name, std::string_view reason = {}, std::uint64_t amount = 1);
    using Counters = std::map<std::pair<std::string, std::string>, std::uint64_t>;
    const Counters& counters() const { return counters_; }

    /// Where bytes are received before a session looks at them; used by one session at a time, never across a
    /// wait.
    std::span<std::uint8_t> inbox() { return inbox_; }

    /// Runs until the worker stops.
    net::awaitable<void> housekeep();

    std::uint64_t next_subscription() { return ++subscriptions_; }

private:
    Exchange& exchange_;
    net::Worker& worker_;
    const Settings& settings_;
    std::map<std::uint64_t, Session*> sessions_;
    std::unordered_map<std::string, std::shared_ptr<LocalStream>> streams_;
    Counters counters_;
    std::vector<std::uint8_t> inbox_;
    std::uint64_t last_session_ = 0;
    std::uint64_t subscriptions_ = 0;
};

/// "s3-17": worker 3's 17th session. The number holds both.
std::string session_id(std::uint64_t number);
std::optional<std::uint64_t> parse_session_id(std::string_view id);
/// Which worker a session lives on.
std::size_t worker_of(std::uint64_t session);

} // namespace millrace::exchange
