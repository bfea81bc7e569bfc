#include <millrace/amf/amf0.hpp>

#include <gtest/gtest.h>

namespace millrace::amf {
namespace {

TEST(Amf0Writer, WritesALongStringFrom64KiBOn)
{
    const auto largest_short = write_amf0({std::string(65535, 'x')});
    EXPECT_EQ(largest_short[0], 0x02);
    EXPECT_EQ(largest_short.size(), 3U + 65535U);
    const Value text = std::string(65536, 'x');
    const auto wire = write_amf0({text});
    EXPECT_EQ(wire[0], 0x0c);
    EXPECT_EQ(wire.size(), 5U + 65536U);
    const auto values = read_amf0(wire);
    ASSERT_TRUE(values);
    EXPECT_EQ(values->front(), text);
}

TEST(Amf0Writer, CutsANameThatTheFormatCannotHold)
{
    const auto values = read_amf0(write_amf0({Object{.members = {{std::string(70000, 'k'), true}}}}));
    ASSERT_TRUE(values);
    EXPECT_EQ(values->front(), (Object{.members = {{std::string(65535, 'k'), true}}}));
}

TEST(Amf0Writer, WritesTheSameFromAListAndFromAVector)
{
    EXPECT_EQ(write_amf0({"a", 1}), write_amf0(std::vector<Value>{"a", 1}));
}

} // namespace
} // namespace millrace::amf
