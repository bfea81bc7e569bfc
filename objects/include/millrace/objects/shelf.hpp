// The shared objects of a server, at home on one thread, used by sessions on all workers.
#pragma once

#include <millrace/base/clock.hpp>
#include <millrace/net/workers.hpp>
#include <millrace/rtmp/shared_objects.hpp>

#include <atomic>
#include <functional>
#include <string>
#include <vector>

namespace millrace::objects {

class Files;

struct Settings {
    rtmp::SharedObjects::Limits limits;
    std::string folder = "data/shared_objects";           ///< Where persistent objects are stored.
    Clock::duration save_after = std::chrono::seconds{1}; ///< A change is stored at most so much later.
};

/// A session that uses shared objects, as the shelf knows it.
class Guest {
public:
    /// Called on the session's worker.
    using Hear = std::function<void(const rtmp::ObjectMessage&)>;

private:
    friend class Shelf;

    Guest(net::Worker& worker, std::uint64_t number, Hear hear)
        : worker_{worker}, number_{number}, hear_{std::move(hear)}
    {
    }

    net::Worker& worker_;
    std::uint64_t number_;
    Hear hear_;                               ///< Touched on its worker only.
    std::atomic<std::size_t> on_the_way_ = 0; ///< Bytes of messages that the shelf has not yet handled.
    bool refused_ = false;                    ///< Something, and that was logged; touched at home only.
};

/// What the API and the metrics tell.
struct Report {
    std::vector<rtmp::ObjectInfo> objects; ///< Those in use, and those not yet stored.
    std::size_t bytes = 0;
    std::size_t stored_objects = 0; ///< Further ones, that are not in memory.
    std::size_t stored_bytes = 0;
    std::size_t guests = 0;
    rtmp::SharedObjects::Counters counters;
};

/// All shared objects of the server. They are at home on one thread, which reads files when an object is
/// first used; another thread writes what has changed, so that neither media nor messages wait for a disk.
class Shelf {
public:
    explicit Shelf(Settings settings);
    ~Shelf();
    Shelf(const Shelf&) = delete;
    Shelf& operator=(const Shelf&) = delete;

    void start();
    /// Handles what is on its way, stores what has changed and ends the threads.
    /// Expects: the sessions' workers run no more, or are idle; they still exist.
    void stop();

    /// A session comes in; `hear` is called on its worker until it leaves.
    std::shared_ptr<Guest> enter(net::Worker& worker, std::string app, Guest::Hear hear);
    /// To be called on the session's worker.
    void leave(const std::shared_ptr<Guest>& guest);
    /// Hands a message over. Waits while too much of this guest is on its way. To be awaited on its worker.
    net::awaitable<void> receive(std::shared_ptr<Guest> guest, rtmp::ObjectMessage message);

    /// To be awaited on any worker.
    net::awaitable<Report> report();

private:
    using Key = rtmp::SharedObjects::Key;

    void take(Guest& guest, const rtmp::ObjectMessage& message);
    void load(const Key& key);
    void deliver();
    void save_soon();
    void save();
    void saved(const Key& key, std::uint32_t version, bool good);

    Settings settings_;
    std::unique_ptr<Files> files_;
    std::atomic<std::uint64_t> last_guest_ = 0;
    net::Worker home_{0};
    net::Worker disk_{1};
    std::vector<net::asio::executor_work_guard<net::asio::io_context::executor_type>> guards_;
    std::vector<std::thread> threads_;

    // What follows is touched at home only.
    rtmp::SharedObjects store_;
    std::unordered_map<std::uint64_t, std::shared_ptr<Guest>> guests_;
    std::set<Key> saving_; ///< On their way to the disk.
    net::asio::steady_timer timer_{home_.context()};
    bool timer_runs_ = false;
    bool stopping_ = false;
    bool failed_ = false; ///< The last write.
};

} // namespace millrace::objects
