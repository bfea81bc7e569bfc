#include "chunk_header.hpp"

#include <millrace/base/reader.hpp>

namespace millrace::rtmp {

FixedHeader read_fixed_header(unsigned fmt, ByteView in)
{
    ByteReader reader{in};
    FixedHeader header;
    header.time = reader.u24();
    if (fmt <= 1) {
        header.length = reader.u24();
        header.type = static_cast<MessageType>(reader.u8());
    }
    if (fmt == 0) {
        header.stream = reader.u32le();
    }
    header.extended = header.time == kExtendedTime;
    if (header.extended) {
        header.time = reader.u32();
    }
    header.size = reader.ok() ? reader.position() : 0;
    return header;
}

} // namespace millrace::rtmp
