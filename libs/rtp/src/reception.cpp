#include "medium.hpp"

#include <algorithm>

namespace millrace::rtp {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds kKeyRequestEvery = std::chrono::seconds{1};
constexpr nanoseconds kFirstReport = std::chrono::seconds{1};

/// A clock for round trips: only its differences mean something.
NtpTime clock_of(Clock::time_point now)
{
    return to_ntp(WallTime{std::chrono::duration_cast<WallTime::duration>(now.time_since_epoch())});
}

} // namespace

struct Reception::State {
    explicit State(Options chosen) : options{std::move(chosen)} {}

    Bytes report_of(std::size_t number, Clock::time_point now, const rtcp::Packet* more);
    void report(std::size_t number, Clock::time_point now, const rtcp::Packet* more = nullptr);
    void feed_reports(std::size_t number, ByteView datagram, Clock::time_point now);
    void ask_again(std::size_t number, Clock::time_point now);

    Options options;
    Timeline timeline;
    std::vector<Medium> media;
    std::vector<std::optional<Clock::time_point>> asked_for_key;
    std::deque<media::Item> items;
    std::deque<Report> reports;
    std::optional<Clock::time_point> heard;
    std::optional<Clock::time_point> next_report;
};

Reception::Reception(Options options) : state_{std::make_unique<State>(std::move(options))} {}
Reception::~Reception() = default;
Reception::Reception(Reception&&) noexcept = default;
Reception& Reception::operator=(Reception&&) noexcept = default;

Result<std::size_t> Reception::add(const Format& format, media::TrackId id, std::uint8_t number,
                                   bool reliable)
{
    auto depacketizer = make_depacketizer(format, id, number, state_->options.limits);
    if (!depacketizer) {
        return Unexpected{depacketizer.error()};
    }
    state_->timeline.add(format.clock_rate);
    state_->media.emplace_back(state_->options, format, std::move(*depacketizer), reliable);
    state_->asked_for_key.emplace_back();
    return state_->media.size() - 1;
}

void Reception::feed(std::size_t number, SharedBytes datagram, Clock::time_point now)
{
    auto& state = *state_;
    if (number >= state.media.size()) {
        return;
    }
    auto& medium = state.media[number];
    medium.count_datagram(datagram.size());
    state.heard = now;
    if (!state.next_report) {
        state.next_report = now + std::chrono::duration_cast<Clock::duration>(kFirstReport);
    }
    if (is_punch(datagram)) {
        medium.quirks().add(Quirk::punch);
        return;
    }
    if (is_rtcp(datagram)) {
        state.feed_reports(number, datagram, now);
        return;
    }
    if (!medium.feed(datagram, now)) {
        medium.count_bad();
        return;
    }
    medium.drain(state.timeline, number, now, state.items);
    state.ask_again(number, now);
}

void Reception::State::feed_reports(std::size_t number, ByteView datagram, Clock::time_point now)
{
    auto& medium = media[number];
    const auto packets = rtcp::read_compound(datagram, medium.quirks());
    if (!packets) {
        medium.count_bad();
        return;
    }
    for (const auto& packet : *packets) {
        if (const auto* sent = std::get_if<rtcp::SenderReport>(&packet)) {
            medium.take(*sent, timeline, number, now);
        } else if (const auto* bye = std::get_if<rtcp::Bye>(&packet)) {
            medium.take(*bye);
            medium.drain(timeline, number, now, items);
        } else if (const auto* extended = std::get_if<rtcp::ExtendedReport>(&packet)) {
            medium.take(*extended, options.ssrc, clock_of(now));
        } else if (const auto* received = std::get_if<rtcp::ReceiverReport>(&packet);
                   received != nullptr && medium.ssrc() != received->ssrc) {
            // Quirk: GStreamer's sink sends reports of another SSRC beside its media.
            medium.quirks().add(Quirk::foreign_reports);
        }
    }
}

/// Asks for what is missing, where the other end understands that.
void Reception::State::ask_again(std::size_t number, Clock::time_point now)
{
    auto& medium = media[number];
    if (!medium.format().feedback || !medium.deadline() || !options.reports) {
        return;
    }
    if (auto missing = medium.take_missing(); !missing.empty()) {
        const rtcp::Packet nack = rtcp::Nack{options.ssrc, *medium.ssrc(), std::move(missing)};
        report(number, now, &nack);
    }
}

