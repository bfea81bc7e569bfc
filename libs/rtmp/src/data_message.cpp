#include "data_message.hpp"

#include "command.hpp"
#include <millrace/amf/amf0.hpp>
#include <millrace/base/reader.hpp>

#include <algorithm>

namespace millrace::rtmp {

namespace {

constexpr std::uint8_t kStringMarker = 0x02;
/// Room for the key frame index of a file of many hours.
constexpr amf::Limits kLimits{.items = 32768, .values = 70000};
constexpr std::string_view kSetDataFrame{"\x02\x00\x0D@setDataFrame", 16};

/// The values as they are when none is AMF3, else written anew.
Data without_amf3(const SharedBytes& values)
{
    amf::Amf0Reader reader{values, kLimits};
    std::vector<amf::Value> all;
    while (!reader.at_end()) {
        auto value = reader.next();
        if (!value) {
            return {.values = {}, .refusal = "unreadable_data"};
        }
        all.push_back(std::move(*value));
    }
    if (!reader.switched()) {
        return {values, {}};
    }
    if (!std::ranges::all_of(all, amf::amf0_can_hold)) {
        return {.values = {}, .refusal = "data_in_amf3_only"};
    }
    return {SharedBytes{amf::write_amf0(all)}, {}};
}

} // namespace

Data read_data(MessageType type, const SharedBytes& payload)
{
    auto data = Data{payload.slice(payload.size() - amf0_part(type, payload).size()), {}};
    if (type == MessageType::data_amf3) {
        data = without_amf3(data.values);
    }
    if (as_text(data.values).starts_with(kSetDataFrame)) {
        data.values = data.values.slice(kSetDataFrame.size());
    }
    if (data.refusal.empty() && (data.values.empty() || data.values.view().front() != kStringMarker)) {
        data.refusal = "unreadable_data";
    }
    return data;
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
