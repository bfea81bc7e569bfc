// A packet that is read is written as the same bytes, but for its padding's.
#include <millrace/rtp/packet.hpp>

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace millrace;
    using namespace millrace::rtp;
    const ByteView bytes{data, size};
    const auto packet = read_packet(SharedBytes::copy_of(bytes));
    if (!packet) {
        return 0;
    }
    Bytes written;
    ByteWriter out{written};
    write(out, *packet);
    const auto again = read_packet(SharedBytes::copy_of(written));
    if (written.size() != size || !again || *again != *packet) {
        std::abort();
    }
    if (packet->extension) {
        const auto list = elements(*packet->extension);
        if (!list.empty() && elements(make_extension(list)) != list) {
            std::abort();
        }
    }
    return 0;
}