/// Receiver report and SDES, and `more` behind them.
Bytes Reception::State::report_of(std::size_t number, Clock::time_point now, const rtcp::Packet* more)
{
    Bytes bytes;
    ByteWriter out{bytes};
    rtcp::ReceiverReport receiver{.ssrc = options.ssrc};
    if (auto block = media[number].block(now)) {
        receiver.blocks.push_back(*block);
    }
    rtcp::write(out, receiver);
    rtcp::write(out, rtcp::Sdes{{{options.ssrc, {{rtcp::SdesType::cname, options.cname}}}}});
    if (media[number].format().feedback) {
        rtcp::write(out, rtcp::ExtendedReport{options.ssrc, {rtcp::ReferenceTime{clock_of(now)}}});
    }
    if (more != nullptr) {
        rtcp::write(out, *more);
    }
    return bytes;
}

void Reception::State::report(std::size_t number, Clock::time_point now, const rtcp::Packet* more)
{
    constexpr std::size_t kMostReports = 256; // who does not take them needs none
    if (reports.size() < kMostReports) {
        reports.push_back({number, report_of(number, now, more)});
    }
}

std::optional<media::Item> Reception::next()
{
    auto& items = state_->items;
    if (items.empty()) {
        return std::nullopt;
    }
    auto first = std::move(items.front());
    items.pop_front();
    return first;
}

std::optional<Report> Reception::take_report()
{
    auto& reports = state_->reports;
    if (reports.empty()) {
        return std::nullopt;
    }
    auto first = std::move(reports.front());
    reports.pop_front();
    return first;
}

std::optional<Clock::time_point> Reception::deadline() const
{
    auto until = state_->options.reports ? state_->next_report : std::nullopt;
    for (const auto& medium : state_->media) {
        if (const auto gap = medium.deadline(); gap && (!until || *gap < *until)) {
            until = gap;
        }
    }
    return until;
}

void Reception::tick(Clock::time_point now)
{
    auto& state = *state_;
    const bool due = state.options.reports && state.next_report && now >= *state.next_report;
    for (std::size_t i = 0; i < state.media.size(); ++i) {
        auto& medium = state.media[i];
        medium.tick(now);
        medium.drain(state.timeline, i, now, state.items);
        if (due && medium.heard()) {
            state.report(i, now);
        }
    }
    if (due) {
        state.next_report = now + std::chrono::duration_cast<Clock::duration>(state.options.report_every);
    }
}

void Reception::request_key(std::size_t number, Clock::time_point now, bool force)
{
    auto& state = *state_;
    if (number >= state.media.size() || !state.media[number].heard() ||
        !(force || state.media[number].format().feedback)) {
        return;
    }
    auto& asked = state.asked_for_key[number];
    if (asked && now - *asked < kKeyRequestEvery) {
        return;
    }
    asked = now;
    const rtcp::Packet pli = rtcp::Pli{state.options.ssrc, *state.media[number].ssrc()};
    state.report(number, now, &pli);
}

void Reception::close(Clock::time_point now)
{
    auto& state = *state_;
    for (std::size_t i = 0; i < state.media.size(); ++i) {
        auto& medium = state.media[i];
        medium.flush();
        medium.drain(state.timeline, i, now, state.items);
        if (state.options.reports && medium.heard()) {
            const rtcp::Packet bye = rtcp::Bye{{state.options.ssrc}, {}};
            state.report(i, now, &bye);
        }
    }
    state.next_report.reset();
}

bool Reception::ended(std::size_t number) const
{
    return number < state_->media.size() && state_->media[number].ended();
}

std::optional<Clock::time_point> Reception::last_heard() const
{
    return state_->heard;
}

MediumStats Reception::stats(std::size_t number) const
{
    return number < state_->media.size() ? state_->media[number].stats() : MediumStats{};
}

std::size_t Reception::size() const
{
    return state_->media.size();
}

} // namespace millrace::rtp
