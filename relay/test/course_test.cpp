#include <millrace/relay/course.hpp>
#include <millrace/relay/report.hpp>

#include <gtest/gtest.h>

namespace millrace::relay {
namespace {

using namespace std::chrono_literals;

TEST(Course, GoesFromStateToStateAndKeepsWhatTheOperatorAsks)
{
    Clock::time_point now{1h};
    Course course{{}, [] { return 0.0; }, now};
    EXPECT_EQ(course.state(), State::stopped);
    EXPECT_LE(course.next_try(), now) << "it may be begun at once";

    now += 1s;
    course.connect(now);
    EXPECT_EQ(course.state(), State::connecting);
    EXPECT_EQ(course.attempts(), 1U);
    now += 3s;
    course.fail("nobody answers", now);
    EXPECT_EQ(course.state(), State::waiting);
    EXPECT_EQ(course.last_error(), "nobody answers");
    EXPECT_EQ(course.next_try(), now + 1s);
    EXPECT_EQ(course.since(), now);

    RelayInfo info;
    describe(course, info, now);
    ASSERT_TRUE(info.next_try);
    EXPECT_EQ(*info.next_try - info.since, 1s);

    now += 1s;
    course.connect(now);
    course.run(now);
    EXPECT_EQ(course.state(), State::running);
    EXPECT_EQ(course.attempts(), 2U);
    EXPECT_EQ(course.last_error(), "nobody answers") << "the last one stays to be read";
    describe(course, info = {}, now);
    EXPECT_FALSE(info.next_try);
    course.run(now + 5s);
    EXPECT_EQ(course.since(), now) << "since it began to run";
    now += 2min;
    course.fail("lost", now);
    EXPECT_EQ(course.next_try(), now + 1s) << "it was stable";
    course.stop(now);
    EXPECT_EQ(course.state(), State::stopped);
    EXPECT_EQ(course.next_try(), now + 1s) << "who begins it again waits for that too";
}

TEST(Demand, LastsSomeTimeAfterTheLastOneLeft)
{
    Clock::time_point now{1h};
    Demand demand{10s, now};
    EXPECT_TRUE(demand.wanted(now)) << "whoever asked is about to come";
    now += 9s;
    demand.see(1, now);
    now += 9s;
    demand.see(0, now);
    EXPECT_TRUE(demand.wanted(now));
    now += 1s;
    EXPECT_FALSE(demand.wanted(now));
    demand.see(3, now);
    EXPECT_TRUE(demand.wanted(now));
}

} // namespace
} // namespace millrace::relay
