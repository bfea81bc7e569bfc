// Whatever a server sends, the client's core goes on or ends, and what it says is RTSP.
//
// input := role:u8 (length:u8 bytes)*
#include <millrace/base/reader.hpp>
#include <millrace/rtsp/client.hpp>

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
    for (auto& byte : bytes) {
        byte = 7;
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    Clock::time_point now{std::chrono::seconds{1}};
    ByteReader in{ByteView{data, size}};
    const auto role = in.u8() % 2 == 0 ? Client::Role::play : Client::Role::publish;
    Client client{{.url = *read_url("rtsp://u:p@h/a"), .role = role, .sdp = "v=0\r\n"}, now, fill};
    MessageReader listener{MessageReader::Role::server};
    const Transport tcp{.lower = Lower::tcp, .interleaved = Ports{0, 1}};
    while (!in.at_end()) {
        now += std::chrono::milliseconds{700};
        static_cast<void>(client.feed(in.bytes(std::min<std::size_t>(in.u8(), in.remaining())), now));
        while (const auto event = client.next_event()) {
            if (const auto* described = std::get_if<Described>(&*event)) {
                client.setup({{resolve_control(described->base, described->sdp.substr(0, 10)), tcp}});
            } else if (std::holds_alternative<TransportRefused>(*event)) {
                client.setup({{"rtsp://h/a", tcp}});
            } else if (std::holds_alternative<Started>(*event)) {
                client.send(0, true, as_bytes("packet"));
            }
        }
        static_cast<void>(client.tick(now));
        require(listener.feed(client.take_output()).has_value());
    }
    client.close();
    require(listener.feed(client.take_output()).has_value());
    require(client.closed());
    return 0;
}
