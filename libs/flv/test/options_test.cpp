#include <millrace/flv/options.hpp>

#include <gtest/gtest.h>

namespace millrace::flv {
namespace {

using media::Kind;

constexpr std::uint32_t kAvc1 = 0x61766331;
constexpr std::uint32_t kHvc1 = 0x68766331;
constexpr std::uint32_t kOpus = 0x4f707573;
constexpr std::uint32_t kWhat = 0x77686174;

TEST(FourCcs, AreASetInWhichUnknownOnesStandTogether)
{
    auto set = FourCcs::none();
    set.add("hvc1");
    set.add("Opus");
    set.add("what");
    set.add("hvc");
    EXPECT_TRUE(set.has(Kind::video, kHvc1));
    EXPECT_TRUE(set.has(Kind::audio, kOpus));
    EXPECT_FALSE(set.has(Kind::video, kAvc1));
    EXPECT_FALSE(set.has(Kind::video, kWhat)) << "nobody may fill us with names";
    set.add_all(Kind::audio);
    EXPECT_TRUE(set.has(Kind::audio, kWhat));
    EXPECT_FALSE(set.has(Kind::video, kAvc1));
    set.add("*");
    EXPECT_EQ(set, FourCcs::all());
    EXPECT_TRUE(set.has(Kind::video, kWhat));
    EXPECT_FALSE(FourCcs::unannounced().has(Kind::video, kAvc1));
    EXPECT_TRUE(FourCcs::unannounced().has(Kind::video, kHvc1));
}

TEST(Options, AreNamedByWhatTheySay)
{
    EXPECT_EQ(Options::plain().key(), "");
    EXPECT_EQ(Options{}.key(), "/mnffff");
    const auto asked = with_query(Options::plain(), "token=x&video_track=1&audio_track=12&legacy_hevc=1");
    EXPECT_EQ(asked.key(), "/hdefev1a12");
    EXPECT_NE(asked, Options::plain());
}

TEST(Options, TakeFromAQueryWhatIsMeantForThem)
{
    EXPECT_EQ(with_query(Options::plain(), ""), Options::plain());
    EXPECT_EQ(with_query(Options::plain(), "tracks=all"), Options{});
    EXPECT_EQ(with_query(Options{}, "tracks=default").multitrack, false);
    EXPECT_EQ(with_query(Options{}, "video_track=255").video, 255);
    for (const auto* bad :
         {"video_track=256", "video_track=", "video_track=-1", "video_track=1x", "video_track"}) {
        EXPECT_EQ(with_query(Options{}, bad), Options{}) << bad;
    }
    EXPECT_EQ(with_query(Options{}, "&&=&tracks=some&legacy_hevc=0"), Options{});
}

} // namespace
} // namespace millrace::flv
