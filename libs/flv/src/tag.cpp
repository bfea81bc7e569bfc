#include "tag.hpp"

namespace millrace::flv {

TagHead read_tag_head(ByteReader& in)
{
    TagHead head{.type = in.u8(), .size = in.u24(), .timestamp = in.u24()};
    head.timestamp |= std::uint32_t{in.u8()} << 24U;
    head.stream = in.u24();
    return head;
}

void write(ByteWriter& out, const TagHead& head)
{
    out.u8(head.type);
    out.u24(head.size);
    out.u24(head.timestamp);
    out.u8(static_cast<std::uint8_t>(head.timestamp >> 24U));
    out.u24(head.stream);
}

} // namespace millrace::flv
