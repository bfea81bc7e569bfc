#include "files.hpp"
#include <millrace/amf/amf0.hpp>
#include <millrace/flv/file.hpp>
#include <millrace/testing/hex.hpp>

#include <gmock/gmock.h>

namespace millrace::flv {
namespace {

using namespace millrace::testing;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::size_t kRoom = 65536;

std::optional<Glance> glance_at(std::string_view type, const std::vector<unsigned>& data)
{
    Bytes tag;
    ByteWriter out{tag};
    out.u8(type == "video" ? 9 : type == "audio" ? 8 : type == "script" ? 18 : 7);
    out.u24(1000);
    out.u24(0x020304);
    out.u8(1);
    out.u24(0);
    for (const auto byte : data) {
        out.u8(static_cast<std::uint8_t>(byte));
    }
    return glance(tag);
}

TEST(Glance, ReadsTheCompositionTimeOfBothForms)
{
    EXPECT_EQ(glance_at("video", {0x27, 1, 0xff, 0xff, 0xec})->composition, -20);
    EXPECT_EQ(glance_at("video", {0x17, 0, 0, 0, 40})->composition, 0); // A sequence header has none.
    EXPECT_EQ(glance_at("video", {0x91, 'h', 'v', 'c', '1', 0, 0, 40})->composition, 40);
    EXPECT_EQ(glance_at("video", {0x91, 'a', 'v', '0', '1', 0, 0, 40})->composition, 0);
    EXPECT_EQ(glance_at("video", {0x93, 'h', 'v', 'c', '1', 0, 0, 40})->composition, 0);
}

Glance tag(TagType type, std::uint32_t time, bool key = false, std::int32_t composition = 0)
{
    return {.type = type, .size = 100, .timestamp = time, .composition = composition, .key_frame = key};
}

TEST(Survey, EndsWhereTheLastFrameHasBeenShown)
{
    Survey survey;
    EXPECT_TRUE(survey.empty());
    survey.see({.type = TagType::video, .size = 30, .config = true}, 13);
    survey.see(tag(TagType::video, 0, true, 80), 100);
    survey.see(tag(TagType::audio, 10), 300);
    survey.see(tag(TagType::video, 40, false, 120), 500);
    survey.see(tag(TagType::audio, 33), 700);
    survey.see(tag(TagType::video, 80), 900);
    const auto facts = survey.facts(1015);
    EXPECT_EQ(facts.duration, 200ms); // The frame at 40 is shown at 160 for 40.
    EXPECT_EQ(facts.last_timestamp, 80U);
    EXPECT_EQ(facts.bytes, 1015U);
    EXPECT_EQ(facts.video_bytes, 330U);
    EXPECT_EQ(facts.audio_bytes, 200U);
    EXPECT_THAT(facts.keys, ElementsAre(Place{0, 100}));
    EXPECT_THAT(facts.configs, ElementsAre(Place{0, 13}));
    EXPECT_TRUE(facts.has_audio && facts.has_video && !facts.ends_with_key);
    EXPECT_EQ(survey.gap(), 40ms);
}

TEST(Survey, MakesAnIndexOfSoundWhereThereIsNoPicture)
{
    Survey survey;
    for (std::uint32_t i = 0; i < 100; ++i) {
        survey.see(tag(TagType::audio, i * 25), 100 + i * 115);
    }
    EXPECT_THAT(survey.facts(0).keys,
                ElementsAre(Place{0, 100}, Place{1000, 100 + 40 * 115}, Place{2000, 100 + 80 * 115}));
    survey.see(tag(TagType::video, 2500, true), 90000);
    EXPECT_THAT(survey.facts(0).keys, ElementsAre(Place{2500, 90000}));
}

TEST(Survey, KeepsAnIndexOfBoundedSize)
{
    Survey survey;
    for (std::uint32_t i = 0; i < 300000; ++i) {
        survey.see(tag(TagType::video, i * 40, true), std::uint64_t{i} * 115);
    }
    const auto facts = survey.facts(0);
    EXPECT_LE(facts.keys.size(), 1U << 17U);
    EXPECT_EQ(facts.keys.front().time, 0U);
    EXPECT_GT(facts.keys.back().time, 299000U * 40);
}

TEST(Glance, TellsKeyFramesAndSequenceHeadersApart)
{
    struct Case {
        const char* type;
        std::vector<unsigned> data;
        bool key;
        bool config;
    };
    const std::vector<Case> cases{
        {"video", {0x17, 1}, true, false},    {"video", {0x17, 0}, false, true},
        {"video", {0x17, 2}, false, false},   {"video", {0x27, 1}, false, false},
        {"video", {0x1c, 1}, true, false},    {"video", {0x12, 0}, true, false},
        {"video", {0x91, 'h'}, true, false},  {"video", {0x93, 'h'}, true, false},
        {"video", {0x90, 'h'}, false, true},  {"video", {0xa1, 'h'}, false, false},
        {"video", {0x97, 2}, true, false},    {"video", {0x96, 0x01}, false, false},
        {"video", {0x96, 0x11}, true, false}, {"audio", {0xaf, 0}, false, true},
        {"audio", {0xaf, 1}, false, false},   {"audio", {0x90, 'O'}, false, true},
        {"audio", {0x91, 'O'}, false, false}, {"script", {2, 0}, false, false},
    };
    for (const auto& each : cases) {
        const auto seen = glance_at(each.type, each.data);
        ASSERT_TRUE(seen);
        EXPECT_EQ(seen->key_frame, each.key) << each.type << *each.data.begin();
        EXPECT_EQ(seen->config, each.config) << each.type << *each.data.begin();
        EXPECT_EQ(seen->timestamp, 0x01020304U);
        EXPECT_EQ(seen->whole_bytes(), 1015U);
    }
    EXPECT_FALSE(glance_at("other", {0, 0}));
    EXPECT_FALSE(glance({}));
}

FileFacts facts_of(std::size_t keys)
{
    FileFacts facts{.duration = 12340ms,
                    .bytes = 100'000'000'000,
                    .audio_bytes = 5,
                    .video_bytes = 6,
                    .last_timestamp = 12300,
                    .has_audio = true,
                    .has_video = true};
    for (std::uint32_t i = 0; i < keys; ++i) {
        facts.keys.push_back({i * 2000, kRoom + std::uint64_t{i} * 100000});
    }
    facts.configs = {{0, kRoom - 1}, {4000, kRoom + 200000}};
    return facts;
}

media::Metadata metadata_of(const Bytes& head)
{
    const auto all = only<media::Metadata>(demuxed(head));
    EXPECT_THAT(all, SizeIs(1));
    return all.empty() ? media::Metadata{} : all.front();
}

TEST(FileHead, HasTheSameSizeWhateverItTells)
{
    for (const std::size_t keys : {0, 1, 100, 3000, 100000}) {
        SCOPED_TRACE(keys);
        const auto facts = facts_of(keys);
        const auto head = write_file_head({}, facts, kRoom);
        ASSERT_EQ(head.size(), kRoom);
        EXPECT_EQ(*first_tag(head), kFileHeadBytes);
        const auto metadata = metadata_of(head);
        EXPECT_LT(metadata.values.size(), kRoom);
        EXPECT_EQ(read_duration(metadata), 12340ms);
        EXPECT_EQ(read_configs(metadata, facts.bytes), facts.configs);
        const auto read = read_keys(metadata, facts.bytes);
        if (keys <= 3000) {
            EXPECT_EQ(read, facts.keys);
            continue;
        }
        // Some are left out, evenly, and the first never is.
        ASSERT_GT(read.size(), 1000U);
        EXPECT_EQ(read.front(), facts.keys.front());
        const auto step = (facts.keys.size() + read.size() - 1) / read.size();
        for (std::size_t i = 0; i < read.size(); ++i) {
            ASSERT_EQ(read[i], facts.keys[i * step]);
        }
    }
}

TEST(FileHead, TakesOverWhatTheSourceSaid)
{
    const media::Metadata given{
        "onMetaData",
        SharedBytes{amf::write_amf0({amf::EcmaArray{{{"width", 640}, {"filesize", 1}, {"encoder", "x"}}}})}};
    const auto head = write_file_head({{}, {given}}, facts_of(1), kRoom);
    const auto metadata = metadata_of(head);
    const auto object = *amf::Amf0Reader{metadata.values}.next();
    EXPECT_EQ(object.find("width")->number_or(0), 640);
    EXPECT_EQ(object.find("encoder")->text(), "x");
    EXPECT_EQ(object.find("filesize")->number_or(0), 1e11);
    EXPECT_EQ(object.find("lasttimestamp")->number_or(0), 12.3);
}

TEST(FileHead, LosesWhatIsRightForAFileAlone)
{
    const auto metadata = metadata_of(write_file_head({}, facts_of(3), kRoom));
    const auto stream = for_stream(metadata, 5s);
    const auto object = *amf::Amf0Reader{stream.values}.next();
    EXPECT_EQ(object.find("duration")->number_or(0), 5);
    EXPECT_EQ(object.find("keyframes"), nullptr);
    EXPECT_EQ(object.find("filesize"), nullptr);
    EXPECT_EQ(object.find("encoder")->text(), "Millrace");
}

TEST(KeyFrameIndex, IsNotBelievedWhenItCannotBe)
{
    const auto index = [](amf::StrictArray positions, amf::StrictArray times) {
        const media::Metadata metadata{
            "onMetaData", SharedBytes{amf::write_amf0({amf::EcmaArray{
                              {{"keyframes", amf::Object{.members = {{"filepositions", std::move(positions)},
                                                                     {"times", std::move(times)}}}}}}})}};
        return read_keys(metadata, 1000);
    };
    EXPECT_THAT(index({100, 200}, {0, 1.5}), ElementsAre(Place{0, 100}, Place{1500, 200}));
    EXPECT_THAT(index({100, 200}, {0}), IsEmpty());
    EXPECT_THAT(index({200, 100}, {0, 1}), IsEmpty());
    EXPECT_THAT(index({100, 200}, {1, 0}), IsEmpty());
    EXPECT_THAT(index({100, 1000}, {0, 1}), IsEmpty());
    EXPECT_THAT(index({1, 100}, {0, 1}), IsEmpty());
    EXPECT_THAT(index({100, "x"}, {0, 1}), IsEmpty());
    EXPECT_THAT(read_keys({"onMetaData", {}}, 1000), IsEmpty());
}

TEST(Script, LosesTheRoomBehindItsMetadata)
{
    const auto head = write_file_head({}, facts_of(1), kRoom);
    const auto again = demuxed(head);
    EXPECT_THAT(only<media::Frame>(again), IsEmpty());
    EXPECT_LT(metadata_of(head).values.size(), 2000U);
}

} // namespace
} // namespace millrace::flv
