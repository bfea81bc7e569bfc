#include <millrace/server/config.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

namespace millrace::server {
namespace {

using ::testing::HasSubstr;

std::string error_of(const std::string& text)
{
    try {
        static_cast<void>(parse_config(text, "millrace.toml"));
    } catch (const ConfigError& error) {
        return error.what();
    }
    return {};
}

std::string_view name_of(const Application* application)
{
    return application == nullptr ? "none" : std::string_view{application->name};
}

TEST(FindApplication, TakesTheEntryThatNamesMost)
{
    const std::vector<Application> some{{.name = "live"}, {.name = "live/north"}, {.name = "tv"}};
    EXPECT_EQ(name_of(find_application(some, "live")), "live");
    EXPECT_EQ(name_of(find_application(some, "live/south")), "live");
    EXPECT_EQ(name_of(find_application(some, "live/north")), "live/north");
    EXPECT_EQ(name_of(find_application(some, "live/north/door")), "live/north");
    EXPECT_EQ(name_of(find_application(some, "live/northern")), "live");
    EXPECT_EQ(name_of(find_application(some, "lively")), "none");
    EXPECT_EQ(name_of(find_application(some, "")), "none");
    const std::vector<Application> all{{.name = "*"}, {.name = "live"}};
    EXPECT_EQ(name_of(find_application(all, "live")), "live");
    EXPECT_EQ(name_of(find_application(all, "other")), "*");
    EXPECT_EQ(name_of(find_application(all, "")), "*");
}

TEST(FindApplication, TakesTheLastSegmentOfAStreamForItsName)
{
    const std::vector<Application> some{{.name = "live"}, {.name = "live/cam"}};
    EXPECT_EQ(name_of(application_of(some, "live/cam")), "live");
    EXPECT_EQ(name_of(application_of(some, "live/cam/1")), "live/cam");
}

TEST(ApplicationConfig, ReadsEveryKey)
{
    const auto swf = ::testing::TempDir() + "application_test.swf";
    std::ofstream{swf, std::ios::binary} << std::string("FWS\x08\x08\x00\x00\x00", 8);
    const auto config = parse_config(R"(
[[application]]
name  = "live"
auth  = "adobe"
users = { u1 = "secret", u2 = "Secret" }
swf   = [")" + swf + R"("]
[[application]]
name     = "*"
redirect = "rtmp://other:1936/live"
)",
                                     "millrace.toml");
    std::remove(swf.c_str());
    ASSERT_EQ(config.applications.size(), 2U);
    EXPECT_EQ(config.applications[0].name, "live");
    EXPECT_EQ(config.applications[0].auth, rtmp::AuthScheme::adobe);
    EXPECT_EQ(config.applications[0].users.at("u2"), "Secret");
    ASSERT_EQ(config.applications[0].swf.size(), 1U);
    EXPECT_EQ(config.applications[0].swf[0].size, 8U);
    EXPECT_EQ(config.applications[1].redirect, "rtmp://other:1936/live");
}

TEST(ApplicationConfig, SaysWhatIsWrongAndWhere)
{
    const auto with = [](const std::string& keys) {
        return error_of("[[application]]\nname = \"live\"\n" + keys + "\n");
    };
    EXPECT_THAT(error_of("[application]\nname = \"live\"\n"), HasSubstr("written as [[application]]"));
    EXPECT_THAT(error_of("[[application]]\nredirect = \"rtmp://h/a\"\n"), HasSubstr("needs a name"));
    EXPECT_THAT(error_of("[[application]]\nname = \"/live\"\n"), HasSubstr("must be an APP such as"));
    EXPECT_THAT(with("nam = 1"), HasSubstr("did you mean \"application.name\""));
    EXPECT_THAT(with("auth = \"basic\""),
                HasSubstr(R"(millrace.toml:3: application.auth must be "adobe" or)"));
    EXPECT_THAT(with("auth = \"llnw\""), HasSubstr("auth needs users"));
    EXPECT_THAT(with("users = { u1 = \"secret\" }"), HasSubstr("users need auth"));
    EXPECT_THAT(with("users = { }"), HasSubstr("must be a table of passwords"));
    EXPECT_THAT(with("auth = \"llnw\"\nusers = { u1 = \"\" }"), HasSubstr("the password of u1"));
    EXPECT_THAT(with("auth = \"llnw\"\nusers = { \"a&b\" = \"x\" }"), HasSubstr("cannot be a user"));
    for (const auto* url : {"other", "http://h/a", "rtmp://", "rtmp://h", "rtmp://h/", "rtmp:///a"}) {
        EXPECT_THAT(with("redirect = \"" + std::string{url} + "\""),
                    HasSubstr("application.redirect must be"))
            << url;
    }
    EXPECT_THAT(with("redirect = \"rtmp://h/a\"\nauth = \"llnw\"\nusers = { u = \"x\" }"),
                HasSubstr("what is redirected is not served here"));
    EXPECT_THAT(with("swf = \"a.swf\""), HasSubstr("must be a list of files"));
    EXPECT_THAT(with("swf = [\"/nowhere/a.swf\"]"), HasSubstr("/nowhere/a.swf cannot be read"));
    EXPECT_THAT(with("[[application]]\nname = \"live\""), HasSubstr("application live is there already"));
}

} // namespace
} // namespace millrace::server
