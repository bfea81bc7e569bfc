#include <millrace/base/shared_bytes.hpp>

#include <gtest/gtest.h>

namespace millrace {
namespace {

TEST(SharedBytes, SlicesShareTheBytesAndOutliveTheirSource)
{
    SharedBytes part;
    const std::uint8_t* where = nullptr;
    {
        const SharedBytes whole{Bytes{1, 2, 3, 4, 5}};
        where = whole.data();
        part = whole.slice(1, 3);
    }
    EXPECT_EQ(part.data(), where + 1);
    EXPECT_EQ(part, SharedBytes(Bytes{2, 3, 4}));
}

TEST(SharedBytes, SlicesPastTheEndAreCut)
{
    const SharedBytes whole{Bytes{1, 2}};
    EXPECT_EQ(whole.slice(1).size(), 1U);
    EXPECT_EQ(whole.slice(1, 9).size(), 1U);
    EXPECT_TRUE(whole.slice(5).empty());
}

} // namespace
} // namespace millrace
