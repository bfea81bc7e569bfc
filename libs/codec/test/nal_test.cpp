#include <millrace/codec/nal.hpp>
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace millrace::codec {
namespace {

using namespace testing::literals;

std::vector<Bytes> owned(const std::vector<ByteView>& units)
{
    std::vector<Bytes> out;
    std::ranges::transform(units, std::back_inserter(out), to_bytes);
    return out;
}

TEST(SplitLengthPrefixed, GivesTheUnits)
{
    const auto wire = "00000002 0910  00000000  00000003 658801"_hex;
    const auto units = split_length_prefixed(wire, 4);
    ASSERT_TRUE(units);
    EXPECT_EQ(owned(*units), (std::vector<Bytes>{"0910"_hex, "658801"_hex}));
    EXPECT_TRUE(split_length_prefixed({}, 4)->empty());
}

TEST(SplitLengthPrefixed, RefusesALengthThatPointsPastTheEnd)
{
    EXPECT_FALSE(split_length_prefixed("00000003 6588"_hex, 4));
    EXPECT_FALSE(split_length_prefixed("0001 65 00"_hex, 2));
}

TEST(SplitAnnexB, TakesBothStartCodesAndDropsTrailingZeros)
{
    const auto wire = "00000001 6742 000001 68ce 0000 00000001 6588 0000"_hex;
    EXPECT_EQ(owned(split_annex_b(wire)), (std::vector<Bytes>{"6742"_hex, "68ce"_hex, "6588"_hex}));
    EXPECT_TRUE(split_annex_b("6588"_hex).empty());
    EXPECT_TRUE(split_annex_b("0000010000"_hex).empty());
}

TEST(LooksLikeAnnexB, TellsStartCodesFromLengths)
{
    EXPECT_TRUE(looks_like_annex_b("00000001 6742c00a 00000001 68ce"_hex, 4));
    EXPECT_TRUE(looks_like_annex_b("000001 6742c00a"_hex, 4));
    EXPECT_FALSE(looks_like_annex_b("00000001 09 00000002 6588"_hex, 4)); // a unit of one byte, then another
    EXPECT_FALSE(looks_like_annex_b(join_length_prefixed({Bytes(0x142, 0x65)}, 4), 4)); // length 00 00 01 42
    EXPECT_FALSE(looks_like_annex_b("00000005 6588010203"_hex, 4));
    EXPECT_FALSE(looks_like_annex_b("000001"_hex, 4));
    EXPECT_FALSE(looks_like_annex_b({}, 4));
}

TEST(JoinLengthPrefixed, LeavesOutWhatItsLengthCannotTell)
{
    const Bytes big(256, 0x65);
    const Bytes small = "6588"_hex;
    EXPECT_EQ(join_length_prefixed({big, small}, 1), Bytes("026588"_hex));
    EXPECT_EQ(join_length_prefixed({small}, 2), Bytes("00026588"_hex));
}

TEST(Unescape, DropsEmulationPrevention)
{
    EXPECT_EQ(unescape("000003 01 000003 0000 03 04 0003"_hex), Bytes("0000 01 0000 0000 04 0003"_hex));
}

RC_GTEST_PROP(SplitLengthPrefixed, GivesBackWhatWasJoined, (std::vector<Bytes> units))
{
    std::erase_if(units, [](const Bytes& unit) { return unit.empty(); });
    const auto joined = join_length_prefixed({units.begin(), units.end()}, 4);
    const auto split = split_length_prefixed(joined, 4);
    RC_ASSERT(split.has_value());
    RC_ASSERT(owned(*split) == units);
    RC_ASSERT(!looks_like_annex_b(joined, 4));
}

} // namespace
} // namespace millrace::codec
