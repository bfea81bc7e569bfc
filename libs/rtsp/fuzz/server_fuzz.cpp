// Whatever clients send on two connections, the server's core answers each request once, in order, never says
// a '$', and keeps its book within its limits.
//
// input := (connection:u8 length:u8 bytes)*
#include <millrace/base/reader.hpp>
#include <millrace/rtsp/server.hpp>

#include <cstdlib>

namespace {

using namespace millrace;
using namespace millrace::rtsp;

void require(bool holds)
{
    if (!holds) {
        std::abort();
    }
}

void fill(std::span<std::uint8_t> bytes)
{
    static std::uint8_t next = 0;
    for (auto& byte : bytes) {
        byte = ++next;
    }
}

std::size_t responses(ByteView bytes)
{
    MessageReader reader{MessageReader::Role::server};
    require(reader.feed(bytes).has_value());
    std::size_t count = 0;
    while (const auto message = reader.next()) {
        count += std::holds_alternative<Response>(*message) ? 1U : 0U;
    }
    return count;
}

void answer(Server& server, const Ask& ask)
{
    switch (ask.method) {
    case Method::describe: return server.describe("v=0\r\n", ask.uri);
    case Method::announce: return server.accept_announce({"streamid=0", ask.request.body.substr(0, 20)});
    case Method::setup:
        if (const auto chosen = choose(ask.transports, {.multicast = true, .client_multicast = true})) {
            server.accept_setup(*chosen);
            return;
        }
        return server.refuse(461, "");
    case Method::play: return server.accept_play(ask.range, ask.scale.value_or(1), 1, {{ask.uri, 1, 2}});
    case Method::record: return server.accept_record();
    case Method::pause: return server.accept_pause(ask.range);
    case Method::teardown: return server.accept_teardown();
    default: return server.refuse_parameters(451, "x\r\n");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    Clock::time_point now{std::chrono::seconds{1}};
    SessionBook book{fill, "", {.sessions = 8}};
    Server first{{.connection = 1}, book, now};
    Server second{{.connection = 2}, book, now};
    std::size_t asked[2]{};
    std::size_t answered[2]{};
    ByteReader in{ByteView{data, size}};
    while (!in.at_end()) {
        const std::size_t which = in.u8() % 2U;
        auto& server = which == 0 ? first : second;
        const auto bytes = in.bytes(std::min<std::size_t>(in.u8(), in.remaining()));
        now += std::chrono::milliseconds{100};
        const bool open = !server.closed();
        const bool good = server.feed(bytes, now).has_value();
        while (const auto event = server.next_event()) {
            if (const auto* ask = std::get_if<Ask>(&*event)) {
                if (ask->elsewhere.empty()) {
                    answer(server, *ask);
                } else {
                    server.refuse(454, "");
                }
            }
        }
        asked[which] = server.requests();
        answered[which] += responses(server.take_output());
        // Each request one answer; one more when the connection broke; none for those behind a close.
        require(answered[which] <= asked[which] + 1);
        require(!open || !good || server.closed() || answered[which] == asked[which]);
        require(book.size() <= 8);
    }
    return 0;
}
