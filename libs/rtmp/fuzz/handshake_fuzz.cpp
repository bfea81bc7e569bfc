// However a handshake is cut, the same bytes are taken and the same come out, in both roles; a server that
// was given a whole C1 has answered with three blocks, and what a digest client sends is answered with a
// digest.
//
// input := cut:u8 role:u8 wire
#include <millrace/rtmp/handshake.hpp>

#include <algorithm>
#include <cstdlib>
#include <optional>

namespace {

using namespace millrace;
using namespace millrace::rtmp;

void fill(std::span<std::uint8_t> out)
{
    std::uint8_t next = 17;
    for (auto& byte : out) {
        byte = next = static_cast<std::uint8_t>(next * 5 + 3);
    }
}

struct Conversation {
    std::size_t taken = 0;
    std::error_code error;
    Bytes output;
    bool done = false;
    DigestLayout layout = DigestLayout::none;

    friend bool operator==(const Conversation&, const Conversation&) = default;
};

template <class Handshake>
Conversation speak(Handshake handshake, ByteView wire, std::size_t step)
{
    Conversation said;
    for (std::size_t at = 0; at < wire.size() && !said.error; at += step) {
        const ByteView part = wire.subspan(at, std::min(step, wire.size() - at));
        const auto taken = handshake.feed(part);
        if (!taken) {
            said.error = taken.error().code();
        } else {
            said.taken += *taken;
            if (*taken < part.size() && !handshake.done()) {
                std::abort();
            }
        }
        const Bytes output = handshake.take_output();
        said.output.insert(said.output.end(), output.begin(), output.end());
    }
    said.done = handshake.done();
    said.layout = handshake.layout();
    if (said.error) {
        said.taken = 0; // what stands before the error was taken only when it was cut off
    }
    return said;
}

template <class Make>
Conversation check(const Make& make, ByteView wire, std::size_t step)
{
    Conversation whole = speak(make(), wire, wire.size());
    if (whole != speak(make(), wire, 1) || whole != speak(make(), wire, step)) {
        std::abort();
    }
    return whole;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 3) {
        return 0;
    }
    const ByteView wire{data + 2, size - 2};
    const std::size_t step = 1U + data[0] * 7U;
    const auto layout = static_cast<DigestLayout>(data[1] % 3U);
    const auto server = check([] { return ServerHandshake{fill}; }, wire, step);
    const bool answered = !server.error && wire.size() > kHandshakeBlock;
    if (server.output.size() != (answered ? 1 + 2 * kHandshakeBlock : 0)) {
        std::abort();
    }
    check([layout] { return ClientHandshake{fill, layout}; }, wire, step);

    // Our own C0 C1 with a few bytes of the random part from the input: the digest must no longer be found.
    ClientHandshake client{fill, layout};
    Bytes c1 = client.take_output();
    const bool changed = std::ranges::any_of(wire.first(std::min<std::size_t>(wire.size(), 8)),
                                             [](std::uint8_t byte) { return byte != 0; });
    for (std::size_t i = 0; i < std::min<std::size_t>(wire.size(), 8); ++i) {
        c1[c1.size() - 1 - i] ^= wire[i];
    }
    const auto answer = speak(ServerHandshake{fill}, c1, step);
    if (answer.layout != (changed ? DigestLayout::none : layout)) {
        std::abort();
    }
    return 0;
}
