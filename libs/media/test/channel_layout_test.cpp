#include <millrace/media/channel_layout.hpp>
#include <millrace/media/colour.hpp>

#include <gtest/gtest.h>

namespace millrace::media {
namespace {

using Order = ChannelLayout::Order;

TEST(ChannelLayout, HasTheNameThatPeopleUse)
{
    const auto native = [](std::uint32_t mask) {
        return name(ChannelLayout{.order = Order::native, .mask = mask});
    };
    EXPECT_EQ(native(0x4), "mono");
    EXPECT_EQ(native(0x3), "stereo");
    EXPECT_EQ(native(0x3f), "5.1");
    EXPECT_EQ(native(0x63f), "7.1");
    EXPECT_EQ(native(0x103), "FL+FR+BC");
    EXPECT_EQ(native(0), "");
    EXPECT_EQ(name(ChannelLayout{.order = Order::custom, .speakers = {1, 0, 0xfe, 0xff, 23, 99}}),
              "FR+FL+unused+unknown+BFR+unknown");
    EXPECT_EQ(name(ChannelLayout{.channels = 2}), "");
}

TEST(Colour, IsHdrByItsTransferCharacteristics)
{
    EXPECT_EQ(dynamic_range({.transfer = 16}), "hdr10");
    EXPECT_EQ(dynamic_range({.transfer = 18}), "hlg");
    EXPECT_EQ(dynamic_range({.transfer = 1}), "sdr");
    EXPECT_EQ(dynamic_range({.max_cll = 1000}), "");
}

} // namespace
} // namespace millrace::media
