#include <millrace/rtp/report_timer.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <queue>
#include <vector>

namespace millrace::rtp {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kReport = 100; ///< Bytes: 128 with those of UDP and IP.

/// A group in which everybody hears everybody.
struct Group {
    Group(std::size_t receivers, double bandwidth)
    {
        for (std::size_t i = 0; i <= receivers; ++i) {
            members.push_back(std::make_unique<ReportTimer>(
                static_cast<std::uint32_t>(i + 1),
                ReportTimer::Options{.bandwidth = bandwidth, .seed = i * 977 + 5}, now));
            gone.push_back(false);
        }
    }

    /// Until that time; how many bytes a second were sent, with heads.
    double run_until(Clock::time_point end)
    {
        const auto begin = now;
        std::size_t bytes = 0;
        while (true) {
            std::size_t first = members.size();
            for (std::size_t i = 0; i < members.size(); ++i) {
                if (!gone[i] &&
                    (first == members.size() || members[i]->deadline() < members[first]->deadline())) {
                    first = i;
                }
            }
            if (first == members.size() || members[first]->deadline() > end) {
                break;
            }
            now = std::max(now, members[first]->deadline());
            if (has_sender) {
                members[0]->we_send(now);
            }
            if (!members[first]->expired(now)) {
                continue;
            }
            bytes += kReport + ReportTimer::kLower;
            ++reports;
            const bool bye = leaving;
            if (bye) {
                gone[first] = true;
            } else {
                members[first]->sent(kReport, now);
            }
            for (std::size_t i = 0; i < members.size(); ++i) {
                if (i == first || gone[i]) {
                    continue;
                }
                const auto ssrc = static_cast<std::uint32_t>(first + 1);
                if (bye) {
                    members[i]->left(ssrc, kReport, now);
                } else {
                    members[i]->heard(ssrc, false, kReport, now);
                    if (first == 0 && has_sender) {
                        members[i]->heard(ssrc, true, 0, now);
                    }
                }
            }
        }
        now = end;
        return static_cast<double>(bytes) / std::chrono::duration<double>(end - begin).count();
    }

    Clock::time_point now{1h};
    std::vector<std::unique_ptr<ReportTimer>> members;
    std::vector<bool> gone;
    bool has_sender = true;
    bool leaving = false;
    std::size_t reports = 0;
};

// Acceptance 16.
TEST(ReportTimer, KeepsAThousandMembersWithinFivePercent)
{
    constexpr double kBandwidth = 1e6;
    Group group{1000, kBandwidth};
    group.run_until(group.now + 80s); // everybody has heard of everybody
    EXPECT_EQ(group.members[0]->members(), 1001U);
    const auto rate = group.run_until(group.now + 30s);
    const auto share = rate * 8 / kBandwidth;
    EXPECT_LE(share, 0.05);
    EXPECT_GE(share, 0.02); // and uses what it may
}

TEST(ReportTimer, DoesNotFloodWhenAllJoinAtOnce)
{
    Group group{1000, 1e6};
    group.has_sender = false;
    // Without reconsideration 1001 reports would come within the first 2.5 s: more than ten times the share.
    const auto rate = group.run_until(group.now + 10s);
    EXPECT_LE(rate * 8 / 1e6, 0.1);
}

TEST(ReportTimer, DoesNotFloodWhenAllLeaveAtOnce)
{
    Group group{200, 1e5};
    group.has_sender = false;
    group.run_until(group.now + 300s);
    group.leaving = true;
    for (auto& member : group.members) {
        member->leave(kReport, group.now);
    }
    const auto rate = group.run_until(group.now + 30s);
    EXPECT_LE(rate * 8 / 1e5, 0.1);
    EXPECT_GT(group.reports, 0U);
}

TEST(ReportTimer, SaysByeAtOnceWhenFewAreThere)
{
    ReportTimer timer{1, {}, Clock::time_point{1h}};
    timer.leave(kReport, Clock::time_point{1h} + 3s);
    EXPECT_EQ(timer.deadline(), Clock::time_point{1h} + 3s);
    EXPECT_TRUE(timer.expired(timer.deadline()));
}

TEST(ReportTimer, DrawsIntervalsAroundTheMinimum)
{
    const auto intervals = [](bool reduced) {
        ReportTimer timer{1, {.bandwidth = 1e6, .reduced_minimum = reduced}, Clock::time_point{1h}};
        timer.heard(2, true, 0, Clock::time_point{1h});
        std::pair<Clock::duration, Clock::duration> bounds{Clock::duration::max(), Clock::duration::zero()};
        auto last = Clock::time_point{1h};
        for (int i = 0; i < 300; ++i) {
            auto now = timer.deadline();
            timer.heard(2, true, 0, now);
            while (!timer.expired(now)) {
                now = timer.deadline();
            }
            timer.sent(kReport, now);
            if (i > 0) {
                bounds.first = std::min(bounds.first, now - last);
                bounds.second = std::max(bounds.second, now - last);
            }
            last = now;
        }
        return bounds;
    };
    const auto [shortest, longest] = intervals(false);
    EXPECT_GE(shortest, 2050ms); // 5 s * 0.5 / 1.21828
    EXPECT_LE(longest, 6157ms);  // 5 s * 1.5 / 1.21828
    const auto [reduced_shortest, reduced_longest] = intervals(true);
    EXPECT_GE(reduced_shortest, 147ms); // 0.36 s
    EXPECT_LE(reduced_longest, 444ms);
}

TEST(ReportTimer, ForgetsWhoIsSilent)
{
    ReportTimer timer{1, {}, Clock::time_point{1h}};
    timer.heard(2, false, kReport, Clock::time_point{1h});
    EXPECT_EQ(timer.members(), 2U);
    timer.expired(Clock::time_point{1h} + 60s);
    EXPECT_EQ(timer.members(), 1U);
}

TEST(ReportTimer, RemembersABoundedNumber)
{
    ReportTimer timer{1, {.members = 10}, Clock::time_point{1h}};
    for (std::uint32_t i = 2; i < 100; ++i) {
        timer.heard(i, false, kReport, Clock::time_point{1h});
    }
    EXPECT_EQ(timer.members(), 11U);
}

} // namespace
} // namespace millrace::rtp
