#include "backlog.hpp"

#include <gtest/gtest.h>

namespace millrace::clients {
namespace {

using namespace std::chrono_literals;

media::Frame frame(std::int64_t ms, std::size_t size)
{
    return {.dts = media_ms(ms), .payload = SharedBytes{Bytes(size)}};
}

TEST(Backlog, TellsTheTimeThatTheNewestBytesTake)
{
    Backlog backlog;
    EXPECT_EQ(backlog.time_of(1000), 0s);
    backlog.sent(frame(0, 1000));
    backlog.sent(frame(40, 100));
    backlog.sent(frame(80, 100));
    EXPECT_EQ(backlog.time_of(0), 0s);
    EXPECT_EQ(backlog.time_of(100), 0s);
    EXPECT_EQ(backlog.time_of(101), 40ms);
    EXPECT_EQ(backlog.time_of(201), 80ms);
    EXPECT_EQ(backlog.time_of(1'000'000), 80ms);
}

TEST(Backlog, ForgetsWhatIsLongGone)
{
    Backlog backlog;
    for (int second = 0; second < 100; ++second) {
        backlog.sent(frame(second * 1000, 10));
    }
    EXPECT_EQ(backlog.time_of(1'000'000), 30s);
}

} // namespace
} // namespace millrace::clients
