// HLS at the HTTP door: streams that are cut once, on their home's worker, for all who ask on any.
#pragma once

#include <millrace/exchange/exchange.hpp>
#include <millrace/hls/packager.hpp>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace millrace::doors {

class HlsStream;

struct HlsSettings {
    bool enabled = true;
    hls::Settings cut;           ///< Of both containers; `container` is the one of who asks for none.
    bool at_publication = false; ///< Cutting begins with the stream, else with the first request.
    Clock::duration hold = std::chrono::seconds{10};  ///< How long a first playlist is waited for.
    Clock::duration idle = std::chrono::seconds{60};  ///< Without a request, cutting ends.
    Clock::duration leave = std::chrono::seconds{30}; ///< A viewer who asks for nothing for so long is gone.
    std::size_t waiting = 20000;                      ///< Requests of one stream that may wait at once.
    std::size_t sessions = 100000;                    ///< Viewers of one stream.
};

/// What the API tells of a stream's cutting.
struct HlsReport {
    std::string stream;
    hls::Container container = hls::Container::fmp4;
    double window_seconds = 0;
    double linger_seconds = 0;
    double target_seconds = 0; ///< 0: nothing to play yet.
    double part_seconds = 0;   ///< 0: no parts.
    std::uint64_t bytes = 0;   ///< Held by segments.
    std::uint64_t next_msn = 0;
    std::uint64_t discontinuities = 0;
    std::uint64_t forced_cuts = 0;
    std::size_t renditions = 0;
    std::size_t waiting = 0;
    std::size_t viewers = 0;
    std::vector<hls::Packager::LeftOut> left_out;
    std::vector<std::string> warnings;
};

/// All streams that are cut, and the numbers that their segments have had.
///
/// A stream is cut on its home's worker and nowhere else; who asks on another worker is answered from there
/// with shared, immutable bytes. The lock is taken when a cutting begins or ends, never by a request.
class HlsHouse {
public:
    /// `first_msn`, `first_discontinuity`: above all numbers that were ever given out; see numbers().
    HlsHouse(exchange::Exchange& exchange, HlsSettings settings, std::uint64_t first_msn,
             std::uint64_t first_discontinuity);
    ~HlsHouse();
    HlsHouse(const HlsHouse&) = delete;
    HlsHouse& operator=(const HlsHouse&) = delete;

    const HlsSettings& settings() const { return settings_; }
    exchange::Exchange& exchange() { return exchange_; }

    /// The cutting of a stream, begun when there is none. Errors: as Exchange::watch().
    net::awaitable<Result<std::shared_ptr<HlsStream>>> get(exchange::Desk& desk, std::string stream,
                                                           hls::Container container, std::string route,
                                                           std::string* why);
    /// One that is there already, as far as this desk's worker knows of it.
    std::shared_ptr<HlsStream> known(const exchange::Desk& desk, const std::string& stream,
                                     hls::Container container) const;
    /// To be called on the home of a stream that a publisher has claimed.
    void claimed(const std::shared_ptr<exchange::LocalStream>& stream);

    net::awaitable<std::vector<HlsReport>> report();

    /// The lowest numbers that were not given out: where the next run may begin. Expects: no worker runs.
    std::pair<std::uint64_t, std::uint64_t> numbers();
    /// Lets go of all. Expects: the workers' threads have ended.
    void clear();

    /// Where a stream that is cut anew goes on.
    hls::Start begin(const std::string& key);
    /// What of a stream was given out.
    void note(const std::string& key, std::uint64_t next_msn, std::uint64_t discontinuity);
    void forget(exchange::Desk& home, const HlsStream& stream);

private:
    struct Numbers {
        std::uint64_t msn = 0;
        std::uint64_t discontinuity = 0;
    };
    /// By worker: those that are at home there, and those that were asked for there.
    struct Room {
        std::map<std::string, std::shared_ptr<HlsStream>> home;
        std::map<std::string, std::weak_ptr<HlsStream>> known;
    };

    std::shared_ptr<HlsStream> make(exchange::Desk& home,
                                    const std::shared_ptr<exchange::LocalStream>& source,
                                    hls::Container container);

    exchange::Exchange& exchange_;
    HlsSettings settings_;
    std::vector<Room> rooms_;
    std::mutex mutex_; ///< For the numbers.
    std::map<std::string, Numbers> given_;
    Numbers first_;
};

} // namespace millrace::doors
