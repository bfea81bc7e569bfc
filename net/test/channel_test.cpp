// Channels between two sockets on loopback: what one side sends the other receives, whatever lies between.
#include <millrace/net/channel_stream.hpp>
#include <millrace/net/tls.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace millrace::net {
namespace {

using namespace std::chrono_literals;

struct Folder {
    std::filesystem::path path = std::filesystem::temp_directory_path() / "millrace_channel_test";
    Folder()
    {
        std::filesystem::remove_all(path);
        std::filesystem::create_directories(path);
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::string operator/(const char* name) const { return (path / name).string(); }
};

struct Pair {
    asio::io_context context{1};
    tcp::socket here{context};
    tcp::socket there{context};

    Pair()
    {
        tcp::acceptor door{context, {asio::ip::address_v4::loopback(), 0}};
        here.connect(door.local_endpoint());
        there = door.accept();
        here.non_blocking(true);
        there.non_blocking(true);
    }
    void run(std::vector<awaitable<void>> all)
    {
        for (auto& each : all) {
            asio::co_spawn(context, std::move(each), kDetached);
        }
        context.run_for(20s);
    }
};

Bytes counting(std::size_t size)
{
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) {
        bytes[i] = static_cast<std::uint8_t>(i * 7 + i / 251);
    }
    return bytes;
}

awaitable<void> send_in_pieces(Channel& channel, const Bytes& bytes)
{
    for (std::size_t at = 0; at < bytes.size();) {
        std::vector<ByteView> views;
        for (std::size_t i = 0; i < 9 && at < bytes.size(); ++i) {
            const auto size = std::min<std::size_t>(bytes.size() - at, 1 + (at * 31 + i) % 4000);
            views.push_back(ByteView{bytes}.subspan(at, size));
            at += size;
        }
        std::size_t wanted = 0;
        for (const auto view : views) {
            wanted += view.size();
        }
        const auto sent = channel.send_now(views);
        EXPECT_FALSE(sent.error);
        at -= wanted - sent.bytes;
        if (sent.would_block) {
            const auto error = co_await channel.writable();
            EXPECT_FALSE(error);
        }
    }
}

awaitable<void> receive(Channel& channel, Bytes& into, std::size_t size)
{
    Bytes part(3000);
    while (into.size() < size) {
        const auto got = co_await read_some(channel, part);
        if (got.error) {
            break;
        }
        into.insert(into.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(got.bytes));
    }
}

TEST(TcpChannel, CarriesMoreThanTheSocketsHold)
{
    Pair pair;
    TcpChannel here{std::move(pair.here)};
    TcpChannel there{std::move(pair.there)};
    const auto bytes = counting(3'000'000);
    Bytes received;
    std::vector<awaitable<void>> both;
    both.push_back(send_in_pieces(here, bytes));
    both.push_back(receive(there, received, bytes.size()));
    pair.run(std::move(both));
    EXPECT_EQ(received, bytes);
}

TEST(Channel, EnciphersFromThenOnInTheOrderOfSending)
{
    Pair pair;
    TcpChannel here{std::move(pair.here)};
    TcpChannel there{std::move(pair.there)};
    const auto clear = counting(200'000);
    const auto secret = counting(1'500'000);
    Bytes received;
    const auto send = [&]() -> awaitable<void> {
        here.hold(clear); // More than a socket takes at once: it must stay clear all the same.
        here.encipher([next = std::uint8_t{0}](std::span<std::uint8_t> bytes) mutable {
            for (auto& byte : bytes) {
                byte ^= next++;
            }
        });
        co_await send_in_pieces(here, secret);
    };
    std::vector<awaitable<void>> both;
    both.push_back(send());
    both.push_back(receive(there, received, clear.size() + secret.size()));
    pair.run(std::move(both));
    ASSERT_EQ(received.size(), clear.size() + secret.size());
    auto expected = clear;
    std::uint8_t next = 0;
    for (const auto byte : secret) {
        expected.push_back(static_cast<std::uint8_t>(byte ^ next++));
    }
    EXPECT_TRUE(received == expected);
}

TEST(TcpChannel, EndsItsWaitsWhenItIsCancelledAndGoesOn)
{
    Pair pair;
    TcpChannel here{std::move(pair.here)};
    error_code ended;
    const auto wait = [&]() -> awaitable<void> { ended = co_await here.readable(); };
    const auto cancel = [&]() -> awaitable<void> {
        here.cancel();
        co_return;
    };
    std::vector<awaitable<void>> both;
    both.push_back(wait());
    both.push_back(cancel());
    pair.run(std::move(both));
    EXPECT_EQ(ended, asio::error::operation_aborted);
}

struct Tls {
    Folder folder;
    bool made = false;
    TlsServer server{self_signed(folder / "tls", made)};
    Pair pair;
    TlsChannel here{std::move(pair.here), tls_client_context(), false};
    TlsChannel there{std::move(pair.there), server.context(), true};
    std::string why_here = "never";
    std::string why_there = "never";

    awaitable<void> shake(TlsChannel& channel, std::string& why) { why = co_await channel.handshake(); }
};

TEST(TlsChannel, CarriesBytesBothWaysOnceHandsAreShaken)
{
    Tls tls;
    tls.here.expect("localhost", false);
    const auto bytes = counting(2'000'000);
    Bytes at_there;
    Bytes at_here;
    const auto client = [&]() -> awaitable<void> {
        co_await tls.shake(tls.here, tls.why_here);
        co_await send_in_pieces(tls.here, bytes);
        co_await receive(tls.here, at_here, bytes.size());
    };
    const auto server = [&]() -> awaitable<void> {
        co_await tls.shake(tls.there, tls.why_there);
        Bytes first(8);
        const auto seen = co_await tls.there.peek(first);
        EXPECT_GT(seen, 0U);
        co_await receive(tls.there, at_there, bytes.size());
        co_await send_in_pieces(tls.there, bytes);
    };
    std::vector<awaitable<void>> both;
    both.push_back(client());
    both.push_back(server());
    tls.pair.run(std::move(both));
    EXPECT_EQ(tls.why_here, "");
    EXPECT_EQ(tls.why_there, "");
    EXPECT_TRUE(at_there == bytes);
    EXPECT_TRUE(at_here == bytes);
}

TEST(TlsChannel, TellsTheUserThatACertificateIsNotTrusted)
{
    Tls tls;
    tls.here.expect("localhost", true);
    std::vector<awaitable<void>> both;
    both.push_back(tls.shake(tls.here, tls.why_here));
    both.push_back(tls.shake(tls.there, tls.why_there));
    tls.pair.run(std::move(both));
    EXPECT_EQ(tls.why_here, "its certificate is not trusted: self-signed certificate");
    EXPECT_NE(tls.why_there, "");
}

TEST(TlsChannel, SaysSoWhenThePeerDoesNotSpeakTls)
{
    Tls tls;
    const auto garble = [&]() -> awaitable<void> {
        const Bytes garbage = counting(400);
        co_await asio::async_write(tls.here.socket(), asio::buffer(garbage), kNoThrow);
    };
    std::vector<awaitable<void>> both;
    both.push_back(garble());
    both.push_back(tls.shake(tls.there, tls.why_there));
    tls.pair.run(std::move(both));
    EXPECT_TRUE(tls.why_there.starts_with("no TLS: ")) << tls.why_there;
}

TEST(TlsServer, UsesAChangedCertificateAndKeepsTheOldOneWhenTheNewOneIsBad)
{
    const Folder folder;
    bool made = false;
    TlsServer server{self_signed(folder / "tls", made)};
    EXPECT_TRUE(made);
    const auto first = server.context();
    EXPECT_FALSE(server.refresh());
    const auto another = self_signed(folder / "another", made);
    std::filesystem::copy_file(another.certificate, server.files().certificate,
                               std::filesystem::copy_options::overwrite_existing);
    EXPECT_FALSE(server.refresh()) << "the certificate has no key yet";
    EXPECT_EQ(server.context(), first);
    std::filesystem::copy_file(another.key, server.files().key,
                               std::filesystem::copy_options::overwrite_existing);
    EXPECT_TRUE(server.refresh());
    EXPECT_NE(server.context(), first);
}

TEST(SelfSigned, IsMadeOnceAndItsKeyIsSecret)
{
    const Folder folder;
    bool made = false;
    const auto files = self_signed(folder / "tls", made);
    EXPECT_TRUE(made);
    self_signed(folder / "tls", made);
    EXPECT_FALSE(made);
    EXPECT_EQ(std::filesystem::status(files.key).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    EXPECT_THROW(TlsServer({files.certificate, folder / "nothing.pem"}), std::runtime_error);
}

TEST(ChannelStream, EndsWhatLastsTooLong)
{
    Pair pair;
    TcpChannel here{std::move(pair.here)};
    ChannelStream stream{here};
    error_code ended;
    const auto wait = [&]() -> awaitable<void> {
        Bytes into(10);
        stream.expires_after(50ms);
        const auto [error, count] = co_await stream.async_read_some(asio::buffer(into), kNoThrow);
        ended = error;
        pair.context.stop(); // The watchdog of the stream watches on.
    };
    std::vector<awaitable<void>> all;
    all.push_back(wait());
    pair.run(std::move(all));
    EXPECT_EQ(ended, asio::error::timed_out);
}

} // namespace
} // namespace millrace::net
