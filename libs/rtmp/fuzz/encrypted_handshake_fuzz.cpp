// However an RTMPE handshake is cut, the same bytes are taken and the same come out, in both roles; what is
// not accepted leaves no keys; and a handshake of our own two sides, with bytes of it changed, ends in the
// same keys on both sides or in an error.
//
// input := cut:u8 choice:u8 change:(at:u16 xor:u8)*4 wire
#include "operations.hpp"
#include <millrace/rtmp/cipher.hpp>

#include <algorithm>
#include <optional>

namespace {

using namespace millrace;
using namespace millrace::rtmp;

struct Conversation {
    std::size_t taken = 0;
    std::error_code error;
    Bytes output;
    bool done = false;
    std::optional<StreamKeys> keys;

    friend bool operator==(const Conversation&, const Conversation&) = default;
};

template <class Handshake>
Conversation speak(Handshake& handshake, ByteView wire, std::size_t step)
{
    Conversation said;
    for (std::size_t at = 0; at < wire.size() && !said.error; at += step) {
        const ByteView part = wire.subspan(at, std::min(step, wire.size() - at));
        const auto taken = handshake.feed(part);
        if (!taken) {
            said.error = taken.error().code();
        } else {
            said.taken += *taken;
            expect(*taken == part.size() || handshake.done());
        }
        const Bytes output = handshake.take_output();
        said.output.insert(said.output.end(), output.begin(), output.end());
    }
    said.done = handshake.done();
    said.keys = handshake.keys();
    if (said.error) {
        said.taken = 0; // what stands before the error was taken only when it was cut off
        expect(!said.done);
    }
    return said;
}

template <class Make>
void check(const Make& make, ByteView wire, std::size_t step)
{
    auto whole = make();
    auto cut = make();
    const auto first = speak(whole, wire, std::max<std::size_t>(wire.size(), 1));
    expect(first == speak(cut, wire, step));
    expect(!first.done || !whole.encrypted() || first.keys.has_value());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    ByteReader in{ByteView{data, size}};
    const std::size_t step = 1U + in.u8() * 7U;
    const auto choice = in.u8();
    using enum HandshakeVersion;
    constexpr std::array kVersions{rtmpe, rtmpe_xtea, rtmpe_blowfish};
    const auto version = kVersions[choice % kVersions.size()];
    const auto layout = (choice & 0x80U) != 0 ? DigestLayout::d8 : DigestLayout::d772;
    const auto make_client = [=] { return ClientHandshake{fill_with_counting, layout, version}; };
    const auto make_server = [] { return ServerHandshake{fill_with_counting, true}; };

    auto client = make_client();
    auto server = make_server();
    Bytes hello = client.take_output();
    bool changed = false;
    for (int i = 0; i < 4; ++i) {
        const auto at = 1U + in.u16() % kHandshakeBlock;
        const auto change = in.u8();
        hello[at] ^= change;
        changed = changed || change != 0;
    }
    const auto answer = speak(server, hello, step);
    expect(changed || !answer.error);
    expect(answer.error.value() == 0 || answer.output.empty());
    if (!answer.error) {
        const auto reply = speak(client, answer.output, step);
        expect(!reply.error && reply.done);
        const auto end = speak(server, reply.output, step);
        expect(end.done && end.keys && reply.keys);
        expect(end.keys->in == reply.keys->out && end.keys->out == reply.keys->in);
    }
    const auto wire = in.rest();
    check(make_server, wire, step);
    check(make_client, wire, step);
    return 0;
}
