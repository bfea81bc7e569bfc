#include "acknowledger.hpp"

#include <gtest/gtest.h>

namespace millrace::rtmp {
namespace {

TEST(Acknowledger, CountsModulo2To32)
{
    Acknowledger acks;
    acks.set_window(1000);
    const auto total = (std::uint64_t{1} << 32U) + 5;
    EXPECT_EQ(acks.received(total), 5U);
    EXPECT_EQ(acks.received(total + 499), std::nullopt);
    EXPECT_EQ(acks.received(total + 500), 505U);
}

TEST(OutputWindow, IsWhatTheLimitTypesMakeOfIt)
{
    using enum PeerLimit;
    OutputWindow window;                                  // 2500000, soft.
    EXPECT_EQ(window.set({1000, dynamic}), std::nullopt); // Ignored: the last one was not hard.
    EXPECT_EQ(window.set({5000000, soft}), std::nullopt); // The smaller one stays.
    EXPECT_EQ(window.set({1000000, soft}), 1000000U);
    EXPECT_EQ(window.set({3000000, hard}), 3000000U);
    EXPECT_EQ(window.set({3000000, hard}), std::nullopt); // Nothing new.
    EXPECT_EQ(window.set({4000000, dynamic}), 4000000U);  // The last one was hard.
    EXPECT_EQ(window.set({2000000, soft}), 2000000U);
    EXPECT_EQ(window.set({4000000, dynamic}), std::nullopt);
}

} // namespace
} // namespace millrace::rtmp
