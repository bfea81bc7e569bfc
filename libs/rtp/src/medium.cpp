#include "medium.hpp"

#include <millrace/codec/reorder.hpp>

#include <algorithm>

namespace millrace::rtp {
namespace {

using std::chrono::nanoseconds;

constexpr std::uint16_t kNear = 100; ///< Sequence numbers of a source that only changed its SSRC.

/// Pictures that a decoder holds back, by the parameter sets of a track.
std::size_t depth_of(const media::Track& track)
{
    switch (track.codec) {
    case media::Codec::h264: return codec::h264_reorder_depth(track.config);
    case media::Codec::h265: return codec::h265_reorder_depth(track.config);
    default: return 0;
    }
}

} // namespace

bool Medium::feed(const SharedBytes& datagram, Clock::time_point now)
{
    auto packet = read_packet(datagram);
    if (!packet || packet->payload_type != format_.payload_type) {
        return false;
    }
    ended_ = false;
    // Quirk: sources that change their SSRC in mid-stream, or send another one than they announced: the
    // medium is where it comes from.
    if (ssrc_ && *ssrc_ != packet->ssrc) {
        change_source(packet->ssrc, packet->sequence);
    }
    ssrc_ = packet->ssrc;
    last_sequence_ = packet->sequence;
    ++counted_.packets;
    source_.packet(packet->sequence, packet->timestamp, now);
    if (reliable_) {
        follow_reliable(std::move(*packet));
    } else {
        follow(std::move(*packet), now);
    }
    return true;
}

void Medium::change_source(std::uint32_t /*ssrc*/, std::uint16_t sequence)
{
    quirks_.add(Quirk::ssrc_changed);
    pending_.reset();
    last_report_ = 0;
    const auto ahead = static_cast<std::uint16_t>(sequence - last_sequence_);
    if (ahead > 0 && ahead < kNear) {
        return; // only its name has changed
    }
    flush();
    source_ = SourceStatistics{format_.clock_rate};
    reorder_ = ReorderBuffer{};
    timestamps_.reset();
    expected_.reset();
    restarted_ = true;
    ++counted_.resets;
}

void Medium::follow_reliable(Packet packet)
{
    const auto ahead = static_cast<std::uint16_t>(packet.sequence - expected_.value_or(packet.sequence));
    const bool lost = ahead != 0;
    const bool reset = lost && ahead >= SourceStatistics::kMaxDropout;
    if (reset) {
        quirks_.add(Quirk::sequence_reset); // Quirk: cameras that number anew in mid-stream.
        ++counted_.resets;
    }
    expected_ = static_cast<std::uint16_t>(packet.sequence + 1);
    put_together(std::move(packet), lost, reset);
}

void Medium::follow(Packet packet, Clock::time_point now)
{
    switch (reorder_.feed(std::move(packet), source_.jitter_time(), now)) {
    case ReorderBuffer::Outcome::duplicate: ++counted_.duplicates; break;
    case ReorderBuffer::Outcome::late: ++counted_.late; break;
    case ReorderBuffer::Outcome::restarted:
        quirks_.add(Quirk::sequence_reset);
        ++counted_.resets;
        break;
    case ReorderBuffer::Outcome::taken:
    case ReorderBuffer::Outcome::suspect: break;
    }
    while (auto next = reorder_.next()) {
        put_together(std::move(next->packet), next->lost > 0, next->restarted);
    }
}

void Medium::put_together(Packet packet, bool lost, bool restarted)
{
    const auto timestamp = timestamps_.extend(packet.timestamp);
    depacketizer_->feed(packet, timestamp, lost || restarted);
}

void Medium::tick(Clock::time_point now)
{
    reorder_.tick(now);
    while (auto next = reorder_.next()) {
        put_together(std::move(next->packet), next->lost > 0, next->restarted);
    }
}

void Medium::flush()
{
    reorder_.flush();
    while (auto next = reorder_.next()) {
        put_together(std::move(next->packet), next->lost > 0, next->restarted);
    }
    depacketizer_->flush();
}

void Medium::drain(Timeline& timeline, std::size_t number, Clock::time_point now,
                   std::deque<media::Item>& out)
{
    while (auto output = depacketizer_->next()) {
        if (auto* track = std::get_if<media::Track>(&*output)) {
            const auto usual = track->fps > 0 ? static_cast<double>(format_.clock_rate) / track->fps
                                              : format_.clock_rate / 25.0;
            decode_times_.set(depth_of(*track), static_cast<std::int64_t>(usual));
            out.emplace_back(std::move(*track));
            continue;
        }
        auto& unit = std::get<Unit>(*output);
        if (restarted_) {
            timeline.restart(number);
            restarted_ = false;
        }
        const bool by_arrival = timeline.begun(number) && timeline.by_arrival(number);
        if (timeline.arrived(number, unit.timestamp, now)) {
            decode_times_.restart();
        }
        if (!by_arrival && timeline.by_arrival(number)) {
            quirks_.add(
                Quirk::frozen_timestamps); // Quirk: timestamps that stand still: arrival takes their place.
        }
        pending_report(timeline, number, now);
        out.emplace_back(frame_of(std::move(unit), timeline, number));
    }
}

media::Frame Medium::frame_of(Unit&& unit, const Timeline& timeline, std::size_t number)
{
    media::Frame frame{
        .track = unit.track, .kind = unit.kind, .key = unit.key, .disposable = unit.disposable};
    const auto shown = timeline.time_of(number, unit.timestamp);
    frame.dts = shown;
    if (unit.decode_offset) {
        frame.dts = shown + *unit.decode_offset;
    } else if (unit.kind == media::Kind::video && !timeline.by_arrival(number)) {
        frame.dts = timeline.time_of(number, decode_times_.of(unit.timestamp));
    }
    // Nothing steps back within a track, however its clock is corrected.
    if (!unit.decode_offset) {
        if (last_ != MediaTime::min() && frame.dts <= last_) {
            frame.dts = last_ + std::chrono::microseconds{10};
        }
        last_ = frame.dts;
    }
    frame.composition = unit.kind == media::Kind::audio ? nanoseconds{0} : shown - frame.dts;
    frame.payload = std::move(unit.payload);
    return frame;
}

void Medium::take(const rtcp::SenderReport& report, Timeline& timeline, std::size_t number,
                  Clock::time_point now)
{
    if (ssrc_ && report.ssrc != *ssrc_) {
        quirks_.add(Quirk::foreign_reports);
        return;
    }
    last_report_ = report.ntp.middle();
    last_report_at_ = now;
    pending_ = PendingReport{report.ntp, report.rtp};
    pending_report(timeline, number, now);
}

/// A report is used as soon as there is something to which it applies.
void Medium::pending_report(Timeline& timeline, std::size_t number, Clock::time_point now)
{
    if (!pending_ || !timestamps_.begun() || !timeline.begun(number)) {
        return;
    }
    if (timeline.report(number, pending_->ntp, timestamps_.near(pending_->rtp), now)) {
        ++counted_.reports;
    } else {
        quirks_.add(Quirk::report_rejected);
        ++counted_.rejected;
    }
    pending_.reset();
}

void Medium::take(const rtcp::Bye& bye)
{
    if (ssrc_ && std::ranges::count(bye.sources, *ssrc_) > 0) {
        flush();
        ended_ = true;
    }
}

void Medium::take(const rtcp::ExtendedReport& report, std::uint32_t ours, NtpTime clock)
{
    for (const auto& block : report.blocks) {
        const auto* delays = std::get_if<rtcp::DelaySinceLast>(&block);
        if (delays == nullptr) {
            continue;
        }
        for (const auto& entry : delays->entries) {
            if (entry.ssrc == ours && entry.last_report != 0) {
                counted_.round_trip = from_middle(clock.middle() - entry.last_report - entry.delay);
            }
        }
    }
}

std::optional<rtcp::ReportBlock> Medium::block(Clock::time_point now)
{
    if (!ssrc_ || source_.received() == 0) {
        return std::nullopt;
    }
    rtcp::ReportBlock block{.ssrc = *ssrc_,
                            .fraction = source_.take_fraction(),
                            .lost = source_.reported_loss(),
                            .highest = source_.highest(),
                            .jitter = source_.jitter(),
                            .last_report = last_report_};
    block.delay = last_report_ != 0 ? to_middle(now - last_report_at_) : 0;
    return block;
}

std::vector<std::uint16_t> Medium::take_missing()
{
    auto missing = reorder_.missing();
    std::erase_if(missing, [this](std::uint16_t sequence) {
        return last_asked_ && static_cast<std::int16_t>(static_cast<std::uint16_t>(
                                  sequence - static_cast<std::uint16_t>(*last_asked_))) <= 0;
    });
    if (!missing.empty()) {
        last_asked_ = missing.back();
    }
    return missing;
}

MediumStats Medium::stats() const
{
    auto out = counted_;
    out.lost = source_.received() > 0 ? source_.lost() + static_cast<std::int64_t>(out.duplicates) : 0;
    out.reordered = reorder_.reordered();
    out.jitter = source_.jitter_time();
    out.payload = depacketizer_->stats();
    out.payload.quirks.add(quirks_);
    return out;
}

} // namespace millrace::rtp
