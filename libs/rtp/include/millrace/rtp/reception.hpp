// All the media of one presentation, received: datagrams in, tracks and frames out, on one timeline.
#pragma once

#include <millrace/base/clock.hpp>
#include <millrace/media/container.hpp>
#include <millrace/rtp/payload/depacketizer.hpp>
#include <millrace/rtp/reorder_buffer.hpp>
#include <millrace/rtp/statistics.hpp>

#include <memory>
#include <string>
#include <vector>

namespace millrace::rtp {

/// RTCP that is to be sent for a medium.
struct Report {
    std::size_t medium = 0;
    Bytes bytes;
};

/// How one medium fares.
struct MediumStats {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0; ///< Of datagrams.
    std::int64_t lost = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t reordered = 0;
    std::uint64_t late = 0;     ///< Came after their place had been given up.
    std::uint64_t bad = 0;      ///< Datagrams that are neither RTP nor RTCP of this medium.
    std::uint64_t resets = 0;   ///< Times the source began anew.
    std::uint64_t reports = 0;  ///< Sender reports that were used.
    std::uint64_t rejected = 0; ///< Sender reports that were not.
    std::chrono::nanoseconds jitter{0};
    std::optional<std::chrono::nanoseconds>
        round_trip; ///< When the source answers our reference time reports.
    DepacketizerStats payload;
};

/// Receives the media of one presentation.
///
/// Times come out on one timeline, whatever the RTP offsets of the tracks: by arrival until sender reports
/// tell better. A correction never makes a track step back: what lags is moved forward.
class Reception {
public:
    struct Options {
        std::uint32_t ssrc = 1; ///< Ours, in reports.
        std::string cname = "millrace";
        bool reports = true; ///< Whether reports are made.
        std::chrono::nanoseconds report_every = std::chrono::seconds{5};
        Depacketizer::Limits limits;
        ReorderBuffer::Limits reorder;
    };

    Reception() : Reception{Options{}} {}
    explicit Reception(Options options);
    ~Reception();
    Reception(Reception&&) noexcept;
    Reception& operator=(Reception&&) noexcept;

    /// A medium that will come; its number is the count of those before it. `reliable`: it comes over TCP, in
    /// order, and nothing waits for a gap to fill. Errors: unsupported_format.
    Result<std::size_t> add(const Format& format, media::TrackId id, std::uint8_t number, bool reliable);

    /// One datagram of a medium, RTP or RTCP; which of them its bytes tell. What cannot be read is counted.
    void feed(std::size_t medium, SharedBytes datagram, Clock::time_point now);

    /// The next track or frame; none when more datagrams are needed.
    std::optional<media::Item> next();
    /// The next report to be sent.
    std::optional<Report> take_report();

    /// When tick() should be called next, for gaps and reports.
    std::optional<Clock::time_point> deadline() const;
    void tick(Clock::time_point now);

    /// Asks the source for a key frame (PLI), at most once a second. Only of a medium whose format has
    /// feedback, unless `force`.
    void request_key(std::size_t medium, Clock::time_point now, bool force = false);
    /// Ends the reception: a BYE for each medium is among the reports.
    void close(Clock::time_point now);

    /// Whether the source said BYE for this medium.
    bool ended(std::size_t medium) const;
    /// When the last datagram of any medium came.
    std::optional<Clock::time_point> last_heard() const;
    MediumStats stats(std::size_t medium) const;
    std::size_t size() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace millrace::rtp
