// Boxes inside of other boxes (ISO/IEC 14496-12 §4.2).
#pragma once

#include <millrace/base/reader.hpp>

#include <optional>

namespace millrace::mp4 {

/// The four characters of a box's type, the first in the highest byte.
constexpr std::uint32_t four_cc(const char (&text)[5])
{
    std::uint32_t code = 0;
    for (int i = 0; i < 4; ++i) {
        code = code << 8U | static_cast<std::uint8_t>(text[i]);
    }
    return code;
}

struct Box {
    std::uint32_t type = 0;
    ByteView body; ///< What stands behind type and size.
};

/// The boxes in some bytes, one after the other. One whose size leaves these bytes ends with them; one that
/// is smaller than its own head ends the walk.
class Boxes {
public:
    explicit Boxes(ByteView bytes) : in_{bytes} {}

    // box := size:u32 type:u32 [large-size:u64 when size is 1] body     size 0: to the end
    std::optional<Box> next();

private:
    ByteReader in_;
};

/// The first box of that type; an empty view when there is none.
ByteView find(ByteView bytes, std::uint32_t type);
/// The same along a path of boxes that hold nothing but boxes.
ByteView find(ByteView bytes, std::initializer_list<std::uint32_t> path);

/// The version and flags that begin a full box.
struct FullBox {
    std::uint8_t version = 0;
    std::uint32_t flags = 0;
};
inline FullBox read_full_box(ByteReader& in)
{
    FullBox full;
    full.version = in.u8();
    full.flags = in.u24();
    return full;
}

} // namespace millrace::mp4
