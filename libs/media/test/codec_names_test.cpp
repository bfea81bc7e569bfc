#include <millrace/media/container.hpp>

#include <gtest/gtest.h>

#include <set>

namespace millrace::media {
namespace {

TEST(CodecNames, AreDistinct)
{
    std::set<std::string_view> names;
    for (int i = 0; i <= static_cast<int>(Codec::script); ++i) {
        EXPECT_TRUE(names.insert(name(static_cast<Codec>(i))).second) << i;
    }
}

TEST(Frame, PresentsAtItsDecodeTimePlusItsComposition)
{
    const Frame frame{.dts = media_ms(40), .composition = std::chrono::milliseconds{-20}};
    EXPECT_EQ(to_ms(frame.pts()), 20);
}

} // namespace
} // namespace millrace::media
