// AMF3 inside of AMF0: one message, two formats, one set of limits.
#include <millrace/amf/amf3.hpp>
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>

namespace millrace::amf {
namespace {

using namespace testing::literals;

// V7: a command of type 17, without its format byte: echo, 7, null, {a:1,b:true}.
constexpr auto kEcho = "0200046563686f 00401c000000000000 05 11 0a0b010361040103620301"_hex;

TEST(Mixed, ReadsACommandOfType17)
{
    const auto values = read_amf0(kEcho);
    ASSERT_TRUE(values);
    EXPECT_EQ(*values, (std::vector<Value>{"echo", 7, Null{}, Object{.members = {{"a", 1}, {"b", true}}}}));
}

TEST(Mixed, ComesBackToAmf0AfterOneValue)
{
    const std::vector<Value> expected{Object{.members = {{"a", 127}, {"b", true}}}, Null{}};
    EXPECT_EQ(read_amf0("03 000161 11 047f 000162 0101 000009 05"_hex).value_or({}), expected);
}

TEST(Mixed, SharesTheTablesOfAmf3AmongAllSwitchesOfAMessage)
{
    const auto values = read_amf0("11 0603 61  02 000162  11 0600  11 0901 01  11 0900"_hex);
    ASSERT_TRUE(values) << values.error().message();
    EXPECT_EQ(*values, (std::vector<Value>{"a", "b", "a", StrictArray{}, StrictArray{}}));
}

TEST(Mixed, CopiesAmf3ValuesWithTheAmf0ObjectThatHoldsThem)
{
    // o = {a: AMF3 "xy" twice}, then a reference to o: the strings of the copy join no table again.
    const auto values = read_amf0("03 000161 11 0605 7879 000162 11 0600 000009  07 0000  11 0600"_hex);
    ASSERT_TRUE(values) << values.error().message();
    const Value object = Object{.members = {{"a", "xy"}, {"b", "xy"}}};
    EXPECT_EQ(*values, (std::vector<Value>{object, object, "xy"}));
}

TEST(Mixed, WritesWhatOnlyAmf3CanHoldAsASwitch)
{
    EXPECT_EQ(write_amf0({ByteArray{"010203"_hex}}), Bytes("11 0c07010203"_hex));
    EXPECT_EQ(write_amf0({Object{.members = {{"a", ByteArray{}}}}}), Bytes("03 000161 11 0c01 000009"_hex));
    EXPECT_EQ(write_amf0({EcmaArray{{{"k", 5}}, {1}}}), Bytes("11 0903 036b 0405 01 0401"_hex));
    EXPECT_EQ(write_amf0({Xml{"a", true}}), Bytes("11 0b0361"_hex));
    EXPECT_EQ(write_amf0({Xml{"a"}}), Bytes("0f 00000001 61"_hex));
    EXPECT_EQ(
        write_amf0({Object{.class_name = "P", .members = {{"x", true}}, .sealed = 1, .dynamic = false}}),
        Bytes("10 000150 000178 0101 000009"_hex))
        << "AMF0 has one kind of member";
}

TEST(Mixed, TellsWhatAmf0CanHold)
{
    for (const Value& value : std::vector<Value>{1, "a", Null{}, StrictArray{1, Object{}}, EcmaArray{},
                                                 Xml{"a"}, Date{}, Object{.class_name = "P"}}) {
        EXPECT_TRUE(amf0_can_hold(value)) << to_string(value);
    }
    for (const Value& value :
         std::vector<Value>{ByteArray{}, IntVector{}, UintVector{}, DoubleVector{}, ObjectVector{},
                            Dictionary{}, Externalized{}, Xml{"a", true}, EcmaArray{{{"a", 1}}, {1}}}) {
        EXPECT_FALSE(amf0_can_hold(value)) << to_string(value);
        EXPECT_FALSE(amf0_can_hold(StrictArray{1, value}));
        EXPECT_FALSE(amf0_can_hold(Object{.members = {{"a", EcmaArray{{{"b", value}}}}}}));
    }
}

TEST(Mixed, CountsDepthAndValuesAcrossBothFormats)
{
    Bytes deep;
    ByteWriter out{deep};
    for (int i = 0; i < 16; ++i) {
        out.bytes("0a 00000001"_hex);
    }
    out.u8(0x11);
    for (int i = 0; i < 16; ++i) {
        out.bytes("0903 01"_hex);
    }
    Bytes deeper = deep;
    deep.push_back(1);
    deeper.insert(deeper.end(), {0x09, 0x01, 0x01});
    EXPECT_TRUE(read_amf0(deep));
    EXPECT_EQ(read_amf0(deeper).error(), make_error_code(Errc::too_deep));
    EXPECT_EQ(read_amf0("0a 00000002 05 11 0905 01 01 01"_hex, {.values = 4}).error(),
              make_error_code(Errc::too_many_values));
    EXPECT_TRUE(read_amf0("0a 00000002 05 11 0905 01 01 01"_hex, {.values = 5}));
}

TEST(Mixed, PutsAmf3ValuesIntoALogLine)
{
    EXPECT_EQ(to_string(ByteArray{"01ff"_hex}), "bytes 01ff");
    EXPECT_EQ(to_string(EcmaArray{{{"k", 5}}, {1, "a"}}), R"({k:5}[1,"a"])");
    EXPECT_EQ(to_string(Dictionary{{{"a", 1}, {2, Null{}}}}), R"({"a"=>1,2=>null})");
    EXPECT_EQ(to_string(StrictArray{IntVector{{-1, 5}}, UintVector{{7}}, DoubleVector{{0.5}}}),
              "[[-1,5],[7],[0.5]]");
    EXPECT_EQ(to_string(ObjectVector{"P", {1}}), "P[1]");
    EXPECT_EQ(to_string(Externalized{"ArrayList", {StrictArray{7}}}), "ArrayList([7])");
    EXPECT_EQ(to_string(ByteArray{Bytes(100, 0xaa)}, 20).size(), 23U);
}

} // namespace
} // namespace millrace::amf
