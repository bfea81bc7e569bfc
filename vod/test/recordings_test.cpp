#include "../../exchange/test/house.hpp"
#include <millrace/flv/demuxer.hpp>
#include <millrace/vod/recordings.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace millrace::vod {
namespace {

using namespace std::chrono_literals;
using exchange::Claim;

/// A house with a recorder, in a folder that goes with it.
struct Studio {
    explicit Studio(Recordings::Settings settings = {})
        : path{[] {
              std::string name = (std::filesystem::temp_directory_path() / "millrace-vod-XXXXXX").string();
              return std::filesystem::path{mkdtemp(name.data())};
          }()},
          recorder{std::make_unique<store::Recorder>(*store::Folder::open(path.string(), false),
                                                     store::Recorder::Limits{})},
          recordings{*recorder, std::move(settings)}
    {
        house.exchange.on_claimed = [this](const auto& stream, const auto& claim) {
            recordings.claimed(stream, claim);
        };
    }
    ~Studio()
    {
        house.workers->stop();
        house.exchange.clear();
        recorder.reset();
        std::filesystem::remove_all(path);
    }

    exchange::RecordNews ear()
    {
        return [this](std::string_view, std::string_view code, const std::string&) {
            const std::scoped_lock lock{mutex};
            heard.emplace_back(code);
        };
    }
    std::vector<std::string> all_heard()
    {
        const std::scoped_lock lock{mutex};
        return heard;
    }
    bool hears(std::size_t count)
    {
        return exchange::House::eventually([this, count] { return all_heard().size() >= count; });
    }
    std::unique_ptr<exchange::Publication> publish(const std::string& kind)
    {
        auto publication = house.publish(
            0, {.stream = "live/cam", .session = 1, .protocol = "test", .kind = kind, .on_record = ear()});
        EXPECT_TRUE(publication);
        return std::move(*publication);
    }
    void push(exchange::Publication& publication, std::int64_t from, std::int64_t to)
    {
        house.call(0, [&] {
            std::vector<media::Item> items{
                media::Track{.kind = media::Kind::video, .codec = media::Codec::vp6, .origin = 4}};
            for (auto ms = from; ms < to; ms += 40) {
                items.emplace_back(media::Frame{.kind = media::Kind::video,
                                                .key = ms == from,
                                                .dts = media_ms(ms),
                                                .payload = SharedBytes{Bytes(20)}});
            }
            publication.push(items);
            return 0;
        });
    }
    std::vector<std::int64_t> times() const
    {
        std::ifstream in{path / "live/cam.flv", std::ios::binary};
        const Bytes file{std::istreambuf_iterator<char>{in}, {}};
        flv::Demuxer demuxer;
        EXPECT_TRUE(demuxer.feed(file));
        std::vector<std::int64_t> times;
        while (const auto item = demuxer.next()) {
            if (const auto* frame = std::get_if<media::Frame>(&*item)) {
                times.push_back(to_ms(frame->dts));
            }
        }
        return times;
    }

    std::mutex mutex;
    std::vector<std::string> heard;
    std::filesystem::path path;
    std::unique_ptr<store::Recorder> recorder;
    Recordings recordings;
    exchange::House house{{.grace = 2s, .silence = 100ms}};
};

using Codes = std::vector<std::string>;

TEST(Recordings, BeginAndEndWithTheirPublisher)
{
    Studio studio;
    auto publication = studio.publish("record");
    studio.push(*publication, 0, 1000);
    publication->stopped();
    publication.reset();
    ASSERT_TRUE(studio.hears(2));
    EXPECT_EQ(studio.all_heard(), (Codes{"NetStream.Record.Start", "NetStream.Record.Stop"}));
    EXPECT_EQ(studio.times().size(), 25U);
    const auto lines = studio.recordings.list();
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0].name, "live/cam.flv");
    EXPECT_EQ(lines[0].state, "finished");
    EXPECT_EQ(lines[0].duration, 1000ms);
}

TEST(Recordings, GoOnWhenTheirPublisherWasLostAndComesBack)
{
    Studio studio;
    auto publication = studio.publish("record");
    studio.push(*publication, 0, 1000);
    publication.reset();
    publication = studio.publish("record");
    studio.push(*publication, 50000, 51000);
    publication->stopped();
    publication.reset();
    ASSERT_TRUE(studio.hears(3));
    EXPECT_EQ(studio.all_heard(),
              (Codes{"NetStream.Record.Start", "NetStream.Record.Start", "NetStream.Record.Stop"}));
    const auto times = studio.times();
    EXPECT_EQ(times.size(), 50U);
    EXPECT_TRUE(std::ranges::is_sorted(times));
}

TEST(Recordings, AreOverwrittenOrGoneOnWithByTheNextPublisher)
{
    Studio studio;
    for (const auto* kind : {"record", "append", "record"}) {
        const auto before = studio.all_heard().size();
        auto publication = studio.publish(kind);
        studio.push(*publication, 0, 1000);
        publication->stopped();
        publication.reset();
        ASSERT_TRUE(studio.hears(before + 2));
        EXPECT_EQ(studio.times().size(), kind == std::string{"append"} ? 50U : 25U);
    }
}

TEST(Recordings, EndWithTheirStreamWhenNobodyComesBack)
{
    Studio studio;
    auto publication = studio.publish("record");
    studio.push(*publication, 0, 1000);
    publication.reset();
    ASSERT_TRUE(studio.hears(2)); // After the grace window.
    EXPECT_EQ(studio.all_heard().back(), "NetStream.Record.Stop");
}

TEST(Recordings, AreMadeOnlyOfStreamsThatMayBe)
{
    Studio studio{{.allowed = {exchange::Pattern{"other/*"}}}};
    auto publication = studio.publish("record");
    studio.push(*publication, 0, 1000);
    ASSERT_TRUE(studio.hears(1));
    EXPECT_EQ(studio.all_heard(), Codes{"NetStream.Record.NoAccess"});
    EXPECT_TRUE(studio.recordings.list().empty());
}

TEST(Recordings, AreMadeUnaskedWhereTheOperatorSaysSo)
{
    Studio studio{{.streams = {exchange::Pattern{"live/*"}}}};
    for (int i = 1; i <= 2; ++i) {
        auto publication = studio.publish("live");
        studio.push(*publication, 0, 1000);
        publication->stopped();
        publication.reset();
        ASSERT_TRUE(exchange::House::eventually([&] {
            return studio.recorder->statuses().size() == static_cast<std::size_t>(i) &&
                   studio.recorder->statuses()[0].state == store::Recorder::State::finished;
        }));
        EXPECT_EQ(studio.times().size(), 25U * static_cast<unsigned>(i));
    }
    EXPECT_TRUE(studio.all_heard().empty());
}

TEST(Recordings, OfNamesThatAreNoFilesAreRefused)
{
    Studio studio;
    auto publication = studio.house.publish(
        0, {.stream = "live/.hidden", .protocol = "test", .kind = "record", .on_record = studio.ear()});
    ASSERT_TRUE(studio.hears(1));
    EXPECT_EQ(studio.all_heard(), Codes{"NetStream.Record.NoAccess"});
}

} // namespace
} // namespace millrace::vod
