#include <millrace/amf/value.hpp>

#include <gtest/gtest.h>

namespace millrace::amf {
namespace {

TEST(Value, GivesANumberForWhatSpellsOne)
{
    EXPECT_EQ(Value{2.5}.number_or(9), 2.5);
    EXPECT_EQ(Value{true}.number_or(9), 1);
    EXPECT_EQ(Value{"-2.5e1"}.number_or(9), -25);
    EXPECT_EQ(Value{"12 apples"}.number_or(9), 9);
    EXPECT_EQ(Value{""}.number_or(9), 9);
    EXPECT_EQ(Value{Null{}}.number_or(9), 9);
}

TEST(Value, GivesABooleanForNumbers)
{
    EXPECT_TRUE(Value{true}.bool_or(false));
    EXPECT_TRUE(Value{2}.bool_or(false));
    EXPECT_FALSE(Value{0}.bool_or(true));
    EXPECT_TRUE(Value{"false"}.bool_or(true));
}

TEST(Value, GivesTextOnlyOfStrings)
{
    EXPECT_EQ(Value{"a"}.text(), "a");
    EXPECT_EQ(Value{1}.text(), "");
}

TEST(Value, FindsMembersOfObjectsAndEcmaArrays)
{
    const Value object = Object{.members = {{"tcurl", "x"}, {"App", 1}}};
    const Value array = EcmaArray{{{"App", 2}}};
    ASSERT_NE(object.find("App"), nullptr);
    EXPECT_EQ(*object.find("App"), Value{1});
    EXPECT_EQ(*array.find("App"), Value{2});
    EXPECT_EQ(object.find("app"), nullptr);
    EXPECT_EQ(Value{"App"}.find("App"), nullptr);
    EXPECT_TRUE(Value{1}.members().empty());
}

TEST(Value, FindsMembersWithoutRegardToCaseButPrefersTheExactName)
{
    const Value object = Object{.members = {{"tcurl", "lower"}, {"tcUrl", "exact"}, {"APP", 1}}};
    EXPECT_EQ(object.find_any_case("tcUrl")->text(), "exact");
    EXPECT_EQ(object.find_any_case("TCURL")->text(), "lower");
    EXPECT_EQ(*object.find_any_case("app"), Value{1});
    EXPECT_EQ(object.find_any_case("ap"), nullptr);
}

TEST(Value, IsNullWhenNullOrUndefined)
{
    EXPECT_TRUE(Value{}.is_null());
    EXPECT_TRUE(Value{Null{}}.is_null());
    EXPECT_FALSE(Value{0}.is_null());
}

TEST(ToString, WritesOneLine)
{
    EXPECT_EQ(to_string(Object{.members = {{"app", "live"}, {"objectEncoding", 0}}}),
              R"({app:"live",objectEncoding:0})");
    EXPECT_EQ(to_string(StrictArray{1.5, Null{}, Undefined{}, true, Date{1}, Xml{"<a/>"}, Unsupported{}}),
              R"([1.5,null,undefined,true,date 1,xml "<a/>",unsupported])");
    EXPECT_EQ(to_string(Object{"P", {{"x", EcmaArray{}}}}), "P{x:{}}");
    EXPECT_EQ(to_string("a\nb\x1b"), R"("a?b?")");
}

TEST(ToString, StopsAtItsLimit)
{
    const Value huge = StrictArray(100'000, Value{std::string(1000, 'x')});
    const auto text = to_string(huge, 20);
    EXPECT_EQ(text, "[\"" + std::string(18, 'x') + "...");
}

} // namespace
} // namespace millrace::amf
