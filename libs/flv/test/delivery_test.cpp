#include "bodies.hpp"
#include <millrace/amf/amf0.hpp>
#include <millrace/flv/delivery.hpp>

#include <gtest/gtest.h>

namespace millrace::flv {
namespace {

using namespace testing::literals;
using namespace std::chrono_literals;
using media::Codec;
using media::Frame;
using media::Kind;
using media::Track;
using media::track_id;

constexpr std::uint32_t kHvc1 = 0x68766331;
constexpr std::uint32_t kAvc1 = 0x61766331;
constexpr std::uint32_t kAv01 = 0x61763031;
constexpr std::uint32_t kOpus = 0x4f707573;
constexpr std::uint32_t kMp4a = 0x6d703461;

Track track(Kind kind, std::uint8_t number, Codec codec, std::uint32_t origin)
{
    return {.id = track_id(kind, number),
            .kind = kind,
            .number = number,
            .codec = codec,
            .config = shared("1210"_hex),
            .origin = origin};
}

const Track kAvc = track(Kind::video, 0, Codec::h264, 7);
const Track kHevc = track(Kind::video, 1, Codec::h265, kHvc1);
const Track kAv1 = track(Kind::video, 2, Codec::av1, kAv01);
const Track kAac = track(Kind::audio, 0, Codec::aac, 0xaf);
const Track kOpus1 = track(Kind::audio, 1, Codec::opus, kOpus);
const std::vector kAll{kAvc, kHevc, kAv1, kAac, kOpus1};

/// "v0 7", "v1 hvc1 #": each track that goes out, its origin, and whether it has its number.
std::vector<std::string> going(const std::vector<Track>& tracks, const Options& options)
{
    std::vector<std::string> words;
    for (const auto& [held, form, why] : choose(tracks, options)) {
        EXPECT_EQ(form.has_value(), why.empty());
        if (!form) {
            continue;
        }
        std::string word = (held.kind == Kind::video ? "v" : "a") + std::to_string(held.number) + " ";
        if (form->origin > 0xff) {
            for (const unsigned shift : {24U, 16U, 8U, 0U}) {
                word += static_cast<char>(form->origin >> shift);
            }
        } else {
            word += std::to_string(form->origin);
        }
        words.push_back(word + (form->numbered ? " #" : ""));
    }
    return words;
}

using Words = std::vector<std::string>;

Options announcing(std::initializer_list<std::string_view> codes, bool multitrack = false)
{
    Options options{.multitrack = multitrack, .nanoseconds = false, .takes = FourCcs::none()};
    for (const auto code : codes) {
        options.takes.add(code);
    }
    return options;
}

TEST(Choice, IsEverythingForWhoeverTakesEverything)
{
    EXPECT_EQ(going(kAll, {}), (Words{"v0 7", "v1 hvc1 #", "v2 av01 #", "a0 175", "a1 Opus #"}));
}

TEST(Choice, IsTheDefaultTracksForAPlainOldReader)
{
    EXPECT_EQ(going(kAll, Options::plain()), (Words{"v0 7", "a0 175"}));
    EXPECT_EQ(choose({kAac, kOpus1}, Options::plain()).at(1).left_out,
              "the viewer did not announce that it takes several tracks");
    // The lowest number is the default when 0 is not there.
    EXPECT_EQ(going({kAv1, kHevc, kOpus1}, Options::plain()), (Words{"v1 hvc1", "a1 Opus"}));
}

TEST(Choice, GivesAvcAacAndMp3InTheirOldFormToWhomAnnouncedNothing)
{
    const std::vector tracks{track(Kind::video, 0, Codec::h264, kAvc1),
                             track(Kind::audio, 0, Codec::aac, kMp4a)};
    EXPECT_EQ(going(tracks, Options::plain()), (Words{"v0 7", "a0 175"}));
    EXPECT_EQ(going(tracks, {}), (Words{"v0 avc1", "a0 mp4a"}));
    EXPECT_EQ(going(tracks, announcing({"avc1"})), (Words{"v0 avc1", "a0 175"}));
    EXPECT_EQ(going({track(Kind::audio, 0, Codec::mp3, 0x2e6d7033)}, Options::plain()), (Words{"a0 39"}));
}

TEST(Choice, IsAnotherTrackOfThatKindWhenTheDefaultOneCannotBeHad)
{
    const std::vector tracks{track(Kind::video, 0, Codec::h265, kHvc1),
                             track(Kind::video, 1, Codec::h264, kAvc1), kAac};
    EXPECT_EQ(going(tracks, announcing({"Opus"})), (Words{"v1 7", "a0 175"}));
    EXPECT_EQ(choose(tracks, announcing({"Opus"})).at(0).left_out,
              "the viewer announced its codecs, and hvc1 is not among them");
    EXPECT_EQ(going({tracks[0], kAac}, announcing({"av01"})), (Words{"a0 175"}));
    EXPECT_EQ(going(kAll, announcing({"av01", "Opus"}, true)),
              (Words{"v0 7", "v2 av01 #", "a0 175", "a1 Opus #"}));
}

TEST(Choice, SaysWhenNothingIsLeft)
{
    const std::vector tracks{track(Kind::video, 0, Codec::h265, kHvc1),
                             track(Kind::audio, 0, Codec::opus, kOpus)};
    EXPECT_EQ(refusal(tracks, announcing({"vp09"})),
              "video 0 (h265): the viewer announced its codecs, and hvc1 is not among them; "
              "audio 0 (opus): the viewer announced its codecs, and Opus is not among them");
    EXPECT_EQ(refusal(tracks, announcing({"Opus"})), "") << "the sound is left";
    EXPECT_EQ(refusal(tracks, Options::plain()), "") << "who announced nothing may know all";
    EXPECT_EQ(refusal({}, announcing({"vp09"})), "") << "it is not yet known what there will be";
}

TEST(Choice, SaysWhenATrackIsNotThere)
{
    auto options = Options::plain();
    options.video = 9;
    EXPECT_EQ(refusal({kAvc, kHevc, kAac}, options),
              "there is no video 9; there is video 0 (h264), video 1 (h265)");
    EXPECT_EQ(refusal({kAac}, options), "") << "it may still come";
    options.video = 1;
    EXPECT_EQ(refusal({kAvc, kHevc, kAac}, options), "");
}

TEST(Choice, IsTheTrackThatWasAskedForWithoutItsNumber)
{
    auto options = Options::plain();
    options.video = 2;
    options.audio = 1;
    EXPECT_EQ(going(kAll, options), (Words{"v2 av01", "a1 Opus"}));
    Options several;
    several.audio = 1;
    EXPECT_EQ(going(kAll, several), (Words{"v0 7", "v1 hvc1 #", "v2 av01 #", "a1 Opus"}));
}

TEST(Choice, OfHevcForReadersOfTheOldNumberIsThat)
{
    auto options = Options::plain();
    options.legacy_hevc = true;
    EXPECT_EQ(going({track(Kind::video, 0, Codec::h265, kHvc1)}, options), (Words{"v0 12"}));
}

TEST(Choice, IsOneOfTwoTracksWithTheSameNumber)
{
    auto twin = kAac;
    twin.id = 99;
    EXPECT_EQ(going({twin, kAac}, {}).size(), 1U);
    EXPECT_EQ(choose({twin, kAac}, {}).at(0).track.id, kAac.id);
}

TEST(Choice, LeavesOutANumberedTrackThatHasNoFourCc)
{
    const auto speex = track(Kind::audio, 1, Codec::speex, 0xb6);
    EXPECT_EQ(choose({kAac, speex}, {}).at(1).left_out, "it has no FourCC, which tracks with a number need");
}

std::vector<Bytes> bytes(const std::vector<Body>& bodies)
{
    std::vector<Bytes> all;
    for (const auto& body : bodies) {
        all.push_back(joined(body));
    }
    return all;
}

std::vector<Bytes> learn(Delivery& delivery, const Track& told)
{
    std::vector<Body> out;
    delivery.learn(told, out);
    return bytes(out);
}

TEST(Delivery, TellsOfATrackWhatIsNewOfIt)
{
    Delivery delivery;
    auto opus = track(Kind::audio, 0, Codec::opus, kOpus);
    const auto start = "90 4f707573 1210"_hex;
    const auto layout = "94 4f707573 01 01 00000004"_hex;
    EXPECT_EQ(learn(delivery, opus), (std::vector<Bytes>{start}));
    opus.layout = media::ChannelLayout{media::ChannelLayout::Order::native, 1, 4, {}};
    EXPECT_EQ(learn(delivery, opus), (std::vector<Bytes>{layout}));
    EXPECT_EQ(learn(delivery, opus), (std::vector<Bytes>{start, layout})) << "told again, as it was asked to";

    auto av1 = track(Kind::video, 0, Codec::av1, kAv01);
    av1.colour = media::Colour{.transfer = 16};
    EXPECT_EQ(learn(delivery, av1).size(), 2U);
    av1.colour.reset();
    EXPECT_EQ(learn(delivery, av1), (std::vector<Bytes>{"d4 61763031 020009636f6c6f72496e666f 06"_hex}));
}

TEST(Delivery, GivesTheFramesOfTheTracksThatGoOut)
{
    Delivery delivery{Options::plain()};
    learn(delivery, kAvc);
    EXPECT_TRUE(learn(delivery, kHevc).empty());
    Frame frame{.track = kAvc.id, .key = true, .payload = shared("aabb"_hex)};
    EXPECT_EQ(joined(*delivery.frame(frame)), Bytes("17 01 000000 aabb"_hex));
    frame.track = kHevc.id;
    EXPECT_FALSE(delivery.frame(frame));
    frame.track = 77;
    EXPECT_FALSE(delivery.frame(frame));
}

TEST(Delivery, BeginsWithTheKeyFramesOfTheFirstPictureThatGoesOut)
{
    Delivery all;
    EXPECT_FALSE(all.picture());
    learn(all, kHevc);
    EXPECT_EQ(all.picture(), kHevc.id);
    learn(all, kAvc);
    EXPECT_EQ(all.picture(), kAvc.id);
    auto options = Options::plain();
    options.video = 2;
    Delivery one{options};
    learn(one, kAvc);
    EXPECT_FALSE(one.picture());
    learn(one, kAv1);
    EXPECT_EQ(one.picture(), kAv1.id);
}

TEST(Delivery, PutsAnotherTrackInThePlaceOfOneThatIsGone)
{
    Delivery delivery{Options::plain()};
    learn(delivery, kAvc);
    learn(delivery, kHevc);
    std::vector<Body> out;
    delivery.forget(kAvc.id, out);
    EXPECT_EQ(bytes(out), (std::vector<Bytes>{"90 68766331 1210"_hex}));
    out.clear();
    delivery.forget(kAvc.id, out);
    EXPECT_TRUE(out.empty());
    EXPECT_EQ(learn(delivery, kAvc).size(), 1U);
    EXPECT_EQ(delivery.picture(), kAvc.id);
}

TEST(Delivery, RepeatsColoursAndLayoutsToWhoComesLate)
{
    auto av1 = track(Kind::video, 0, Codec::av1, kAv01);
    av1.colour = media::Colour{.transfer = 16};
    auto opus = track(Kind::audio, 0, Codec::opus, kOpus);
    opus.layout = media::ChannelLayout{media::ChannelLayout::Order::native, 1, 4, {}};
    const auto head = bytes(Delivery{Options::plain()}.head({.tracks = {opus, av1}}, false));
    ASSERT_EQ(head.size(), 4U);
    EXPECT_EQ(head[0], Bytes("90 61763031 1210"_hex));
    EXPECT_EQ(head[1][0], 0xd4);
    EXPECT_EQ(head[2], Bytes("90 4f707573 1210"_hex));
    EXPECT_EQ(head[3], Bytes("94 4f707573 01 01 00000004"_hex));
}

amf::Value metadata_of(const std::vector<Track>& tracks, const amf::Members& members, const Options& options)
{
    const media::Metadata given{"onMetaData", SharedBytes{amf::write_amf0({amf::EcmaArray{members}})}};
    const auto head = Delivery{options}.head({.tracks = tracks, .metadata = {given}}, true);
    return amf::read_amf0(head.at(0).payload)->at(0);
}

const amf::Members kGiven{
    {"width", 1920},
    {"videocodecid", 7},
    {"audiocodecid", 10},
    {"title", "x"},
    {"videoTrackIdInfoMap",
     amf::Object{.members = {{"1", amf::Object{.members = {{"width", 640}, {"videodatarate", 300}}}}}}},
    {"audioTrackIdInfoMap", amf::Object{.members = {{"1", amf::Object{}}}}}};

TEST(Delivery, LeavesMetadataAsItIsForWhoTakesEverything)
{
    EXPECT_EQ(metadata_of(kAll, kGiven, {}), (amf::Value{amf::EcmaArray{kGiven}}));
}

TEST(Delivery, TellsNothingOfTracksThatAReaderDoesNotGet)
{
    const amf::Members plain{kGiven.begin(), kGiven.begin() + 4};
    EXPECT_EQ(metadata_of(kAll, kGiven, Options::plain()), (amf::Value{amf::EcmaArray{plain}}));
}

TEST(Delivery, TellsOfTheTrackThatWasAskedForAtTheTop)
{
    auto options = Options::plain();
    options.video = 1;
    const auto told = metadata_of(kAll, kGiven, options);
    EXPECT_EQ(told.find("width")->number_or(0), 640);
    EXPECT_EQ(told.find("videodatarate")->number_or(0), 300);
    EXPECT_EQ(told.find("videocodecid")->number_or(0), kHvc1);
    EXPECT_EQ(told.find("audiocodecid")->number_or(0), 10);
    EXPECT_EQ(told.find("title")->text(), "x");
    EXPECT_EQ(told.find("videoTrackIdInfoMap"), nullptr);
}

TEST(Delivery, NamesCodecsInTheFormInWhichTheyGoOut)
{
    amf::Members given = kGiven;
    given[1].second = kAvc1;
    const auto told = metadata_of({track(Kind::video, 0, Codec::h264, kAvc1), kAac}, given, Options::plain());
    EXPECT_EQ(told.find("videocodecid")->number_or(0), 7);
    const auto sound =
        metadata_of({track(Kind::video, 0, Codec::h265, kHvc1), kAac}, given, announcing({"av01"}));
    EXPECT_EQ(sound.find("videocodecid"), nullptr) << "no player shall wait for a picture";
}

TEST(Delivery, MakesMetadataOfAllTracksThatGoOut)
{
    const auto told = [](const Options& options) {
        const auto head = Delivery{options}.head({.tracks = kAll}, true);
        return amf::read_amf0(head.at(0).payload)->at(0);
    };
    const auto all = told({});
    EXPECT_EQ(all.find("videocodecid")->number_or(0), 7);
    ASSERT_NE(all.find("videoTrackIdInfoMap"), nullptr);
    EXPECT_EQ(all.find("videoTrackIdInfoMap")->find("2")->find("videocodecid")->number_or(0), kAv01);
    EXPECT_EQ(all.find("audioTrackIdInfoMap")->find("1")->find("audiocodecid")->number_or(0), kOpus);
    EXPECT_EQ(told(Options::plain()).find("videoTrackIdInfoMap"), nullptr);
}

} // namespace
} // namespace millrace::flv
