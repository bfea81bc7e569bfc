#include "../src/api.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

namespace millrace::server {
namespace {

namespace json = boost::json;

exchange::Report sample()
{
    exchange::Report report;
    exchange::StreamInfo stream{.name = "live/cam"};
    stream.publisher = exchange::Publisher{.id = "s0-1", .protocol = "rtmp", .remote = "127.0.0.1:5"};
    stream.tracks = {
        {.id = 0, .kind = media::Kind::video, .codec = media::Codec::h264, .width = 1280, .height = 720},
        {.id = 1,
         .kind = media::Kind::audio,
         .codec = media::Codec::aac,
         .sample_rate = 44100,
         .channels = 2,
         .layout = media::ChannelLayout{media::ChannelLayout::Order::native, 2, 3, {}}},
        {.id = 4,
         .kind = media::Kind::video,
         .number = 1,
         .codec = media::Codec::h265,
         .colour = media::Colour{.bit_depth = 10, .transfer = 16}},
        {.id = 2, .kind = media::Kind::data, .codec = media::Codec::script}};
    stream.quality.tracks[0] = {.bitrate = 2000400, .fps = 25.001};
    stream.quality.gop_seconds = 2;
    report.streams = {stream};
    report.sessions = {
        {.id = "s0-1", .protocol = "rtmp", .role = exchange::Role::publisher, .stream = "live/cam"},
        {.id = "s1-1", .protocol = "http-flv", .role = exchange::Role::viewer, .stream = "live/cam"}};
    report.sessions[1].tracks = {{media::Kind::video, 0, media::Codec::h264, ""},
                                 {media::Kind::video, 1, media::Codec::h265, "no reason"}};
    return report;
}

TEST(Api, TellsOfStreamsAsTheContractSays)
{
    const auto streams = streams_json(sample(), {{"rtmp", 1935}});
    const auto& stream = streams.at("streams").at(0);
    EXPECT_EQ(stream.at("name"), "live/cam");
    EXPECT_EQ(stream.at("state"), "live");
    EXPECT_EQ(stream.at("publisher").at("id"), "s0-1");
    ASSERT_EQ(stream.at("tracks").as_array().size(), 3U);
    const auto& video = stream.at("tracks").at(0);
    EXPECT_EQ(video.at("kind"), "video");
    EXPECT_EQ(video.at("codec"), "h264");
    EXPECT_EQ(video.at("width"), 1280);
    EXPECT_EQ(video.at("fps"), 25.0);
    EXPECT_EQ(video.at("bitrate"), 2000000);
    EXPECT_EQ(video.at("id"), 0);
    EXPECT_EQ(stream.at("tracks").at(1).at("id"), 1);
    EXPECT_EQ(stream.at("tracks").at(1).at("colour").at("dynamic_range"), "hdr10");
    EXPECT_EQ(stream.at("tracks").at(2).at("sample_rate"), 44100);
    EXPECT_EQ(stream.at("tracks").at(2).at("channel_layout"), "stereo");
    EXPECT_EQ(stream.at("gop_seconds"), 2.0);
}

objects::Report sample_objects()
{
    return {.objects = {{.app = "live",
                         .name = "chat",
                         .persistent = true,
                         .version = 3,
                         .slots = 2,
                         .bytes = 150,
                         .clients = 4}}};
}

TEST(Api, TellsOfSharedObjects)
{
    const auto all = shared_objects_json(sample_objects());
    const auto& object = all.at("shared_objects").at(0);
    EXPECT_EQ(object.at("name"), "chat");
    EXPECT_EQ(object.at("app"), "live");
    EXPECT_EQ(object.at("persistent"), true);
    EXPECT_EQ(object.at("version"), 3);
    EXPECT_EQ(object.at("slots"), 2);
    EXPECT_EQ(object.at("bytes"), 150);
    EXPECT_EQ(object.at("clients"), 4);
}

TEST(Api, SaysThatAStreamWaitsForItsPublisher)
{
    auto report = sample();
    report.streams[0].publisher.reset();
    const auto streams = streams_json(report, {});
    EXPECT_EQ(streams.at("streams").at(0).at("state"), "waiting");
    EXPECT_TRUE(streams.at("streams").at(0).at("publisher").is_null());
}

TEST(Api, TellsWhichTracksAViewerGetsAndWhyNotTheOthers)
{
    const auto sessions = sessions_json(sample());
    const auto& viewer = sessions.at("sessions").at(1);
    ASSERT_EQ(viewer.at("tracks").as_array().size(), 1U);
    EXPECT_EQ(viewer.at("tracks").at(0).at("codec"), "h264");
    ASSERT_EQ(viewer.at("tracks_left_out").as_array().size(), 1U);
    EXPECT_EQ(viewer.at("tracks_left_out").at(0).at("id"), 1);
    EXPECT_EQ(viewer.at("tracks_left_out").at(0).at("reason"), "no reason");
    EXPECT_FALSE(sessions.at("sessions").at(0).as_object().contains("tracks"));
}

TEST(Api, WritesTimesInUtc)
{
    EXPECT_EQ(rfc3339(WallTime{std::chrono::milliseconds{1700000000123}}), "2023-11-14T22:13:20.123Z");
}

TEST(OpenApi, DescribesEveryFieldThatIsWritten)
{
    const auto api = json::parse(openapi_json());
    const auto& schemas = api.at("components").at("schemas");
    const auto check = [&](const json::value& value, std::string_view schema) {
        for (const auto& field : value.as_object()) {
            EXPECT_TRUE(schemas.at(schema).at("properties").as_object().contains(field.key())) << field.key();
        }
        for (const auto& required : schemas.at(schema).at("required").as_array()) {
            EXPECT_TRUE(value.as_object().contains(required.as_string())) << required;
        }
    };
    const auto report = sample();
    const auto streams = streams_json(report, {});
    const auto sessions = sessions_json(report);
    check(streams.at("streams").at(0), "Stream");
    check(streams.at("streams").at(0).at("tracks").at(0), "Track");
    check(streams.at("streams").at(0).at("tracks").at(1), "Track");
    check(streams.at("streams").at(0).at("tracks").at(2), "Track");
    check(sessions.at("sessions").at(1).at("tracks_left_out").at(0), "SharedTrack");
    check(sessions.at("sessions").at(0), "Session");
    check(sessions.at("sessions").at(1), "Session");
    check(shared_objects_json(sample_objects()).at("shared_objects").at(0), "SharedObject");
}

} // namespace
} // namespace millrace::server
