#include "files.hpp"
#include "fragment.hpp"
#include <millrace/testing/hex.hpp>

namespace millrace::mp4 {
namespace {

using namespace millrace::testing;

// Made by hand from ISO/IEC 14496-12 §8.8: 2 samples of track 1, of 3 and 2 bytes, at 100 and 110.
constexpr auto kMoof = R"(
    00000050 74726166                        # traf
      0000001c 74666864 00020038 00000001    # tfhd: base is moof; defaults follow
        0000000a 00000003 01010000           #   duration 10, size 3, a sample that depends on others
      00000010 74666474 00000000 00000064    # tfdt: begins at 100
      0000001c 7472756e 00000205 00000002    # trun: data offset, first flags, sizes; 2 samples
        00000058 02000000                    #   0x58 behind the moof's begin; depends on nothing
        00000003                             #   (one size is missing: the run ends with it)
)"_hex;

TEST(Fragment, HasTheSamplesOfItsRuns)
{
    auto moof = to_bytes(ByteView{kMoof});
    moof[3] += 4; // traf and trun get the size that was missing.
    moof[0x37] += 4;
    for (const auto byte : {0, 0, 0, 2}) {
        moof.push_back(static_cast<std::uint8_t>(byte));
    }
    const Fragment fragment{.offset = 1000, .body = SharedBytes::copy_of(moof)};
    const auto samples = read_samples(fragment, {.number = 1}, 7, 2000, {});
    ASSERT_EQ(samples.size(), 2U);
    EXPECT_EQ(samples[0].offset, 1088U);
    EXPECT_EQ(samples[0].size, 3U);
    EXPECT_EQ(samples[0].dts, 100);
    EXPECT_TRUE(samples[0].key);
    EXPECT_EQ(samples[1].offset, 1091U);
    EXPECT_EQ(samples[1].size, 2U);
    EXPECT_EQ(samples[1].dts, 110);
    EXPECT_FALSE(samples[1].key);
    EXPECT_TRUE(read_samples(fragment, {.number = 2}, 7, 2000, {}).empty());
}

TEST(Fragment, EndsWithARunThatIsCutOff)
{
    const Fragment fragment{.offset = 1000, .body = SharedBytes::copy_of(ByteView{kMoof})};
    EXPECT_EQ(read_samples(fragment, {.number = 1}, 0, 2000, {}).size(), 1U);
}

TEST(Fragment, GivesNothingThatIsNotInTheFile)
{
    const Fragment fragment{.offset = 1000, .body = SharedBytes::copy_of(ByteView{kMoof})};
    EXPECT_TRUE(read_samples(fragment, {.number = 1}, 0, 1090, {}).empty());
}

TEST(Fragment, DoesNotLoopOnACountWithoutSamples)
{
    // A run of 2^32 - 1 samples that have no field of their own.
    constexpr auto kLie = R"(
        00000038 74726166
          00000014 74666864 00020010 00000001 00000000   # default size 0
          0000001c 7472756e 00000000 ffffffff 00000000 00000000 00000000
    )"_hex;
    const Fragment fragment{.offset = 0, .body = SharedBytes::copy_of(ByteView{kLie})};
    EXPECT_EQ(read_samples(fragment, {.number = 1}, 0, 100, {.samples = 1000}).size(), 1000U);
}

} // namespace
} // namespace millrace::mp4
