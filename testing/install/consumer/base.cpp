// Reads a layout with the installed library: the status is 0 when it reads right.
#include <millrace/base/reader.hpp>

int main()
{
    const millrace::Bytes wire{0x12, 0x34, 0x56, 0x07};
    millrace::ByteReader reader{wire};
    const bool right = reader.u24() == 0x123456 && reader.u8() == 7 && reader.ok();
    return right && reader.u8() == 0 && !reader.ok() ? 0 : 1;
}
