#include "probe_text.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::apps {
namespace {

clients::StreamReport report()
{
    clients::StreamReport report{.seconds = 5.01,
                                 .first_frame_seconds = 0.0123,
                                 .bitrate = 2'128'000,
                                 .speed = 1.001,
                                 .gop_seconds = 2,
                                 .gop_longest_seconds = 2,
                                 .av_skew_seconds = -0.02,
                                 .bytes = 1'330'000};
    report.tracks.push_back({.track = {.id = 0,
                                       .kind = media::Kind::video,
                                       .codec = media::Codec::h264,
                                       .width = 1280,
                                       .height = 720,
                                       .codec_string = "avc1.64001f"},
                             .frames = 126,
                             .bitrate = 2'000'000,
                             .fps = 25,
                             .gaps = 1,
                             .jitter_seconds = 0.0034});
    report.tracks.push_back({.track = {.id = 1,
                                       .kind = media::Kind::audio,
                                       .codec = media::Codec::aac,
                                       .sample_rate = 44100,
                                       .channels = 2},
                             .frames = 216,
                             .bitrate = 128'000});
    return report;
}

const clients::Url kUrl{.host = "localhost", .port = 1935, .path = "live/cam", .query = "token=secret"};

TEST(ProbeText, TellsPeopleWhatIsInTheStream)
{
    EXPECT_EQ(probe_text(kUrl, report(), {.healthy = false, .sentences = {"The picture has 1 gap."}}),
              "rtmp://localhost/live/cam, watched for 5.0 s\n"
              "  video  h264 (avc1.64001f)  1280x720  25.00 frames/s  2.00 Mbit/s  jitter 3 ms  1 gap\n"
              "  audio  aac  44100 Hz  2 channels  128 kbit/s  jitter 0 ms\n"
              "  all    2.13 Mbit/s  speed 1.00x  first frame after 0.012 s  GOP 2.00 s  A/V skew -20 ms\n"
              "The picture has 1 gap.\n");
}

TEST(ProbeText, TellsProgramsTheSameWithTheNamesOfTheApi)
{
    const auto json = boost::json::parse(probe_json(kUrl, report(), {.sentences = {"Healthy."}}));
    EXPECT_EQ(json.at("url"), "rtmp://localhost/live/cam");
    EXPECT_EQ(json.at("gop_seconds"), 2.0);
    EXPECT_EQ(json.at("av_skew_seconds"), -0.02);
    EXPECT_EQ(json.at("healthy"), true);
    EXPECT_EQ(json.at("verdict").at(0), "Healthy.");
    const auto& video = json.at("tracks").at(0);
    EXPECT_EQ(video.at("kind"), "video");
    EXPECT_EQ(video.at("width"), 1280);
    EXPECT_EQ(video.at("bitrate"), 2'000'000);
    EXPECT_EQ(video.at("jitter_seconds"), 0.003);
    EXPECT_FALSE(json.at("tracks").at(1).as_object().contains("width"));
    EXPECT_EQ(json.at("tracks").at(1).at("sample_rate"), 44100);
}

} // namespace
} // namespace millrace::apps
