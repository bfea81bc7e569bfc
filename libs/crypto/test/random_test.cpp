#include <millrace/crypto/random.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

namespace millrace::crypto {
namespace {

TEST(RandomFill, FillsTheWholeSpanAndNeverTwiceTheSame)
{
    std::array<std::uint8_t, 64> first{};
    std::array<std::uint8_t, 64> second{};
    random_fill(first);
    random_fill(second);
    EXPECT_NE(first, second);
    EXPECT_FALSE(std::all_of(first.end() - 16, first.end(), [](auto b) { return b == 0; }));
}

TEST(RandomFill, TakesSpansOfAnyLength)
{
    random_fill({});
    std::vector<std::uint8_t> large((std::size_t{1} << 20U) + 33);
    random_fill(large);
    EXPECT_FALSE(std::all_of(large.end() - 33, large.end(), [](auto b) { return b == 0; }));
}

} // namespace
} // namespace millrace::crypto
