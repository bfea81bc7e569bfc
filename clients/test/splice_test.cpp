#include "house.hpp"
#include "splice.hpp"

#include <gtest/gtest.h>

namespace millrace::clients {
namespace {

/// What becomes of video frames at these times; none for those that are left out.
std::vector<std::optional<std::int64_t>> pass(Splice& splice, std::initializer_list<std::int64_t> times)
{
    std::vector<std::optional<std::int64_t>> passed;
    for (const auto ms : times) {
        auto frame = video_frame(ms, true);
        const bool kept = splice.pass(frame);
        passed.push_back(kept ? std::optional{to_ms(frame.dts)} : std::nullopt);
    }
    return passed;
}

using Times = std::vector<std::optional<std::int64_t>>;

TEST(Splice, LeavesOneConnectionAsItIs)
{
    Splice splice;
    splice.begin_anew();
    EXPECT_EQ(pass(splice, {100, 140, 140, 120}), (Times{100, 140, 140, 120}));
}

TEST(Splice, LeavesOutWhatWasThereBeforeOnTheSameTimeline)
{
    Splice splice;
    pass(splice, {0, 40, 80});
    splice.begin_anew();
    EXPECT_EQ(pass(splice, {40, 80, 120}), (Times{std::nullopt, std::nullopt, 120}));
}

TEST(Splice, KeepsAGapOnTheSameTimeline)
{
    Splice splice;
    pass(splice, {0, 40, 80});
    splice.begin_anew();
    EXPECT_EQ(pass(splice, {1000, 1040}), (Times{1000, 1040}));
}

TEST(Splice, MovesAnotherTimelineBehindTheLastFrame)
{
    Splice splice;
    pass(splice, {100'000, 100'040});
    splice.begin_anew();
    EXPECT_EQ(pass(splice, {0, 40}), (Times{100'060, 100'100}));
    splice.begin_anew();
    EXPECT_EQ(pass(splice, {500'000, 500'040}), (Times{100'120, 100'160}));
}

TEST(Splice, LooksAtEachTrackAlone)
{
    Splice splice;
    pass(splice, {0, 40});
    auto audio = audio_frame(60);
    EXPECT_TRUE(splice.pass(audio));
    splice.begin_anew();
    EXPECT_EQ(pass(splice, {50}), (Times{50}));
    audio = audio_frame(60);
    EXPECT_FALSE(splice.pass(audio));
}

} // namespace
} // namespace millrace::clients
