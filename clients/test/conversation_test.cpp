// Clients on loopback: what cores cannot show.
#include "house.hpp"
#include <millrace/clients/publisher.hpp>
#include <millrace/clients/source.hpp>
#include <millrace/flv/muxer.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::clients {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// Reads a source to its end.
struct Reader {
    Outcome opened;
    Outcome outcome;
    std::vector<media::Frame> frames;
    std::size_t stop_after = SIZE_MAX;

    net::awaitable<void> read(Source& source)
    {
        opened = co_await source.open();
        while (opened) {
            const auto item = co_await source.next();
            if (!item) {
                break;
            }
            if (const auto* frame = std::get_if<media::Frame>(&*item)) {
                frames.push_back(*frame);
                if (frames.size() == stop_after) {
                    source.stop();
                }
            }
        }
        outcome = source.outcome();
    }
};

std::vector<media::Item> small_stream()
{
    return {kVideo, kAudio, video_frame(0, true), audio_frame(5), video_frame(40, false)};
}

Reader play(RtmpHost& host, Source::Limits limits = {}, std::size_t stop_after = SIZE_MAX)
{
    House house;
    Reader reader{.stop_after = stop_after};
    house.serve(host.serve(house.door));
    house.receive([&]() -> net::awaitable<void> {
        const auto source = make_source(house.context.get_executor(),
                                        parse_url("rtmp://" + house.place() + "/live/cam?token=1"), limits);
        co_await reader.read(*source);
    });
    return reader;
}

TEST(RtmpSource, PlaysAStreamToItsEnd)
{
    RtmpHost host{.end_play = true, .stream = small_stream()};
    const auto reader = play(host);
    EXPECT_EQ(reader.opened.why, "");
    EXPECT_EQ(reader.outcome.why, "");
    ASSERT_EQ(reader.frames.size(), 3);
    EXPECT_EQ(reader.frames[0], video_frame(0, true));
    EXPECT_EQ(reader.frames[1].dts, media_ms(5));
    EXPECT_EQ(host.path, "live/cam");
    EXPECT_EQ(host.query, "token=1");
}

TEST(RtmpSource, SaysWhyTheServerRefused)
{
    RtmpHost host{.refuse_play = "live/cam: no such stream"};
    EXPECT_EQ(play(host).opened.why, "refused: live/cam: no such stream (NetStream.Play.StreamNotFound)");
}

TEST(RtmpSource, SaysWhenTheConnectionBreaks)
{
    RtmpHost host{.hang_up = true, .stream = small_stream()};
    const auto reader = play(host);
    EXPECT_EQ(reader.frames.size(), 3);
    EXPECT_FALSE(reader.outcome);
}

TEST(RtmpSource, EndsInGoodOrderWhenTold)
{
    RtmpHost host{.stream = small_stream()};
    const auto reader = play(host, {}, 1);
    EXPECT_EQ(reader.outcome.why, "");
    EXPECT_GE(reader.frames.size(), 1);
}

TEST(RtmpSource, GivesUpOnAStreamThatFellSilent)
{
    RtmpHost host{.stream = small_stream()};
    const auto reader = play(host, {.silence = 50ms});
    EXPECT_EQ(reader.frames.size(), 3);
    EXPECT_EQ(reader.outcome.why, "nothing came for too long");
}

TEST(RtmpSource, SaysThatNobodyListens)
{
    House house;
    const auto place = house.place();
    house.door.close();
    Reader reader;
    house.receive([&]() -> net::awaitable<void> {
        const auto source =
            make_source(house.context.get_executor(), parse_url("rtmp://" + place + "/live/cam"));
        co_await reader.read(*source);
    });
    EXPECT_THAT(reader.opened.why, HasSubstr("cannot connect to " + place));
}

TEST(RtmpSource, GivesUpOnAServerThatSaysNothing)
{
    House house;
    Reader reader;
    house.receive([&]() -> net::awaitable<void> {
        const auto source = make_source(house.context.get_executor(),
                                        parse_url("rtmp://" + house.place() + "/live/cam"), {.answer = 50ms});
        co_await reader.read(*source);
    });
    EXPECT_THAT(reader.opened.why, HasSubstr("in time"));
}

