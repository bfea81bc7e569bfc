#include <millrace/codec/bits.hpp>
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>

namespace millrace::codec {
namespace {

using namespace testing::literals;

void write_ue(BitWriter& out, std::uint32_t value)
{
    const auto length = static_cast<unsigned>(std::bit_width(value + 1U));
    out.bits(0, length - 1);
    out.bits(value + 1U, length);
}

TEST(BitReader, ReadsAcrossBytes)
{
    const auto wire = "a5 0f ff000001"_hex;
    BitReader in{wire};
    EXPECT_EQ(in.bits(3), 5U);
    EXPECT_EQ(in.bits(9), 0x50U);
    in.align();
    EXPECT_EQ(in.position(), 16U);
    EXPECT_EQ(in.bits(32), 0xff000001U);
    EXPECT_TRUE(in.ok());
    EXPECT_EQ(in.bits(0), 0U);
    EXPECT_TRUE(in.ok());
    EXPECT_EQ(in.bits(1), 0U);
    EXPECT_FALSE(in.ok());
}

TEST(BitReader, ReadsTheCodesOfTheSpecification)
{
    // H.264 table 9-2 and 9-3: 1, 010, 011, 00100, 00101 are 0..4, or 0, 1, -1, 2, -2.
    const auto wire = "a6 42 80"_hex;
    BitReader ue{wire};
    for (std::uint32_t i = 0; i < 5; ++i) {
        EXPECT_EQ(ue.ue(), i);
    }
    BitReader se{wire};
    for (const std::int32_t expected : {0, 1, -1, 2, -2}) {
        EXPECT_EQ(se.se(), expected);
    }
}

TEST(BitReader, RefusesACodeThatIsTooLong)
{
    const auto longest = "00000001 fffffffe"_hex; // 31 zeros, a one, 31 ones
    BitReader fits{longest};
    EXPECT_EQ(fits.ue(), 0xfffffffeU);
    EXPECT_TRUE(fits.ok());
    const auto wire = "00000000 80000000 00"_hex;
    BitReader in{wire};
    EXPECT_EQ(in.ue(), 0U);
    EXPECT_FALSE(in.ok());
}

RC_GTEST_PROP(BitWriter, WritesWhatTheReaderReads, (const std::vector<std::uint32_t>& values))
{
    Bytes bytes;
    BitWriter out{bytes};
    for (const auto value : values) {
        out.bits(value, value % 33);
        write_ue(out, value / 2);
    }
    BitReader in{bytes};
    for (const auto value : values) {
        const auto count = value % 33;
        RC_ASSERT(in.bits(count) == (count == 32 ? value : value & ((1U << count) - 1U)));
        RC_ASSERT(in.ue() == value / 2);
    }
    RC_ASSERT(in.ok());
    RC_ASSERT(in.remaining() < 8U);
}

} // namespace
} // namespace millrace::codec
