// A viewer of HLS: not a connection, but requests that belong together.
#pragma once

#include <millrace/exchange/exchange.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace millrace::doors {

/// What a request tells of who asks.
struct HlsViewer {
    std::string id;       ///< Of the session; empty: none was told.
    std::string remote;   ///< Where the request came from.
    std::string cmcd;     ///< What the player tells of itself (CTA-5004), as it stands.
    bool made_up = false; ///< The id was made for this request.
};

/// What players tell of their state (CTA-5004 §3).
struct Cmcd {
    std::optional<double> buffer_seconds; ///< bl
    bool starved = false;                 ///< bs

    friend bool operator==(const Cmcd&, const Cmcd&) = default;
};
/// Reads keys and values parted by commas; what is not known is left out.
Cmcd read_cmcd(std::string_view text);

/// Known to its desk while it exists; lives on its stream's home.
class HlsSession : public exchange::Session {
public:
    HlsSession(exchange::Desk& desk, std::string stream, std::string protocol, const HlsViewer& viewer,
               Clock::time_point now);
    ~HlsSession() override;
    HlsSession(const HlsSession&) = delete;
    HlsSession& operator=(const HlsSession&) = delete;

    /// A request of any kind.
    void seen(const HlsViewer& viewer, Clock::time_point now);
    /// A segment or part is on its way: `begin` is its place on the timeline, `edge` the newest place of all.
    void fetched(std::size_t bytes, std::chrono::nanoseconds begin, std::chrono::nanoseconds duration,
                 std::chrono::nanoseconds edge, Clock::time_point now);
    void answered(std::size_t bytes) { info_.bytes_out += bytes; }

    Clock::time_point last() const { return last_; }
    bool refused() const { return refused_; }
    const std::string& remote() const { return info_.remote; }

    exchange::SessionInfo info(Clock::time_point now) const override;
    void disconnect(std::string_view reason) override;

private:
    double buffered(Clock::time_point now) const;

    exchange::Desk& desk_;
    exchange::SessionInfo info_;
    std::uint64_t number_;
    Clock::time_point begun_;
    Clock::time_point last_;
    std::optional<Clock::time_point> playing_; ///< Since when, by our estimate.
    std::chrono::nanoseconds until_{0};        ///< How far it has fetched.
    double fetched_seconds_ = 0;
    double stalled_seconds_ = 0;
    bool refused_ = false;
};

} // namespace millrace::doors
