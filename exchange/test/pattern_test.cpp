#include <millrace/exchange/pattern.hpp>
#include <millrace/exchange/publish_options.hpp>

#include <gtest/gtest.h>

namespace millrace::exchange {
namespace {

TEST(Pattern, GivesWhatItsStarStandsFor)
{
    EXPECT_EQ(Pattern{"live/*"}.match("live/cam"), "cam");
    EXPECT_EQ(Pattern{"live/*"}.match("live/a/b"), "a/b");
    EXPECT_EQ(Pattern{"live/*-hd"}.match("live/cam-hd"), "cam");
    EXPECT_EQ(Pattern{"*"}.match("live/cam"), "live/cam");
    EXPECT_EQ(Pattern{"*/cam"}.match("live/cam"), "live");
    EXPECT_EQ(Pattern{"live/cam*"}.match("live/cam"), "");
    EXPECT_EQ(Pattern{"live/cam"}.match("live/cam"), "");
}

TEST(Pattern, MatchesNothingElse)
{
    EXPECT_FALSE(Pattern{"live/*"}.matches("other/cam"));
    EXPECT_FALSE(Pattern{"live/cam"}.matches("live/cam2"));
    EXPECT_FALSE(Pattern{"live/ab*ba"}.matches("live/aba")) << "its ends do not overlap";
}

TEST(Pattern, RefusesWhatNamesNoStream)
{
    for (const auto* bad : {"", "cam", "/cam", "live/", "live//cam", "*/*", "live/a b", "live/cam?x=1"}) {
        EXPECT_THROW(Pattern{bad}, std::runtime_error) << bad;
    }
}

TEST(PublishOptions, AsksForReserveOnlyInSoManyWords)
{
    EXPECT_TRUE(asks_for_reserve("backup=1"));
    EXPECT_TRUE(asks_for_reserve("token=x&backup=1"));
    for (const auto* other : {"", "backup", "backup=0", "backup=10", "nobackup=1", "token=backup=1"}) {
        EXPECT_FALSE(asks_for_reserve(other)) << other;
    }
}

} // namespace
} // namespace millrace::exchange
