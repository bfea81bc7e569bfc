// Whatever the order of a tunnel's requests, each number is taken at most once, in order, and what was
// answered last can be had again; a path that is read names its parts as they stand in it.
//
// input := (path-length:u8 path | 0 number:u8 answer-length:u8)*
#include <millrace/rtmp/tunnel.hpp>

#include <algorithm>
#include <cstdlib>

namespace {

using namespace millrace;
using namespace millrace::rtmp;

void require(bool holds)
{
    if (!holds) {
        std::abort();
    }
}

void read_path(std::string_view path)
{
    const auto request = read_tunnel_path(path);
    if (request && request->kind >= TunnelRequest::Kind::send) {
        require(!request->id.empty() && path.find(request->id) != std::string_view::npos);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    ByteView input{data, size};
    ServerTunnel tunnel;
    std::optional<std::uint32_t> newest;
    Bytes kept;
    const auto take = [&input] {
        if (input.empty()) {
            return std::uint8_t{0};
        }
        const auto byte = input.front();
        input = input.subspan(1);
        return byte;
    };
    while (!input.empty()) {
        if (const std::size_t length = std::min<std::size_t>(take(), input.size()); length > 0) {
            read_path({reinterpret_cast<const char*>(input.data()), length});
            input = input.subspan(length);
            continue;
        }
        const std::uint32_t number = take();
        switch (tunnel.turn(number)) {
        case ServerTunnel::Turn::now:
            require(!newest || number == *newest + 1);
            tunnel.begin(number);
            require(tunnel.turn(number + 1) != ServerTunnel::Turn::now);
            kept = tunnel.answer(Bytes(take(), 7));
            newest = number;
            break;
        case ServerTunnel::Turn::repeated: require(newest == number && tunnel.last_answer() == kept); break;
        case ServerTunnel::Turn::early: require(!newest || number > *newest); break;
        case ServerTunnel::Turn::too_far: require(!newest || number > *newest); break;
        case ServerTunnel::Turn::stale: require(!newest || number < *newest); break;
        }
    }
    return 0;
}
