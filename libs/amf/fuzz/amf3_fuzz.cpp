// What the reader takes from any bytes, the writer writes, and it reads again as the same.
#include <millrace/amf/amf3.hpp>

#include <cstdlib>

namespace {

millrace::Bytes write(const std::vector<millrace::amf::Value>& values)
{
    millrace::Bytes bytes;
    millrace::ByteWriter out{bytes};
    for (const auto& value : values) {
        millrace::amf::write_amf3(out, value);
    }
    return bytes;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace millrace;
    const auto values = amf::read_amf3(ByteView{data, size});
    if (!values) {
        return 0;
    }
    const auto written = write(*values);
    const auto again = amf::read_amf3(written);
    // Bytes are compared, since a value that is not a number does not equal itself.
    if (!again || write(*again) != written) {
        std::abort();
    }
    for (const auto& value : *values) {
        if (amf::to_string(value, 100).size() > 103) {
            std::abort();
        }
    }
    return 0;
}
