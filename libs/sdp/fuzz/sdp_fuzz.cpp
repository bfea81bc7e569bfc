// Whatever is read can be written, and is read as the same from then on.
#include <millrace/base/bytes.hpp>
#include <millrace/sdp/description.hpp>

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace millrace;
    const auto text = as_text({data, size});
    const sdp::Limits wide{.bytes = std::size_t{16} << 20U, .attributes = 4096};
    if (const auto first = sdp::parse(text)) {
        static_cast<void>(first->cryptos());
        static_cast<void>(first->source_filter());
        const auto written = sdp::write(*first);
        const auto second = sdp::parse(written, wide);
        if (!second || sdp::write(*second) != written || second->media.size() != first->media.size()) {
            std::abort();
        }
    }
    return 0;
}