/// Publishes by rule.
struct Publication {
    RtmpHost host;
    Outcome opened;
    Outcome outcome;
    std::uint64_t dropped = 0;
    std::uint64_t bytes = 0;
    bool told = false;

    template <class Write>
    void run(Write write, Publisher::Limits limits = {}, std::chrono::milliseconds within = 5s)
    {
        House house;
        house.serve(host.serve(house.door));
        house.receive([&]() -> net::awaitable<void> {
            Publisher publisher{house.context.get_executor(),
                                parse_url("rtmp://" + house.place() + "/live/cam?token=1"), limits};
            publisher.on_lost = [this] { told = true; };
            opened = co_await publisher.open();
            if (opened) {
                co_await write(publisher);
                outcome = co_await publisher.finish(within);
            }
            dropped = publisher.dropped();
            bytes = publisher.bytes();
        });
    }
};

TEST(Publisher, SendsAllOfAStreamAndSaysGoodbye)
{
    Publication publication;
    publication.run([](Publisher& publisher) -> net::awaitable<void> {
        for (const auto& item : small_stream()) {
            publisher.write(item);
        }
        co_return;
    });
    EXPECT_EQ(publication.opened.why, "");
    EXPECT_EQ(publication.outcome.why, "");
    EXPECT_FALSE(publication.told);
    EXPECT_TRUE(publication.host.unpublished);
    EXPECT_EQ(publication.host.path, "live/cam");
    EXPECT_EQ(publication.host.query, "token=1");
    std::vector<media::Frame> frames;
    for (const auto& item : publication.host.received) {
        if (const auto* frame = std::get_if<media::Frame>(&item)) {
            frames.push_back(*frame);
        }
    }
    EXPECT_THAT(frames,
                testing::UnorderedElementsAre(video_frame(0, true), audio_frame(5), video_frame(40, false)));
}

TEST(Publisher, SendsTracksWithTheirNumbersToAServerThatAnnouncedThem)
{
    const media::Track second{.id = media::track_id(media::Kind::audio, 1),
                              .kind = media::Kind::audio,
                              .number = 1,
                              .codec = media::Codec::opus,
                              .origin = 0x4f707573};
    auto sound = audio_frame(7);
    sound.track = second.id;
    sound.composition = std::chrono::nanoseconds{250000};
    Publication publication;
    publication.run([&](Publisher& publisher) -> net::awaitable<void> {
        for (const auto& item : small_stream()) {
            publisher.write(item);
        }
        publisher.write(second);
        publisher.write(sound);
        co_return;
    });
    EXPECT_EQ(publication.outcome.why, "");
    const auto& received = publication.host.received;
    EXPECT_NE(std::ranges::find(received, media::Item{sound}), received.end());
}

TEST(Publisher, SaysWhyTheServerRefused)
{
    Publication publication{.host = {.refuse_publish = "live/cam: is taken"}};
    publication.run([](Publisher&) -> net::awaitable<void> { co_return; });
    EXPECT_EQ(publication.opened.why, "refused: live/cam: is taken (NetStream.Publish.BadName)");
}

TEST(Publisher, TellsWhenTheConnectionBreaks)
{
    Publication publication{.host = {.hang_up_after = 1}};
    publication.run([](Publisher& publisher) -> net::awaitable<void> {
        net::asio::steady_timer pause{co_await net::asio::this_coro::executor};
        publisher.write(kVideo);
        for (int ms = 0; !publisher.lost() && ms < 400'000; ms += 40) {
            publisher.write(video_frame(ms, true));
            pause.expires_after(1ms);
            co_await pause.async_wait(net::kNoThrow);
        }
    });
    EXPECT_TRUE(publication.told);
    EXPECT_FALSE(publication.outcome);
}

