#include <millrace/base/reader.hpp>
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>

namespace millrace {
namespace {

using namespace testing::literals;

TEST(ByteReader, ReadsEachWidthInItsByteOrder)
{
    constexpr auto kWire = R"(01 0203 040506 0708090a 0b0c 0d0e0f10 ffffec 3ff8000000000000 6869)"_hex;
    ByteReader reader{kWire};
    EXPECT_EQ(reader.u8(), 1);
    EXPECT_EQ(reader.u16(), 0x0203);
    EXPECT_EQ(reader.u24(), 0x040506U);
    EXPECT_EQ(reader.u32(), 0x0708090aU);
    EXPECT_EQ(reader.u16le(), 0x0c0b);
    EXPECT_EQ(reader.u32le(), 0x100f0e0dU);
    EXPECT_EQ(reader.s24(), -20);
    EXPECT_EQ(reader.f64(), 1.5);
    EXPECT_EQ(reader.text(2), "hi");
    EXPECT_TRUE(reader.at_end());
    EXPECT_TRUE(reader.ok());
}

TEST(ByteReader, RemembersAReadPastTheEndAndConsumesNothingAfterIt)
{
    ByteReader reader{"0102"_hex};
    EXPECT_EQ(reader.u24(), 0U);
    EXPECT_FALSE(reader.ok());
    EXPECT_EQ(reader.u8(), 0);
    EXPECT_EQ(reader.remaining(), 2U);
}

TEST(ByteWriter, WritesWhatTheReaderReads)
{
    Bytes out;
    ByteWriter writer{out};
    writer.u8(1);
    writer.u16(0x0203);
    writer.u24(0x040506);
    writer.u32(0x0708090a);
    writer.u64(0x0102030405060708);
    writer.u16le(0x0b0c);
    writer.u32le(0x0d0e0f10);
    writer.f64(-2.25);
    writer.text("hi");
    ByteReader reader{out};
    EXPECT_EQ(reader.u8(), 1);
    EXPECT_EQ(reader.u16(), 0x0203);
    EXPECT_EQ(reader.u24(), 0x040506U);
    EXPECT_EQ(reader.u32(), 0x0708090aU);
    EXPECT_EQ(reader.u64(), 0x0102030405060708U);
    EXPECT_EQ(reader.u16le(), 0x0b0c);
    EXPECT_EQ(reader.u32le(), 0x0d0e0f10U);
    EXPECT_EQ(reader.f64(), -2.25);
    EXPECT_EQ(reader.text(2), "hi");
    EXPECT_TRUE(reader.ok() && reader.at_end());
}

} // namespace
} // namespace millrace
