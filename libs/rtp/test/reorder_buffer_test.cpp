#include <millrace/rtp/reorder_buffer.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <numeric>

namespace millrace::rtp {
namespace {

using namespace std::chrono_literals;
using Outcome = ReorderBuffer::Outcome;

std::vector<std::pair<int, int>> drain(ReorderBuffer& buffer)
{
    std::vector<std::pair<int, int>> out;
    while (auto next = buffer.next()) {
        out.emplace_back(next->packet.sequence, static_cast<int>(next->lost));
    }
    return out;
}

using Given = std::vector<std::pair<int, int>>;

RC_GTEST_PROP(ReorderBuffer, OrdersAnyPermutation, (std::uint16_t first))
{
    std::vector<std::uint16_t> numbers(64);
    std::iota(numbers.begin(), numbers.end(), std::uint16_t{0});
    // The first one tells where the numbers begin.
    const auto seed = *rc::gen::arbitrary<std::uint32_t>();
    std::uint32_t state = seed;
    for (std::size_t i = numbers.size() - 1; i > 1; --i) {
        state = state * 1664525U + 1013904223U;
        std::swap(numbers[i], numbers[1 + (state >> 8U) % i]);
    }
    ReorderBuffer buffer;
    for (const auto number : numbers) {
        RC_ASSERT(buffer.feed({.sequence = static_cast<std::uint16_t>(first + number)}, 0ms, {}) ==
                  Outcome::taken);
    }
    const auto out = drain(buffer);
    RC_ASSERT(out.size() == numbers.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
        RC_ASSERT(out[i].first == static_cast<std::uint16_t>(first + i));
        RC_ASSERT(out[i].second == 0);
    }
}

TEST(ReorderBuffer, GivesAGapUpAfterItsTime)
{
    ReorderBuffer buffer;
    const Clock::time_point begin{1h};
    buffer.feed({.sequence = 65535}, 0ms, begin);
    buffer.feed({.sequence = 2}, 0ms, begin);
    buffer.feed({.sequence = 4}, 0ms, begin + 1ms);
    EXPECT_EQ(drain(buffer), (Given{{65535, 0}}));
    EXPECT_EQ(buffer.missing(), (std::vector<std::uint16_t>{0, 1, 3}));
    EXPECT_EQ(buffer.deadline(), begin + 20ms);
    buffer.tick(begin + 19ms);
    EXPECT_TRUE(drain(buffer).empty());
    buffer.tick(begin + 20ms);
    EXPECT_EQ(drain(buffer), (Given{{2, 2}}));
    EXPECT_EQ(buffer.deadline(), begin + 40ms);
    EXPECT_EQ(buffer.feed({.sequence = 1}, 0ms, begin + 21ms), Outcome::late);
    EXPECT_EQ(buffer.feed({.sequence = 1}, 0ms, begin + 21ms), Outcome::duplicate);
    EXPECT_EQ(buffer.feed({.sequence = 4}, 0ms, begin + 21ms), Outcome::duplicate);
    EXPECT_EQ(buffer.feed({.sequence = 3}, 0ms, begin + 22ms), Outcome::taken);
    EXPECT_EQ(drain(buffer), (Given{{3, 0}, {4, 0}}));
    EXPECT_FALSE(buffer.deadline());
    EXPECT_EQ(buffer.reordered(), 2U);
}

TEST(ReorderBuffer, WaitsByTheJitterWithinBounds)
{
    const Clock::time_point begin{1h};
    const auto wait = [&](std::chrono::nanoseconds jitter) {
        ReorderBuffer buffer;
        buffer.feed({.sequence = 1}, jitter, begin);
        buffer.feed({.sequence = 3}, jitter, begin);
        return *buffer.deadline() - begin;
    };
    EXPECT_EQ(wait(0ms), 20ms);
    EXPECT_EQ(wait(10ms), 45ms);
    EXPECT_EQ(wait(1s), 200ms);
}

TEST(ReorderBuffer, GivesAllWhenAPacketIsTooFarAhead)
{
    ReorderBuffer buffer{{.packets = 16}};
    buffer.feed({.sequence = 0}, 0ms, {});
    buffer.feed({.sequence = 5}, 0ms, {});
    buffer.feed({.sequence = 40}, 0ms, {});
    EXPECT_EQ(drain(buffer), (Given{{0, 0}, {5, 4}, {40, 34}}));
    EXPECT_FALSE(buffer.deadline());
}

TEST(ReorderBuffer, BelievesASourceThatBeginsAnewWhenTwoPacketsFollow)
{
    ReorderBuffer buffer;
    for (std::uint16_t i = 1000; i < 1010; ++i) {
        buffer.feed({.sequence = i}, 0ms, {});
    }
    EXPECT_EQ(buffer.feed({.sequence = 40000}, 0ms, {}), Outcome::suspect);
    EXPECT_EQ(buffer.feed({.sequence = 1010}, 0ms, {}), Outcome::taken);
    EXPECT_EQ(buffer.feed({.sequence = 40000}, 0ms, {}), Outcome::suspect);
    EXPECT_EQ(buffer.feed({.sequence = 40001}, 0ms, {}), Outcome::restarted);
    EXPECT_EQ(buffer.feed({.sequence = 40002}, 0ms, {}), Outcome::taken);
    EXPECT_EQ(drain(buffer).size(), 13U);
}

} // namespace
} // namespace millrace::rtp
