// Relays and publishers in reserve, as the operator asks for them and is told of them.
#include "../src/relay_api.hpp"
#include <millrace/server/config.hpp>

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string error_of(std::string_view text)
{
    try {
        static_cast<void>(parse_config(text, "millrace.toml"));
    } catch (const ConfigError& error) {
        return error.what();
    }
    return {};
}

TEST(RelayConfig, ReadsEveryKey)
{
    const auto config = parse_config(R"(
[[pull]]
name = "live/cam"
source = "rtmp://origin/live/cam"
[[pull]]
name = "edge/*"
source = "http://origin:8080/live/*.flv"
start = "demand"
linger = 2.5
backup = true
[[push]]
name = "live/*"
target = "rtmp://elsewhere/{stream}"
[[push]]
name = "live/*"
target = "rtmp://third/live/{name}?key=1"
[[backup]]
name = "live/cam"
failover_after = 2
[[backup]]
name = "other/*"
[relay]
first_pause = 0.5
longest_pause = 20
stable_after = 30
wait = 7
silence = 8
most = 10
[streams]
failover_after = 3
prefer_primary = true
)",
                                     "millrace.toml");
    const auto& relay = config.relay;
    ASSERT_EQ(relay.pulls.size(), 2U);
    EXPECT_FALSE(relay.pulls[0].on_demand);
    EXPECT_TRUE(relay.pulls[1].on_demand);
    EXPECT_TRUE(relay.pulls[1].backup);
    EXPECT_EQ(relay.pulls[1].linger, std::chrono::milliseconds{2500});
    ASSERT_EQ(relay.pushes.size(), 2U) << "any number for the same name";
    EXPECT_EQ(relay.pause.first, std::chrono::milliseconds{500});
    EXPECT_EQ(relay.pause.longest, std::chrono::seconds{20});
    EXPECT_EQ(relay.pause.stable, std::chrono::seconds{30});
    EXPECT_EQ(relay.wait, std::chrono::seconds{7});
    EXPECT_EQ(relay.silence, std::chrono::seconds{8});
    EXPECT_EQ(relay.most, 10U);
    const auto& settings = config.settings;
    EXPECT_EQ(settings.succession.silence, std::chrono::seconds{3});
    ASSERT_EQ(settings.backups.size(), 2U);
    EXPECT_EQ(settings.backups[0].succession.silence, std::chrono::seconds{2});
    EXPECT_TRUE(settings.backups[0].succession.prefer_primary) << "as [streams] says";
    EXPECT_EQ(settings.backup_rule("other/x")->succession.silence, std::chrono::seconds{3});
    EXPECT_EQ(settings.backup_rule("live/x"), nullptr);
}

TEST(RelayConfig, NamesTheNearestKeyAndTheLine)
{
    EXPECT_EQ(error_of("[[pull]]\nname = \"live/cam\"\nsorce = \"x\""),
              "millrace.toml:3: unknown key \"pull.sorce\"; did you mean \"pull.source\"?");
    EXPECT_THAT(error_of("[[push]]\ntarged = \"x\""), HasSubstr("did you mean \"push.target\"?"));
    EXPECT_THAT(error_of("[[backup]]\nname = \"live/cam\"\nprefer = true"),
                HasSubstr("did you mean \"backup.prefer_primary\"?"));
    EXPECT_THAT(error_of("[relay]\nwaid = 1"), HasSubstr("did you mean \"relay.wait\"?"));
    EXPECT_THAT(error_of("pul = 1"), HasSubstr("did you mean \"pull\"?"));
}

TEST(RelayConfig, SaysWhatIsWrongInOneLineWithoutPasswords)
{
    EXPECT_THAT(error_of("pull = 1"), HasSubstr("written as [[pull]]"));
    EXPECT_THAT(error_of("[[pull]]\nsource = \"rtmp://h/a/b\""), HasSubstr("needs a name such as"));
    EXPECT_THAT(error_of("[[pull]]\nname = \"live/cam\""), HasSubstr("needs a source such as"));
    EXPECT_THAT(error_of("\n[[pull]]\nname = \"cam\"\nsource = \"rtmp://h/a/b\""),
                HasSubstr("millrace.toml:2: [[pull]]: \"cam\" names no stream"));
    EXPECT_THAT(error_of("[[pull]]\nname = \"a/b\"\nsource = \"rtmp://h/a/b\"\nstart = \"now\""),
                HasSubstr("\"always\" or \"demand\""));
    EXPECT_THAT(error_of("[[pull]]\nname = \"a/*\"\nsource = \"rtmp://h/a/*\""),
                HasSubstr("start = \"demand\""));
    EXPECT_THAT(error_of("[[pull]]\nname = \"a/b\"\nsource = \"rtmp://h/a/b\"\nbackup = 1"),
                HasSubstr("true or false"));
    EXPECT_THAT(error_of("[[push]]\nname = \"a/b\"\ntarget = \"http://h/a/b.flv\""),
                HasSubstr("rtmp://HOST"));
    EXPECT_THAT(error_of("[relay]\nfirst_pause = 3\nlongest_pause = 2"), HasSubstr("shorter than"));
    const std::string rule = "[[pull]]\nname = \"a/b\"\nsource = \"rtmp://h/a/b\"\n";
    EXPECT_THAT(error_of(rule + rule), HasSubstr("there are two for a/b"));
    EXPECT_THAT(error_of("[[push]]\nname = \"a/b\"\ntarget = \"rtmp://me:secret@h:0/a/b\""),
                Not(HasSubstr("secret")));
    EXPECT_THAT(error_of("[[push]]\nname = \"a/b\"\ntarget = \"rtmp://me:secret@h:0/a/b\""),
                HasSubstr("port"));
}

TEST(RelayApi, TellsOfRelaysAndRules)
{
    relay::Report report;
    report.rules.push_back({.id = "pull-1", .name = "edge/*", .url = "rtmp://h/live/*", .on_demand = true});
    report.relays.push_back({.id = "pull-1.1",
                             .name = "edge/cam",
                             .url = "rtmp://h/live/cam",
                             .on_demand = true,
                             .state = relay::State::waiting,
                             .since = WallTime{},
                             .attempts = 3,
                             .last_error = "no",
                             .next_try = WallTime{std::chrono::seconds{1}},
                             .bytes = 10,
                             .bitrate = 2'000'400,
                             .dropped = 1});
    EXPECT_EQ(
        boost::json::serialize(relays_json(report)),
        R"({"relays":[{"id":"pull-1.1","direction":"pull","name":"edge/cam","url":"rtmp://h/live/cam",)"
        R"("state":"waiting","since":"1970-01-01T00:00:00.000Z","attempts":3,"last_error":"no",)"
        R"("next_try":"1970-01-01T00:00:01.000Z","bytes":10,"bitrate":2000000,"dropped":1,"start":"demand"}],)"
        R"("rules":[{"id":"pull-1","direction":"pull","name":"edge/*","url":"rtmp://h/live/*","start":"demand"}]})");
    EXPECT_TRUE(is_relay_path("/api/v1/relays/pull-1"));
    EXPECT_FALSE(is_relay_path("/api/v1/relaysx"));
}

} // namespace
} // namespace millrace::server
