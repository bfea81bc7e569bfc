// A record that reads is written so that it reads again as the same; units that split join to the same.
#include <millrace/codec/h264.hpp>
#include <millrace/codec/h265.hpp>
#include <millrace/codec/nal.hpp>

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace millrace;
    using namespace millrace::codec;
    const ByteView bytes{data, size};
    if (const auto config = h264::read_config(bytes)) {
        Bytes written;
        ByteWriter out{written};
        h264::write(out, *config);
        const auto again = h264::read_config(written);
        if (!again || *again != *config || h264::codec_string(*config).size() != 11) {
            std::abort();
        }
    }
    if (const auto config = h265::read_config(bytes)) {
        std::size_t total = 0;
        for (const auto& unit : config->units) {
            total += unit.size() + 2;
        }
        if (total > size || h265::codec_string(*config).empty()) {
            std::abort();
        }
    }
    if (const auto units = split_length_prefixed(bytes, 2)) {
        if (split_length_prefixed(join_length_prefixed(*units, 2), 2)->size() != units->size() ||
            looks_like_annex_b(bytes, 2)) {
            std::abort();
        }
    }
    const auto units = split_annex_b(bytes);
    if (split_length_prefixed(join_length_prefixed(units, 4), 4)->size() != units.size()) {
        std::abort();
    }
    return 0;
}
