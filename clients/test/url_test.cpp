#include <millrace/clients/url.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace millrace::clients {
namespace {

std::string complaint(std::string_view text)
{
    try {
        parse_url(text);
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "nothing is wrong with it";
}

TEST(Url, OfRtmpHasAnApplicationAndAName)
{
    const auto url = parse_url("rtmp://example.org/live/cam");
    EXPECT_EQ(url.scheme, Scheme::rtmp);
    EXPECT_EQ(url.host, "example.org");
    EXPECT_EQ(url.port, 1935);
    EXPECT_EQ(url.app(), "live");
    EXPECT_EQ(url.name(), "cam");
    EXPECT_EQ(url.tc_url(), "rtmp://example.org:1935/live");
}

TEST(Url, MayHaveEveryPartThereIs)
{
    const auto url = parse_url("rtmp://me:pa:ss@[2001:db8::1]:1936/live/room/cam?token=a/b?c");
    EXPECT_EQ(url.user, "me");
    EXPECT_EQ(url.password, "pa:ss");
    EXPECT_EQ(url.host, "2001:db8::1");
    EXPECT_EQ(url.port, 1936);
    EXPECT_EQ(url.app(), "live/room");
    EXPECT_EQ(url.name(), "cam?token=a/b?c");
    EXPECT_EQ(url.tc_url(), "rtmp://[2001:db8::1]:1936/live/room");
}

// Told otherwise in tutorials: that RTMP is spoken on port 1935 alone.
TEST(Url, HasThePortOfItsSchemeUnlessItNamesAnother)
{
    for (const auto& [scheme, port] : std::vector<std::pair<std::string, int>>{{"rtmp", 1935},
                                                                               {"rtmpe", 1935},
                                                                               {"rtmps", 443},
                                                                               {"rtmpts", 443},
                                                                               {"rtmpt", 80},
                                                                               {"rtmpte", 80}}) {
        EXPECT_EQ(parse_url(scheme + "://host/live/cam").port, port) << scheme;
        EXPECT_EQ(parse_url(scheme + "://host:8080/live/cam").port, 8080) << scheme;
    }
}

TEST(Url, OfHttpHasATarget)
{
    const auto url = parse_url("http://localhost:8080/live/cam.flv?token=1");
    EXPECT_EQ(url.scheme, Scheme::http);
    EXPECT_EQ(url.authority(), "localhost:8080");
    EXPECT_EQ(url.target(), "/live/cam.flv?token=1");
    EXPECT_EQ(parse_url("ws://localhost/live/cam.flv").port, 80);
}

TEST(Url, IsShownWithoutWhatMayBeSecret)
{
    EXPECT_EQ(parse_url("rtmp://me:secret@host:1935/live/cam?token=secret").shown(), "rtmp://host/live/cam");
    EXPECT_EQ(parse_url("http://host:8080/live/cam.flv?token=secret").shown(),
              "http://host:8080/live/cam.flv");
    EXPECT_THAT(complaint("rtmp://me:secret@host/live?token=secret"),
                testing::Not(testing::HasSubstr("secret")));
}

struct Wrong {
    std::string_view text;
    std::string_view complaint;
};

class WrongUrl : public testing::TestWithParam<Wrong> {};

TEST_P(WrongUrl, NamesTheWrongPartAndWhatWasExpected)
{
    EXPECT_EQ(complaint(GetParam().text), GetParam().complaint);
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongUrl,
    testing::Values(
        Wrong{"rtmp://host/live",
              "rtmp://host/live has no stream name: expected rtmp://HOST[:PORT]/APP/NAME"},
        Wrong{"rtmp://host/live/",
              "rtmp://host/live/ has no stream name: expected rtmp://HOST[:PORT]/APP/NAME"},
        Wrong{"rtmp://host", "rtmp://host has no stream name: expected rtmp://HOST[:PORT]/APP/NAME"},
        Wrong{"rtmp://host//cam",
              "rtmp://host//cam has an empty application name: expected rtmp://HOST[:PORT]/APP/NAME"},
        Wrong{"rtmp:///live/cam", "rtmp:///live/cam has no host: expected rtmp://HOST[:PORT]/APP/NAME"},
        Wrong{"rtmp://:1935/live/cam",
              "rtmp://:1935/live/cam has no host: expected rtmp://HOST[:PORT]/APP/NAME"},
        Wrong{"rtmp://host:99999/live/cam",
              "rtmp://host:99999/live/cam has the port '99999', which is no number from 1 to 65535"},
        Wrong{"rtmp://host:/live/cam",
              "rtmp://host:/live/cam has the port '', which is no number from 1 to 65535"},
        Wrong{"rtmp://host:0x1/live/cam",
              "rtmp://host:0x1/live/cam has the port '0x1', which is no number from 1 to 65535"},
        Wrong{"rtmp://[::1/live/cam",
              "rtmp://[::1/live/cam has an address that begins with '[' and never ends"},
        Wrong{"rtmp://[::1]1935/live/cam", "rtmp://[::1]1935/live/cam has '1935' behind its address"},
        Wrong{"gopher://host/live/cam", "gopher://host/live/cam has the scheme 'gopher', which is not known: "
                                        "known are rtmp, rtmps, rtmpe, rtmpt, rtmpte, rtmpts, "
                                        "http, https, ws, wss, udp, rtsp, rtspt, rtsph, rtsps"},
        Wrong{"host/live/cam", "host/live/cam has no scheme: expected rtmp://HOST[:PORT]/APP/NAME"},
        Wrong{"http://host", "http://host has no path: expected http://HOST[:PORT]/APP/NAME.flv"},
        Wrong{"rtmp://host/live/my cam", "rtmp://host/live/my cam has a space or a control character in it"},
        Wrong{"", "the URL has no scheme: expected rtmp://HOST[:PORT]/APP/NAME"}));

TEST(Url, OfUdpNeedsAPortAndNoPath)
{
    const auto url = parse_url("udp://@239.1.2.3:5000?iface=eth0&ttl=4");
    EXPECT_EQ(url.scheme, Scheme::udp);
    EXPECT_EQ(url.host, "239.1.2.3");
    EXPECT_EQ(url.port, 5000);
    EXPECT_EQ(query_value(url.query, "iface"), "eth0");
    EXPECT_EQ(query_value(url.query, "ttl"), "4");
    EXPECT_EQ(query_value(url.query, "tt"), "");
    EXPECT_EQ(url.shown(), "udp://239.1.2.3:5000");
    EXPECT_EQ(parse_url("udp://@:5000").host, "");
    EXPECT_EQ(parse_url("udp://[ff15::1]:5000").host, "ff15::1");
    EXPECT_THROW(parse_url("udp://239.1.2.3"), std::runtime_error);
    EXPECT_THROW(parse_url("udp://239.1.2.3:5000?ttl=256"), std::runtime_error);
}

} // namespace
} // namespace millrace::clients
