#include "names.hpp"

#include <gtest/gtest.h>

namespace millrace::rtmp {
namespace {

TEST(Names, MergeQueriesWithoutSayingAnythingTwice)
{
    std::string query;
    merge_query(query, "a=1&b=2");
    merge_query(query, "&b=2&&c=&a=1");
    merge_query(query, "");
    EXPECT_EQ(query, "a=1&b=2&c=");
    // Only the same pair is the same.
    merge_query(query, "a=12&b");
    EXPECT_EQ(query, "a=1&b=2&c=&a=12&b");
}

TEST(Names, SplitAtTheFirstQuestionMark)
{
    EXPECT_EQ(split_query("cam?a=?").path, "cam");
    EXPECT_EQ(split_query("cam?a=?").query, "a=?");
    EXPECT_EQ(split_query("cam").query, "");
}

TEST(Names, FindTheApplicationInAUrl)
{
    EXPECT_EQ(app_of("rtmp://h:1935/a/b/?x=/y"), "a/b");
    EXPECT_EQ(app_of("rtmp://h"), "");
    EXPECT_EQ(app_of("live"), "");
}

TEST(Names, TakeNothingOffButAPairOfQuotes)
{
    EXPECT_EQ(unquote("'a'"), "a");
    EXPECT_EQ(unquote("\"a'"), "\"a'");
    EXPECT_EQ(unquote("\""), "\"");
}

TEST(Names, AreMadeOfAppAndName)
{
    EXPECT_EQ(make_path("live", "cam").path, "live/cam");
    EXPECT_EQ(make_path("a/b", "c").path, "a/b/c");
    EXPECT_EQ(make_path("", "live/cam").path, "live/cam");
    EXPECT_EQ(make_path("live", "größe").refusal, "");
    EXPECT_EQ(make_path("live", std::string(250, 'n')).refusal, "");
    EXPECT_EQ(make_path("live", "..cam.").refusal, "");
}

TEST(Names, ThatAreNoneSayWhy)
{
    EXPECT_EQ(make_path("live", "").refusal, "stream name missing: use rtmp://HOST/APP/NAME");
    EXPECT_EQ(make_path("", "cam").refusal, "application missing: use rtmp://HOST/APP/NAME");
    EXPECT_EQ(make_path("live", std::string(251, 'n')).refusal,
              "stream name too long: APP/NAME may have 255 bytes");
    EXPECT_EQ(make_path("live", "a\x7f").refusal, "stream name has control characters");
    for (const auto* bad : {"..", ".", "a/../b", "a//b", "a/.", "/a", "a/"}) {
        EXPECT_EQ(make_path("live", bad).refusal, "stream name has an empty, '.' or '..' segment") << bad;
    }
    for (const auto* bad : {"\xff", "\xc3", "\xc0\xaf", "a\xe2\x82", "\xf5\x80\x80\x80", "\x80"}) {
        EXPECT_EQ(make_path("live", bad).refusal, "stream name is not UTF-8");
    }
}

} // namespace
} // namespace millrace::rtmp
