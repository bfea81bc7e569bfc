// What the reader takes from any bytes, the writer writes, and it reads again as the same.
#include <millrace/amf/amf0.hpp>

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace millrace;
    const auto values = amf::read_amf0(ByteView{data, size});
    if (!values) {
        return 0;
    }
    const auto written = amf::write_amf0(*values);
    const auto again = amf::read_amf0(written);
    // Bytes are compared, since a value that is not a number does not equal itself.
    if (!again || amf::write_amf0(*again) != written) {
        std::abort();
    }
    for (const auto& value : *values) {
        if (amf::to_string(value, 100).size() > 103) {
            std::abort();
        }
    }
    return 0;
}
