// One medium of a reception: datagrams in, units out, figures for reports.
#pragma once

#include "decode_times.hpp"
#include <millrace/rtp/reception.hpp>
#include <millrace/rtp/rtcp.hpp>
#include <millrace/rtp/sequence.hpp>
#include <millrace/rtp/timeline.hpp>

namespace millrace::rtp {

/// What stands between a medium's datagrams and its frames.
class Medium {
public:
    Medium(const Reception::Options& options, Format format, std::unique_ptr<Depacketizer> depacketizer,
           bool reliable)
        : format_{std::move(format)}, depacketizer_{std::move(depacketizer)}, reorder_{options.reorder},
          source_{format_.clock_rate}, reliable_{reliable}
    {
    }

    /// One RTP packet. False when it is not of this medium.
    bool feed(const SharedBytes& datagram, Clock::time_point now);
    /// Gives gaps up whose time has come.
    void tick(Clock::time_point now);
    void flush();

    /// The units and tracks that are whole now, mapped to the timeline as item `number` of it.
    void drain(Timeline& timeline, std::size_t number, Clock::time_point now, std::deque<media::Item>& out);

    void take(const rtcp::SenderReport& report, Timeline& timeline, std::size_t number,
              Clock::time_point now);
    void take(const rtcp::Bye& bye);
    void take(const rtcp::ExtendedReport& report, std::uint32_t ours, NtpTime clock);
    /// Of the source, for a report of ours; none before it was heard.
    std::optional<rtcp::ReportBlock> block(Clock::time_point now);
    /// The numbers to ask for again; each only once.
    std::vector<std::uint16_t> take_missing();

    const Format& format() const { return format_; }
    std::optional<std::uint32_t> ssrc() const { return ssrc_; }
    std::optional<Clock::time_point> deadline() const { return reorder_.deadline(); }
    bool ended() const { return ended_; }
    bool heard() const { return ssrc_.has_value(); }
    MediumStats stats() const;

    void count_datagram(std::size_t bytes) { counted_.bytes += bytes; }
    void count_bad() { ++counted_.bad; }
    QuirkCounts& quirks() { return quirks_; }

private:
    void follow(Packet packet, Clock::time_point now);
    void follow_reliable(Packet packet);
    void put_together(Packet packet, bool lost, bool restarted);
    void change_source(std::uint32_t ssrc, std::uint16_t sequence);
    void pending_report(Timeline& timeline, std::size_t number, Clock::time_point now);
    media::Frame frame_of(Unit&& unit, const Timeline& timeline, std::size_t number);

    struct PendingReport {
        NtpTime ntp;
        std::uint32_t rtp = 0;
    };

    Format format_;
    std::unique_ptr<Depacketizer> depacketizer_;
    ReorderBuffer reorder_;
    SourceStatistics source_;
    TimestampExtender timestamps_;
    DecodeTimes decode_times_;
    bool reliable_;
    bool restarted_ = false; ///< Told to the timeline with the next unit.
    bool ended_ = false;
    std::optional<std::uint32_t> ssrc_;
    std::optional<std::uint16_t> expected_; ///< The next number of a reliable medium.
    std::uint16_t last_sequence_ = 0;
    std::optional<PendingReport> pending_;
    std::uint32_t last_report_ = 0; ///< The middle of its NTP time.
    Clock::time_point last_report_at_{};
    MediaTime last_{MediaTime::min()};
    std::optional<std::int64_t> last_asked_;
    MediumStats counted_;
    QuirkCounts quirks_;
};

} // namespace millrace::rtp
