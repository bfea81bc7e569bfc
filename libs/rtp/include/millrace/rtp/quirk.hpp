// What cameras and players do to RTP and RTCP, by name, so that each tolerance can be counted.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace millrace::rtp {

enum class Quirk : std::uint8_t {
    punch,                   ///< Datagrams that open a way through a NAT.
    bare_sender_report,      ///< A compound without SDES.
    reduced_size,            ///< A compound that does not begin with a report.
    sdes_without_end,        ///< SDES items that are not ended by a zero.
    trailing_zeros,          ///< Zero bytes behind a compound.
    empty_payload,           ///< A packet without payload.
    marker_missing,          ///< An access unit that only the next timestamp ends.
    marker_early,            ///< A marker before the last packet of its picture.
    sets_with_old_timestamp, ///< Parameter sets with a marker and the time of the picture before.
    annex_b,                 ///< Start codes inside a NAL unit.
    empty_unit,              ///< A NAL unit or an access unit of no bytes.
    start_and_end,           ///< A fragment that is both the first and the last.
    undeclared_fragments,    ///< FU-A or STAP-A although packetization-mode is 0.
    trailing_zero_bytes,     ///< Zeros behind a NAL unit.
    adts_inside,             ///< AAC access units that begin with an ADTS header.
    config_missing,          ///< AAC without a config, made up from rate and channels.
    config_cut,              ///< A StreamMuxConfig that ends too early.
    misaligned_ts,           ///< Transport stream packets that do not begin with 47.
    ssrc_changed,            ///< A source that changes its SSRC in mid-stream.
    sequence_reset,          ///< A source that starts its sequence numbers anew.
    report_rejected,         ///< A sender report whose clock cannot be right.
    frozen_timestamps,       ///< Timestamps that stand still or make no sense.
    swapped_channel,         ///< RTCP where RTP belongs, or the other way round.
    foreign_reports,         ///< Reports of an SSRC that sends no media here.
};

constexpr std::size_t kQuirks = static_cast<std::size_t>(Quirk::foreign_reports) + 1;

/// In the words of the metrics: "marker_missing".
std::string_view name(Quirk quirk);

/// How often each was met.
class QuirkCounts {
public:
    void add(Quirk quirk) { ++counts_[static_cast<std::size_t>(quirk)]; }
    std::uint64_t of(Quirk quirk) const { return counts_[static_cast<std::size_t>(quirk)]; }
    void add(const QuirkCounts& other)
    {
        for (std::size_t i = 0; i < kQuirks; ++i) {
            counts_[i] += other.counts_[i];
        }
    }

    friend bool operator==(const QuirkCounts&, const QuirkCounts&) = default;

private:
    std::array<std::uint64_t, kQuirks> counts_{};
};

} // namespace millrace::rtp
