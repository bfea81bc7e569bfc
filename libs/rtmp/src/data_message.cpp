#include "data_message.hpp"

#include "command.hpp"
#include <millrace/base/reader.hpp>

namespace millrace::rtmp {

namespace {

constexpr std::uint8_t kStringMarker = 0x02;
constexpr std::string_view kSetDataFrame{"\x02\x00\x0D@setDataFrame", 16};

} // namespace

std::optional<SharedBytes> read_data(MessageType type, const SharedBytes& payload)
{
    auto values = payload.slice(payload.size() - amf0_part(type, payload).size());
    if (as_text(values).starts_with(kSetDataFrame)) {
        values = values.slice(kSetDataFrame.size());
    }
    if (values.empty() || values.view().front() != kStringMarker) {
        return std::nullopt;
    }
    return values;
}

// name := 02 length:u16 text
std::string_view data_name(ByteView values)
{
    ByteReader reader{values};
    if (reader.u8() != kStringMarker) {
        return {};
    }
    return reader.text(reader.u16());
}

ByteView set_data_frame()
{
    return as_bytes(kSetDataFrame);
}

} // namespace millrace::rtmp
