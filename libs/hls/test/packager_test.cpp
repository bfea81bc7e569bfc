#include "source.hpp"
#include <millrace/crypto/aes.hpp>

namespace millrace::hls {
namespace {

Start begin_at(std::uint64_t msn)
{
    return {.msn = msn, .discontinuity = 5, .token = "ab12"};
}

Nanoseconds about(Nanoseconds time)
{
    return std::chrono::round<std::chrono::milliseconds>(time);
}

/// What must hold of any rendition at any time.
void expect_consistent(const Packager& packager)
{
    for (const auto* rendition : packager.renditions()) {
        SCOPED_TRACE(rendition->id());
        const Segment* before = nullptr;
        for (const auto& segment : rendition->listed()) {
            SCOPED_TRACE(segment.msn);
            if (before != nullptr) {
                EXPECT_TRUE(before->closed);
                EXPECT_EQ(segment.msn, before->msn + 1);
                EXPECT_EQ(segment.discontinuity, before->discontinuity + (segment.discontinuous ? 1 : 0));
                if (!segment.discontinuous && !segment.gap && !before->gap) {
                    EXPECT_LT(std::chrono::abs(before->begin + before->duration - segment.begin), 2us);
                }
            }
            if (segment.closed && !segment.gap) {
                EXPECT_LE(std::chrono::round<std::chrono::seconds>(segment.duration), packager.target());
                Bytes parts;
                Nanoseconds sum{0};
                for (const auto& part : segment.parts) {
                    const auto bytes = joined(part.body);
                    parts.insert(parts.end(), bytes.begin(), bytes.end());
                    sum += part.duration;
                }
                EXPECT_EQ(parts, joined(segment.body));
                EXPECT_LT(std::chrono::abs(sum - segment.duration), 1us);
            }
            before = &segment;
        }
    }
}

TEST(Packager, CutsAtKeyFramesWithTheSameNumbersForAll)
{
    Packager packager{{}, begin_at(100)};
    packager.tell(picture_track());
    packager.tell(sound_track());
    Source source{packager};
    source.run(11s);
    ASSERT_TRUE(packager.ready());
    EXPECT_EQ(packager.target(), 2s);
    const auto* picture = packager.find("v0");
    const auto* sound = packager.find("a0");
    ASSERT_TRUE(picture && sound);
    EXPECT_EQ(picture->closed(), 5U);
    EXPECT_EQ(sound->closed(), 5U);
    EXPECT_EQ(picture->listed().front().msn, 100U);
    EXPECT_EQ(picture->listed().front().discontinuity, 5U);
    EXPECT_FALSE(picture->listed().front().discontinuous);
    for (std::size_t i = 0; i < 5; ++i) {
        EXPECT_EQ(about(picture->listed()[i].duration), 2s);
        EXPECT_TRUE(picture->listed()[i].independent);
        EXPECT_LT(std::chrono::abs(sound->listed()[i].begin - picture->listed()[i].begin), 22ms);
    }
    expect_consistent(packager);
    EXPECT_TRUE(packager.warnings().empty());
}

TEST(Packager, TellsTheWallClockOfEachSegment)
{
    Packager packager{{}, begin_at(0)};
    packager.tell(picture_track());
    Source source{packager};
    source.sound = false;
    source.run(9s);
    for (const auto& segment : packager.find("v0")->listed()) {
        EXPECT_EQ(segment.wall, source.wall + std::chrono::seconds{2 * segment.msn});
    }
}

TEST(Packager, FillsPartsToAtLeast85Percent)
{
    for (const auto wanted : {200ms, 500ms, 1000ms}) {
        for (const Nanoseconds frame : {40ms, 33ms, 100ms, 20ms}) {
            SCOPED_TRACE(wanted.count());
            Packager packager{{.part = wanted}, begin_at(0)};
            packager.tell(picture_track());
            packager.tell(sound_track());
            Source source{packager};
            source.frame = frame;
            source.gop = frame * (2000ms / frame);
            source.run(9s);
            const auto target = packager.part_target();
            EXPECT_GE(target, wanted);
            for (const auto* rendition : packager.renditions()) {
                for (const auto& segment : rendition->listed()) {
                    for (std::size_t i = 0; i < segment.parts.size(); ++i) {
                        EXPECT_LE(segment.parts[i].duration, target + 1ms);
                        if (i + 1 < segment.parts.size()) {
                            EXPECT_GE(segment.parts[i].duration * 100, target * 85);
                        }
                    }
                }
            }
            expect_consistent(packager);
        }
    }
}

TEST(Packager, HasNoPartsWhenTheyAreNotWanted)
{
    Packager packager{{.low_latency = false}, begin_at(0)};
    packager.tell(picture_track());
    packager.tell(sound_track());
    Source source{packager};
    source.run(5s);
    EXPECT_EQ(packager.part_target(), 0s);
    EXPECT_EQ(packager.find("v0")->listed().front().parts.size(), 1U);
}

TEST(Packager, CutsSoundAloneByTime)
{
    Packager packager{{}, begin_at(0)};
    packager.tell(sound_track());
    Source source{packager};
    source.pictures = false;
    source.run(10s);
    ASSERT_TRUE(packager.ready());
    EXPECT_EQ(packager.target(), 2s);
    EXPECT_GE(packager.find("a0")->closed(), 4U);
    expect_consistent(packager);
}

TEST(Packager, CutsWithoutKeyFramesAndSaysSo)
{
    Packager packager{{.longest = 4s}, begin_at(0)};
    packager.tell(picture_track());
    Source source{packager};
    source.sound = false;
    source.gop = 30s;
    source.run(29s);
    ASSERT_TRUE(packager.ready());
    EXPECT_EQ(packager.target(), 4s);
    EXPECT_GE(packager.find("v0")->closed(), 5U);
    EXPECT_FALSE(packager.find("v0")->listed()[1].independent);
    ASSERT_EQ(packager.warnings().size(), 1U);
    EXPECT_NE(packager.warnings().front().find("without a key frame"), std::string::npos);
    expect_consistent(packager);
}

TEST(Packager, KeepsItsTargetDurationWhenGopsGrow)
{
    Packager packager{{}, begin_at(0)};
    packager.tell(picture_track());
    packager.tell(sound_track());
    Source source{packager};
    source.run(7s);
    source.gop = 5s;
    source.run(40s);
    EXPECT_EQ(packager.target(), 2s);
    EXPECT_GT(packager.forced_cuts(), 3U);
    expect_consistent(packager);
}

TEST(Packager, BeginsASegmentWithTheTagWhenThePublisherChanges)
{
    Packager packager{{}, begin_at(0)};
    packager.tell(picture_track());
    packager.tell(sound_track());
    Source source{packager};
    source.run(5s);
    source.pause(60ms);
    packager.interrupt();
    source.wall += 7s; // It was away for so long.
    source.run(12s);
    const auto* picture = packager.find("v0");
    ASSERT_GE(picture->closed(), 4U);
    EXPECT_EQ(about(picture->listed()[2].duration), 1s);
    EXPECT_TRUE(picture->listed()[3].discontinuous);
    EXPECT_EQ(picture->listed()[3].discontinuity, 6U);
    EXPECT_TRUE(packager.find("a0")->listed()[3].discontinuous);
    const auto gap = picture->listed()[3].wall - picture->listed()[2].wall;
    EXPECT_NEAR(std::chrono::duration<double>(gap).count(), 8.06, 0.02);
    expect_consistent(packager);
}

TEST(Packager, GoesOnWithItsNumbersWhenTheStreamBeginsAnew)
{
    Packager packager{{}, begin_at(0)};
    packager.tell(picture_track());
    packager.tell(sound_track());
    Source{packager}.run(5s);
    packager.end({});
    EXPECT_TRUE(packager.ended());
    const auto before = packager.find("v0")->listed().back();
    packager.interrupt(true);
    Source second{packager};
    second.run(5s);
    EXPECT_FALSE(packager.ended());
    const auto* picture = packager.find("v0");
    const auto* next = picture->find(before.msn + 1);
    ASSERT_NE(next, nullptr);
    EXPECT_TRUE(next->discontinuous);
    EXPECT_GE(next->begin, before.begin + before.duration);
    EXPECT_EQ(next->wall, second.wall);
    expect_consistent(packager);
}

TEST(Packager, HasANewInitWhenParameterSetsChange)
{
    Packager packager{{}, begin_at(0)};
    packager.tell(picture_track());
    packager.tell(sound_track());
    Source source{packager};
    source.run(4s);
    auto changed = picture_track();
    auto config = to_bytes(changed.config);
    config[3] = 0x0b;
    changed.config = SharedBytes{std::move(config)};
    packager.tell(changed);
    source.run(9s);
    const auto& listed = packager.find("v0")->listed();
    EXPECT_EQ(listed[0].init->number, 1U);
    EXPECT_EQ(listed[2].init->number, 2U);
    EXPECT_TRUE(listed[2].discontinuous);
    EXPECT_EQ(packager.find("a0")->listed()[2].init->number, 1U);
    EXPECT_TRUE(packager.find("a0")->listed()[2].discontinuous);
    ASSERT_NE(packager.find("v0")->init(1), nullptr);
    expect_consistent(packager);
}

TEST(Packager, LetsATrackInLate)
{
    Packager packager{{}, begin_at(0)};
    packager.tell(picture_track());
    Source source{packager};
    source.sound = false;
    source.run(5s);
    EXPECT_EQ(packager.renditions().size(), 1U);
    packager.tell(sound_track());
    source.sound = true;
    source.run(13s);
    const auto* sound = packager.find("a0");
    ASSERT_NE(sound, nullptr);
    ASSERT_GE(sound->closed(), 2U);
    EXPECT_EQ(sound->listed().front().msn, 3U);
    EXPECT_TRUE(packager.find("v0")->find(3)->discontinuous);
    expect_consistent(packager);
}

TEST(Packager, GoesOnWithGapsWhenATrackVanishes)
{
    Packager packager{{}, begin_at(0)};
    packager.tell(picture_track());
    packager.tell(sound_track());
    Source source{packager};
    source.run(5s);
    source.sound = false;
    source.run(20s);
    const auto& listed = packager.find("a0")->listed();
    EXPECT_TRUE(listed.back().gap);
    EXPECT_GE(listed.back().msn + 4, packager.find("v0")->listed().back().msn);
    source.sound = true;
    source.run(30s);
    EXPECT_FALSE(packager.find("a0")->listed().back().gap);
    expect_consistent(packager);
}

TEST(Packager, GoesOnByTheSoundWhenThePictureVanishes)
{
    Packager packager{{}, begin_at(0)};
    packager.tell(picture_track());
    packager.tell(sound_track());
    Source source{packager};
    source.run(5s);
    source.pictures = false;
    source.run(25s);
    EXPECT_GE(packager.find("a0")->closed(), 8U);
    source.pictures = true;
    source.run(40s);
    EXPECT_GE(packager.find("v0")->closed(), 15U);
    expect_consistent(packager);
}

TEST(Packager, HoldsItsWindowAndAConstant)
{
    Packager packager{{.window = 20s, .linger = 10s}, begin_at(0)};
    packager.tell(picture_track());
    packager.tell(sound_track());
    Source source{packager};
    std::size_t most = 0;
    std::size_t later = 0;
    for (int second = 1; second <= 600; ++second) {
        source.run(std::chrono::seconds{second});
        packager.tick(source.now());
        auto& peak = second < 100 ? most : later;
        peak = std::max(peak, packager.bytes());
    }
    EXPECT_LE(later, most);
    const auto* picture = packager.find("v0");
    EXPECT_EQ(picture->closed(), 10U);
    const auto first = picture->listed().front().msn;
    EXPECT_NE(picture->find(first - 5), nullptr);
    EXPECT_EQ(picture->find(first - 8), nullptr);
    EXPECT_EQ(picture->find(first + 100), nullptr);
    expect_consistent(packager);
}

TEST(Packager, DropsTheOldestWhenMemoryIsShort)
{
    Packager packager{{.bytes = 150'000}, begin_at(0)};
    packager.tell(picture_track());
    Source source{packager};
    source.sound = false;
    source.picture_bytes = 500;
    for (int second = 1; second <= 60; ++second) {
        source.run(std::chrono::seconds{second});
        packager.tick(source.now());
        EXPECT_LE(packager.bytes(), 150'000U);
    }
    EXPECT_GE(packager.find("v0")->closed(), 3U);
}

TEST(Packager, SaysWhatItCannotCarry)
{
    Packager packager{{}, begin_at(0)};
    packager.tell(picture_track());
    packager.tell({.id = 1, .kind = media::Kind::audio, .codec = media::Codec::speex});
    Source source{packager};
    source.run(5s);
    ASSERT_EQ(packager.left_out().size(), 1U);
    EXPECT_EQ(packager.left_out().front().track.codec, media::Codec::speex);
    EXPECT_FALSE(packager.left_out().front().why.empty());
    EXPECT_TRUE(packager.ready());
}

TEST(Packager, PutsTimedMetadataBesideTheSamples)
{
    // AMF0: "onTextData", an object with the member text "hello".
    constexpr auto kScript = "02000a 6f6e5465787444617461 03 0004 74657874 02 0005 68656c6c6f 000009"_hex;
    for (const auto container : {Container::fmp4, Container::ts}) {
        Packager packager{{.container = container}, begin_at(0)};
        packager.tell(picture_track());
        packager.tell(sound_track());
        packager.tell({.id = media::track_id(media::Kind::data, 0),
                       .kind = media::Kind::data,
                       .codec = media::Codec::script});
        Source source{packager};
        source.run(2500ms);
        packager.take({.track = media::track_id(media::Kind::data, 0),
                       .kind = media::Kind::data,
                       .key = true,
                       .dts = media_ms(2500),
                       .payload = SharedBytes::copy_of(kScript)},
                      source.now());
        source.run(5s);
        const auto* rendition = packager.renditions().front();
        const auto first = joined(rendition->listed()[0].body);
        const auto second = joined(rendition->listed()[1].body);
        EXPECT_EQ(as_text(first).find("hello"), std::string_view::npos);
        EXPECT_NE(as_text(second).find("hello"), std::string_view::npos);
        const auto event = as_text(second).find("emsg");
        EXPECT_EQ(event == std::string_view::npos, container == Container::ts);
        expect_consistent(packager);
    }
}

TEST(Packager, EnciphersSegmentsWithKeysThatRotate)
{
    Packager packager{{.encryption = Encryption::aes_128, .rotate_every = 2}, begin_at(7)};
    std::uint8_t count = 0;
    packager.random = [&count](std::span<std::uint8_t> out) { std::ranges::fill(out, ++count); };
    packager.tell(picture_track());
    packager.tell(sound_track());
    Source{packager}.run(11s);
    EXPECT_EQ(packager.part_target(), 0s);
    const auto& listed = packager.find("v0")->listed();
    ASSERT_GE(listed.size(), 5U);
    EXPECT_EQ(listed[0].key, listed[1].key);
    EXPECT_NE(listed[1].key->id, listed[2].key->id);
    EXPECT_NE(listed[1].key->key, listed[2].key->key);
    EXPECT_EQ(listed[0].key, packager.find("a0")->listed()[0].key);
    EXPECT_EQ(packager.find("v0")->key(listed[0].key->id), listed[0].key);
    EXPECT_EQ(packager.find("v0")->key("0123"), nullptr);
    EXPECT_EQ(listed[0].body->bytes % 16, 0U);
    EXPECT_EQ(listed[0].bytes, listed[0].body->bytes);

    Packager clear{{.low_latency = false}, begin_at(7)};
    clear.tell(picture_track());
    clear.tell(sound_track());
    Source{clear}.run(11s);
    const auto plain = joined(clear.find("v0")->listed()[0].body);
    const std::array views{ByteView{plain}};
    EXPECT_EQ(joined(listed[0].body),
              crypto::aes128_cbc_encrypt(listed[0].key->key, listed[0].key->iv, views));
}

TEST(Packager, CutsAllPicturesOfALadderAtTheSamePlaces)
{
    Packager packager{{}, begin_at(0)};
    packager.tell(picture_track(0));
    packager.tell(picture_track(1));
    packager.tell(sound_track());
    Source main{packager};
    Source small{packager};
    small.sound = false;
    small.picture_number = 1;
    for (int step = 1; step < 100; ++step) {
        small.run(100ms * step + 7ms);
        main.run(100ms * step);
    }
    const auto& a = packager.find("v0")->listed();
    const auto& b = packager.find("v1")->listed();
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(a[i].msn, b[i].msn);
        EXPECT_EQ(a[i].begin, b[i].begin);
        EXPECT_EQ(a[i].duration, b[i].duration);
    }
    expect_consistent(packager);
}

} // namespace
} // namespace millrace::hls
