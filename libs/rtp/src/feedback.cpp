#include <millrace/rtp/feedback.hpp>

#include <algorithm>

namespace millrace::rtp {

void Feedback::sent_report(std::uint32_t ntp_middle, Clock::time_point now)
{
    sent_[sent_count_++ % sent_.size()] = {ntp_middle, now};
}

Result<> Feedback::feed(ByteView datagram, Clock::time_point now)
{
    const auto packets = rtcp::read_compound(datagram, quirks_);
    if (!packets) {
        return Unexpected{packets.error()};
    }
    last_heard_ = now;
    for (const auto& packet : *packets) {
        take(packet, now);
    }
    return {};
}

void Feedback::take(const rtcp::ReportBlock& block, Clock::time_point now)
{
    if (!figures_.contains(block.ssrc) && figures_.size() >= limits_.sources) {
        return;
    }
    auto& figures = figures_[block.ssrc];
    ++figures.reports;
    figures.fraction_lost = block.fraction / 256.0;
    figures.lost = block.lost;
    figures.highest = block.highest;
    figures.jitter = block.jitter;
    // By when the report went out, for its NTP time is that of capture.
    const auto sent = std::ranges::find_if(sent_, [&](const Sent& each) {
        return each.middle == block.last_report && each.at != Clock::time_point{};
    });
    if (block.last_report != 0 && sent != sent_.end()) {
        const auto trip = std::chrono::nanoseconds{now - sent->at} - from_middle(block.delay);
        figures.round_trip = std::max(trip, std::chrono::nanoseconds{0});
    }
}

void Feedback::take(const rtcp::Packet& packet, Clock::time_point now)
{
    if (const auto* receiver = std::get_if<rtcp::ReceiverReport>(&packet)) {
        for (const auto& block : receiver->blocks) {
            take(block, now);
        }
    } else if (const auto* sender = std::get_if<rtcp::SenderReport>(&packet)) {
        for (const auto& block : sender->blocks) {
            take(block, now);
        }
    } else if (std::holds_alternative<rtcp::Pli>(packet)) {
        key_ = true;
    } else if (const auto* fir = std::get_if<rtcp::Fir>(&packet)) {
        for (const auto& entry : fir->entries) {
            const auto known = fir_.find(entry.ssrc);
            if (known != fir_.end() && known->second == entry.sequence) {
                continue; // the same request again
            }
            if (known != fir_.end() || fir_.size() < limits_.sources) {
                fir_[entry.ssrc] = entry.sequence;
            }
            key_ = true;
        }
    } else if (const auto* nack = std::get_if<rtcp::Nack>(&packet)) {
        for (const auto sequence : nack->lost) {
            if (wanted_.size() < limits_.nacks) {
                wanted_.push_back({nack->media, sequence});
            }
        }
    } else if (const auto* remb = std::get_if<rtcp::Remb>(&packet)) {
        estimate_ = remb->bit_rate;
    } else if (std::holds_alternative<rtcp::Bye>(packet)) {
        left_ = true;
    }
}

bool Feedback::take_key_request()
{
    return std::exchange(key_, false);
}

std::vector<Feedback::Wanted> Feedback::take_wanted()
{
    return std::exchange(wanted_, {});
}

} // namespace millrace::rtp
