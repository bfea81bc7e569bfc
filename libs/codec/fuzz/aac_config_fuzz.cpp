// A configuration that reads and has channels of its own is written so that it reads again as the same.
#include <millrace/codec/aac.hpp>
#include <millrace/codec/mp3.hpp>

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace millrace;
    using namespace millrace::codec;
    const ByteView bytes{data, size};
    if (const auto config = aac::read_config(bytes)) {
        if (config->sample_rate == 0) {
            std::abort();
        }
        const bool plain = config->object_type != 5 && config->object_type != 29 && config->object_type != 31;
        if (plain && config->channel_config != 0) {
            const auto again = aac::read_config(aac::write_config(*config));
            if (!again || *again != *config) {
                std::abort();
            }
        }
    }
    if (const auto header = mp3::read_header(bytes)) {
        if (header->sample_rate < 8000 || header->frame_bytes > 4096) {
            std::abort();
        }
    }
    return 0;
}
