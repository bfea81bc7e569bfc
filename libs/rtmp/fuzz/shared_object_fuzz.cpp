// What the reader takes from any bytes, the writer writes, and it reads again as the same; in both types.
#include "operations.hpp"
#include <millrace/rtmp/shared_object.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace millrace;
    using namespace millrace::rtmp;
    if (size == 0) {
        return 0;
    }
    const auto type = (data[0] & 1U) != 0 ? MessageType::shared_object_amf3 : MessageType::shared_object;
    ObjectCounters tolerated;
    const auto message =
        read_object_message(type, ByteView{data, size}.subspan(1), {.events = 64}, &tolerated);
    if (!message) {
        return 0;
    }
    expect(message->events.size() <= 64);
    const auto written = write_object_message(type, *message);
    const auto again = read_object_message(type, written, {.events = 64});
    expect(again && *again == *message && write_object_message(type, *again) == written);
    return 0;
}
