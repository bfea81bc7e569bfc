#include <millrace/relay/rules.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::relay {
namespace {

std::string error_of(const std::function<void()>& f)
{
    try {
        f();
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return {};
}

std::string filled(const char* text, const char* stream, const char* star = "")
{
    const auto url = UrlTemplate{text}.fill(stream, star);
    return url ? std::string{clients::name(url->scheme)} + " " + url->authority() + " " + url->path + " " +
                     url->query
               : "none";
}

TEST(UrlTemplate, PutsPartsOfTheNameIntoItsPlaces)
{
    EXPECT_EQ(filled("rtmp://h/live/cam", "a/b"), "rtmp h:1935 live/cam ");
    EXPECT_EQ(filled("rtmp://h/{stream}", "a/b/c"), "rtmp h:1935 a/b/c ");
    EXPECT_EQ(filled("rtmp://h/x/{app}/{name}_{name}?key={name}", "a/b/c"), "rtmp h:1935 x/a/b/c_c key=c");
    EXPECT_EQ(filled("rtmp://u:p@h:99/live/*?k=*", "edge/cam", "cam"), "rtmp h:99 live/cam k=cam");
    EXPECT_EQ(filled("http://h/{stream}.flv", "a/b"), "http h:80 a/b.flv ");
}

TEST(UrlTemplate, EscapesForHttpOnly)
{
    EXPECT_EQ(filled("http://h/{stream}.flv", "a/\xC3\xA4"), "http h:80 a/%C3%A4.flv ");
    EXPECT_EQ(filled("rtmp://h/{stream}", "a/\xC3\xA4"), "rtmp h:1935 a/\xC3\xA4 ");
}

TEST(UrlTemplate, PutsNoNameIntoAUrlThatWouldMakeAnotherOfIt)
{
    for (const auto* name :
         {"a/b?x=1", "a/b#c", "a/b&c", "a/%2e", "a/b c", "a/../b", "a//b", "a/{name}", "a/*"}) {
        EXPECT_EQ(filled("rtmp://h/{stream}", name), "none") << name;
    }
    EXPECT_EQ(UrlTemplate{"rtmp://h/{stream}"}.fill("a/" + std::string(254, 'b'), ""), std::nullopt);
}

TEST(UrlTemplate, SaysWhatIsWrong)
{
    EXPECT_THAT(error_of([] { UrlTemplate{"rtmp://h/live/{nam}"}; }),
                testing::HasSubstr("{stream}, {app} or {name}"));
    EXPECT_THAT(error_of([] { UrlTemplate{"rtmp://*/live/cam"}; }),
                testing::HasSubstr("behind the host only"));
    EXPECT_THAT(error_of([] { UrlTemplate{"ftp://h/live/cam"}; }), testing::HasSubstr("'ftp'"));
    EXPECT_THAT(error_of([] { UrlTemplate{"rtmp://me:secret@h:x/live/cam"}; }),
                testing::Not(testing::HasSubstr("secret")));
}

TEST(UrlTemplate, ShowsNothingSecret)
{
    EXPECT_EQ(UrlTemplate{"rtmp://me:secret@h/live/{name}?key=secret"}.shown(), "rtmp://h/live/{name}");
}

TEST(Rules, AreRefusedWhenTheirPartsDoNotFit)
{
    const auto pull = [](const char* name, const char* source, bool on_demand) {
        return error_of([&] {
            check(PullRule{
                .name = exchange::Pattern{name}, .source = UrlTemplate{source}, .on_demand = on_demand});
        });
    };
    EXPECT_EQ(pull("edge/*", "rtmp://h/live/*", true), "");
    EXPECT_EQ(pull("edge/cam", "rtmp://h/live/cam", false), "");
    EXPECT_THAT(pull("edge/*", "rtmp://h/live/*", false), testing::HasSubstr("start = \"demand\""));
    EXPECT_THAT(pull("edge/cam", "rtmp://h/live/*", true), testing::HasSubstr("has a star"));
    EXPECT_THAT(pull("edge/a&b", "rtmp://h/live/cam", true), testing::HasSubstr("cannot stand in a URL"));
    const auto push = [](const char* name, const char* target) {
        return error_of([&] { check(PushRule{exchange::Pattern{name}, UrlTemplate{target}}); });
    };
    EXPECT_EQ(push("live/*", "rtmp://h/{stream}"), "");
    EXPECT_EQ(push("live/cam", "rtmp://h/live/other"), "");
    EXPECT_THAT(push("live/*", "rtmp://h/live/cam"), testing::HasSubstr("the same for all"));
    EXPECT_THAT(push("live/cam", "rtmp://h/live/*"), testing::HasSubstr("has a star"));
    EXPECT_THAT(push("live/cam", "http://h/live/cam.flv"), testing::HasSubstr("rtmp://HOST"));
}

} // namespace
} // namespace millrace::relay
