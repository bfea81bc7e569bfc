// Streams across workers: a stream published on one is watched on all.
#pragma once

#include <millrace/exchange/desk.hpp>
#include <millrace/exchange/relay.hpp>

#include <atomic>
#include <functional>
#include <mutex>

namespace millrace::exchange {

enum class Errc {
    no_such_stream = 1, ///< Nobody publishes it.
    busy, ///< Somebody publishes it and is heard, and the place in reserve is taken or not asked for.
    too_many_streams, ///< Settings::streams are there already.
    stopping,         ///< The house is closing.
    relay_loop,       ///< The request has come through this server already.
    relay_failed,     ///< A relay could not bring it.
};

std::error_code make_error_code(Errc code);

/// Told of the recording that a publisher asked for: level and code as RTMP has them
/// (NetStream.Record.Start), and a sentence. May be called on any thread, also before the claim is answered.
using RecordNews =
    std::function<void(std::string_view level, std::string_view code, const std::string& text)>;

/// What a session says of itself when it publishes.
struct Claim {
    std::string stream; ///< APP/NAME.
    std::uint64_t session = 0;
    std::string protocol;
    std::string remote;
    std::chrono::nanoseconds wrap{0}; ///< The period of its timestamps.
    std::string route = {};           ///< The servers that it came through.
    bool backup = false;              ///< It asks to be held in reserve while another one is on air.
    std::string kind = {}; ///< "record", "append", or anything else for a live stream that nobody keeps.
    RecordNews on_record = {};
};

/// The right to publish a stream. Giving it up (or destroying it) begins the grace window.
class Publication {
public:
    Publication(Desk& desk, Desk& home, std::shared_ptr<LocalStream> stream, std::uint64_t token,
                std::string name);
    ~Publication();
    Publication(const Publication&) = delete;
    Publication& operator=(const Publication&) = delete;

    /// Puts frames on the timeline and sends them to all who watch; empties `items`.
    void push(std::vector<media::Item>& items);
    /// The publisher said that it ends: whoever keeps the stream need not wait for it to come back.
    void stopped() { stopped_ = true; }
    /// Gives it up; when nobody watches, the stream is over at once. Nothing may be pushed afterwards.
    void finish();

private:
    Desk& desk_;
    Desk& home_;
    std::shared_ptr<LocalStream> stream_; ///< Touched only on its home.
    std::uint64_t token_;
    std::string name_;
    bool stopped_ = false;
};

/// A stream in the API.
struct StreamInfo {
    std::string name;
    std::optional<Publisher> publisher;
    std::optional<Publisher> backup; ///< Held in reserve.
    std::uint64_t takeovers = 0;     ///< Times that the one in reserve went on air.
    std::uint64_t bytes_in_reserve = 0;
    WallTime since;
    std::vector<media::Track> tracks;
    hub::SourceQuality quality;
    std::vector<std::string> warnings;
    std::size_t viewers = 0;
    std::uint64_t bytes_out = 0;
    std::uint64_t bytes_held = 0;
    std::uint64_t epoch = 0;
    std::uint64_t jumps = 0;        ///< Of timestamps.
    std::uint64_t wraps_24_bit = 0; ///< Of timestamps at 2^24 ms, by encoders that know no other.
    std::uint64_t steps_back = 0;   ///< Timestamps that were raised to the one before.
};

/// All that the house can say of itself at a moment.
struct Report {
    std::vector<StreamInfo> streams;
    std::vector<SessionInfo> sessions;
    Desk::Counters counters;
};

/// The directory of streams and the ways between workers. A stream stays at home on the worker where it was
/// first published; publishers and viewers on other workers reach it by messages.
class Exchange {
public:
    Exchange(net::Workers& workers, Settings settings);
    ~Exchange();

    Desk& desk(std::size_t worker) { return *desks_[worker]; }
    std::size_t size() const { return desks_.size(); }
    /// Begins the housekeeping of all desks.
    void start();
    /// Who brings streams from elsewhere; before start(). None: nobody does.
    void set_relay(Relay* relay) { relay_ = relay; }
    /// Called when a session is put on air, on the home of the stream that it gets; before start().
    std::function<void(const std::shared_ptr<LocalStream>&, const Claim&)> on_claimed;
    /// Random, made at the start: what other servers call this one.
    const std::string& id() const { return id_; }

    /// Claims a stream for a session of this desk. A publisher that was silent for more than
    /// Settings::silence is disconnected in favour of the new one. One that asks to be
    /// held in reserve, or whose stream has a rule for it, is while another one is on air. Errors: busy,
    /// too_many_streams, stopping, relay_loop.
    net::awaitable<Result<std::unique_ptr<Publication>>> publish(Desk& desk, Claim claim);

    /// This desk's copy of a stream. It lives as long as somebody holds it. One that is not there is waited
    /// for when a relay brings it. `route`: the servers that the wish came through. `why`, when given, gets a
    /// sentence for whoever asked. Errors: no_such_stream, relay_loop, relay_failed.
    net::awaitable<Result<std::shared_ptr<LocalStream>>>
    watch(Desk& desk, std::string name, std::string route = {}, std::string* why = nullptr);

    /// The desk of the worker that a stream is at home on; otherwise as watch().
    net::awaitable<Result<Desk*>> locate(std::string name, std::string route = {},
                                         std::string* why = nullptr);

    /// The servers that a stream came through, this one last: told to relays that watch it.
    net::awaitable<std::string> route_of(std::string name);
    /// Whether somebody publishes it.
    net::awaitable<bool> live(std::string name);
    /// How many watch it, on all workers.
    net::awaitable<std::size_t> viewers(std::string name);

    /// Gathers from all workers. To be awaited on any of them.
    net::awaitable<Report> report();
    /// Ends a session; false when there is none of that id.
    net::awaitable<bool> disconnect(std::string id, std::string reason);

    /// Asks all sessions to go to another server; those that can are counted in what is returned, as soon as
    /// their workers come to it.
    std::shared_ptr<const std::atomic<std::size_t>> ask_to_move(const std::string& server,
                                                                const std::string& reason);
    /// Ends all sessions with a reason and takes no new publications.
    void drain(const std::string& reason);

    /// Lets go of all streams. Expects: the workers' threads have ended. Afterwards the workers go first,
    /// with the sessions that are left in them, then the exchange.
    void clear();
    bool cleared() const { return cleared_; }

private:
    friend class LocalStream;
    friend class Desk;

    /// The stream's home; `fallback` becomes it when there is none.
    Desk* home_of(const std::string& name, Desk* fallback);
    void forget(const std::string& name, const Desk& home);
    net::awaitable<Result<>> bring(std::string name, std::string route, std::string* why);
    net::awaitable<Result<std::shared_ptr<LocalStream>>> find_or_copy(Desk& desk, std::string name);
    Result<std::pair<std::shared_ptr<LocalStream>, std::uint64_t>>
    claim_at_home(Desk& home, const Claim& claim, Desk& from);

    net::Workers& workers_;
    Settings settings_;
    const std::string id_;
    Relay* relay_ = nullptr;
    std::vector<std::unique_ptr<Desk>> desks_;
    std::mutex
        mutex_; ///< For the directory; taken when a stream begins or ends and when somebody comes to watch.
    std::unordered_map<std::string, Desk*> homes_;
    bool stopping_ = false;
    bool cleared_ = false; ///< Written and read when no worker runs, or by none.
};

} // namespace millrace::exchange

template <>
struct std::is_error_code_enum<millrace::exchange::Errc> : std::true_type {
};
