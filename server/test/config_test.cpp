#include <millrace/server/config.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string error_of(std::string_view text)
{
    try {
        static_cast<void>(parse_config(text, "millrace.toml"));
    } catch (const ConfigError& error) {
        return error.what();
    }
    return {};
}

TEST(Config, HasADefaultForEveryKey)
{
    const auto config = parse_config("", "millrace.toml");
    EXPECT_EQ(config.data, "data");
    EXPECT_TRUE(config.listen.empty());
    EXPECT_EQ(config.settings.grace, std::chrono::seconds{10});
}

TEST(Config, ReadsEveryKey)
{
    const auto config = parse_config(R"(
data = "elsewhere"
threads = 3
log_level = "debug"
[[listen]]
address = "127.0.0.1:1935"
protocols = ["rtmp", "rtmps", "mms"]
[[listen]]
address = "127.0.0.1:8080"
protocols = ["http"]
[streams]
grace = 2.5
takeover_after = 3
most = 7
[viewers]
max_latency = 2
stall_limit = 9
[limits]
connections = 100
[shared_objects]
most = 5
per_client = 6
slots = 7
value_bytes = 800
object_bytes = 9000
bytes = 10000
[record]
directory = "/srv/recordings"
allowed = ["live/*"]
streams = ["studio/cam", "news/*"]
kind = "record"
max_seconds = 3600
max_bytes = 1000000
[vod]
folders = ["/srv/films"]
threads = 4
max_ahead = 20
[tls]
certificate = "chain.pem"
key = "secret.pem"
)",
                                     "millrace.toml");
    EXPECT_EQ(config.data, "elsewhere");
    EXPECT_EQ(config.threads, 3U);
    ASSERT_EQ(config.listen.size(), 2U);
    EXPECT_THAT(config.listen[0].protocols, ElementsAre("rtmp", "rtmps"));
    EXPECT_TRUE(config.listen[0].wants_tls());
    EXPECT_FALSE(config.listen[1].wants_tls());
    EXPECT_EQ(config.tls, (net::TlsFiles{"chain.pem", "secret.pem"}));
    EXPECT_EQ(config.warnings.size(), 1U) << "mms comes later and is said to";
    EXPECT_EQ(config.settings.grace, std::chrono::milliseconds{2500});
    EXPECT_EQ(config.settings.silence, std::chrono::seconds{3});
    EXPECT_EQ(config.settings.streams, 7U);
    const auto& archive = config.archive;
    EXPECT_EQ(archive.directory, "/srv/recordings");
    ASSERT_EQ(archive.allowed.size(), 1U);
    EXPECT_TRUE(archive.allowed[0].matches("live/cam"));
    EXPECT_EQ(archive.streams.size(), 2U);
    EXPECT_FALSE(archive.append);
    EXPECT_EQ(archive.most_time, std::chrono::hours{1});
    EXPECT_EQ(archive.most_bytes, 1000000U);
    EXPECT_THAT(archive.folders, ElementsAre("/srv/films"));
    EXPECT_EQ(archive.threads, 4U);
    EXPECT_EQ(archive.pace.most_ahead, std::chrono::seconds{20});
    EXPECT_EQ(config.settings.max_latency, std::chrono::seconds{2});
    EXPECT_EQ(config.settings.stall_limit, std::chrono::seconds{9});
    EXPECT_EQ(config.connections, 100U);
    const auto& objects = config.shared_objects.limits;
    EXPECT_EQ(objects.objects, 5U);
    EXPECT_EQ(objects.objects_of_client, 6U);
    EXPECT_EQ(objects.slots, 7U);
    EXPECT_EQ(objects.value_bytes, 800U);
    EXPECT_EQ(objects.object_bytes, 9000U);
    EXPECT_EQ(objects.bytes, 10000U);
}

TEST(Config, WantsBothACertificateAndItsKey)
{
    EXPECT_EQ(error_of("[tls]\nkey = \"a.pem\""),
              "millrace.toml:1: [tls] needs both certificate and key, two PEM files");
}

TEST(Config, NamesTheNearestKeyAndTheLineOfAnUnknownOne)
{
    EXPECT_EQ(error_of("\n\ndatta = 1"), "millrace.toml:3: unknown key \"datta\"; did you mean \"data\"?");
    EXPECT_EQ(error_of("[streams]\ngrase = 1"),
              "millrace.toml:2: unknown key \"streams.grase\"; did you mean \"streams.grace\"?");
    EXPECT_THAT(error_of("[[listen]]\nadress = \"x\""), HasSubstr("did you mean \"listen.address\"?"));
    EXPECT_THAT(error_of("[[listen]]\naddress = \"x\"\nprotocols = [\"rtmq\"]"),
                HasSubstr("did you mean \"rtmp\"?"));
}

TEST(Config, SaysWhatAValueMustBe)
{
    EXPECT_THAT(error_of("threads = \"two\""), HasSubstr("threads must be a whole number from 0 to 256"));
    EXPECT_THAT(error_of("threads = 257"), HasSubstr("from 0 to 256"));
    EXPECT_THAT(error_of("data = 1"), HasSubstr("data must be a text in quotes"));
    EXPECT_THAT(error_of("[viewers]\nmax_latency = 0"), HasSubstr("from 0.2 to 60"));
    EXPECT_THAT(error_of("[rtmp]\nunannounced_codecs = \"drop\""), HasSubstr("\"pass\" or \"refuse\""));
    EXPECT_FALSE(parse_config("", "m.toml").settings.refuse_unannounced);
    EXPECT_TRUE(
        parse_config("[rtmp]\nunannounced_codecs = \"refuse\"", "m.toml").settings.refuse_unannounced);
    EXPECT_THAT(error_of("listen = 1"), HasSubstr("written as [[listen]]"));
    EXPECT_THAT(error_of("[[listen]]\nprotocols = [\"rtmp\"]"), HasSubstr("needs an address"));
    EXPECT_THAT(error_of("streams = 1"), HasSubstr("must be a table"));
    EXPECT_THAT(error_of("a = ["), HasSubstr("millrace.toml:1: "));
}

TEST(Config, SaysWhichFileCannotBeRead)
{
    for (const auto* file : {"/nonexistent/millrace.toml", "/"}) {
        try {
            static_cast<void>(read_config(file));
            FAIL() << file;
        } catch (const ConfigError& error) {
            EXPECT_THAT(error.what(), HasSubstr("cannot be read"));
        }
    }
}

TEST(Config, MovesTheDefaultPorts)
{
    const auto listen = default_listen(10000);
    EXPECT_EQ(listen[0].address, "[::]:11935");
    EXPECT_EQ(listen[1].address, "[::]:18080");
    EXPECT_THROW(default_listen(60000), ConfigError);
}

} // namespace
} // namespace millrace::server
