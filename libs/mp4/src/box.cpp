#include "box.hpp"

#include <algorithm>

namespace millrace::mp4 {

std::optional<Box> Boxes::next()
{
    constexpr std::uint64_t kHead = 8;
    constexpr std::uint64_t kLargeHead = 16;
    if (in_.remaining() < kHead) {
        return std::nullopt;
    }
    std::uint64_t size = in_.u32();
    const auto type = in_.u32();
    std::uint64_t head = kHead;
    if (size == 1) {
        if (in_.remaining() < kLargeHead - kHead) {
            return std::nullopt;
        }
        size = in_.u64();
        head = kLargeHead;
    } else if (size == 0) {
        size = head + in_.remaining();
    }
    if (size < head) {
        return std::nullopt;
    }
    return Box{type,
               in_.bytes(static_cast<std::size_t>(std::min<std::uint64_t>(size - head, in_.remaining())))};
}

ByteView find(ByteView bytes, std::uint32_t type)
{
    Boxes boxes{bytes};
    while (const auto box = boxes.next()) {
        if (box->type == type) {
            return box->body;
        }
    }
    return {};
}

ByteView find(ByteView bytes, std::initializer_list<std::uint32_t> path)
{
    for (const auto type : path) {
        bytes = find(bytes, type);
    }
    return bytes;
}

} // namespace millrace::mp4