TEST(Publisher, DropsVideoWhenTheServerDoesNotTakeItAndGivesUpInTime)
{
    Publication publication{.host = {.deaf = true}};
    publication.run(
        [](Publisher& publisher) -> net::awaitable<void> {
            net::asio::steady_timer pause{co_await net::asio::this_coro::executor};
            publisher.write(kVideo);
            publisher.write(kAudio);
            for (int ms = 0; publisher.dropped() == 0 && ms < 400'000; ms += 40) {
                publisher.write(video_frame(ms, ms % 1000 == 0, 100'000));
                publisher.write(audio_frame(ms));
                EXPECT_LE(publisher.backlog(), 2s);
                pause.expires_after(1ms);
                co_await pause.async_wait(net::kNoThrow);
            }
        },
        {}, 100ms);
    EXPECT_GT(publication.dropped, 20);
    EXPECT_EQ(publication.outcome.why, "the connection is too slow: not all of it was sent");
}

TEST(Publisher, GivesUpOnAServerThatTakesNothingAnyMore)
{
    Publication publication{.host = {.deaf = true}};
    publication.run(
        [](Publisher& publisher) -> net::awaitable<void> {
            net::asio::steady_timer pause{co_await net::asio::this_coro::executor};
            publisher.write(kVideo);
            for (int ms = 0; !publisher.lost(); ms += 40) {
                publisher.write(video_frame(ms, true, 100'000));
                pause.expires_after(10ms);
                co_await pause.async_wait(net::kNoThrow);
            }
        },
        {.line = {.answer = 1s}});
    EXPECT_TRUE(publication.told);
    EXPECT_EQ(publication.outcome.why, "the server takes nothing any more");
}

/// An HTTP server that gives one answer to whatever is asked.
net::awaitable<void> answer(net::tcp::acceptor& door, Bytes what, std::string& asked)
{
    auto [error, socket] = co_await door.async_accept(net::kNoThrow);
    std::string inbox(4096, '\0');
    const auto [failed, count] = co_await socket.async_read_some(net::asio::buffer(inbox), net::kNoThrow);
    asked = inbox.substr(0, count);
    co_await net::asio::async_write(socket, net::asio::buffer(what), net::kNoThrow);
}

Bytes flv_answer()
{
    Bytes out = to_bytes(as_bytes("HTTP/1.1 200 OK\r\nContent-Type: video/x-flv\r\n\r\n"));
    flv::Muxer muxer;
    media::Pieces pieces;
    muxer.prologue({.tracks = {kVideo, kAudio}}, MediaTime{}, pieces);
    for (const auto& item : small_stream()) {
        if (const auto* track = std::get_if<media::Track>(&item)) {
            muxer.write(*track, MediaTime{}, pieces);
        } else {
            muxer.write(std::get<media::Frame>(item), false, pieces);
        }
    }
    for (const auto& piece : pieces) {
        out.insert(out.end(), piece.view().begin(), piece.view().end());
    }
    return out;
}

Reader get(Bytes what, std::string& asked)
{
    House house;
    Reader reader;
    house.serve(answer(house.door, std::move(what), asked));
    house.receive([&]() -> net::awaitable<void> {
        const auto source =
            make_source(house.context.get_executor(),
                        parse_url("http://me:secret@" + house.place() + "/live/cam.flv?token=1"));
        co_await reader.read(*source);
    });
    return reader;
}

TEST(HttpSource, PlaysAStreamToItsEnd)
{
    std::string asked;
    const auto reader = get(flv_answer(), asked);
    EXPECT_EQ(reader.opened.why, "");
    EXPECT_EQ(reader.outcome.why, "");
    EXPECT_EQ(reader.frames.size(), 3);
    EXPECT_THAT(asked, testing::StartsWith("GET /live/cam.flv?token=1 HTTP/1.1\r\nHost: 127.0.0.1:"));
    EXPECT_THAT(asked, HasSubstr("Authorization: Basic bWU6c2VjcmV0\r\n"));
}

TEST(HttpSource, SaysWhyTheServerRefused)
{
    std::string asked;
    const auto text = as_bytes("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(get(to_bytes(text), asked).opened.why, "refused: 404 Not Found");
}

TEST(HttpSource, SaysThatTheAnswerIsNoFlv)
{
    std::string asked;
    const auto text = as_bytes("HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n<!DOCTYPE html>");
    EXPECT_THAT(get(to_bytes(text), asked).outcome.why, HasSubstr("FLV"));
}

TEST(HttpSource, SaysThatTheServerSpeaksSomethingElse)
{
    std::string asked;
    const auto text = as_bytes("220 mail.example.org ESMTP\r\n\r\n");
    EXPECT_THAT(get(to_bytes(text), asked).opened.why, HasSubstr("does not speak HTTP"));
}

} // namespace
} // namespace millrace::clients
