// Data messages: a name and AMF0 values, as metadata comes and goes (RTMP 1.0 §7.1.2).
#pragma once

#include <millrace/base/shared_bytes.hpp>
#include <millrace/rtmp/message.hpp>

#include <string_view>

namespace millrace::rtmp {

/// What stands in a data message, for those who know AMF0 only.
struct Data {
    SharedBytes values;       ///< A name and AMF0 values.
    std::string_view refusal; ///< Why there are none, as a counter has it; empty when there are.
};

/// The values of a data message, without the `@setDataFrame` with which publishers wrap what shall be kept.
/// AMF3 values inside a message of type 15 become AMF0 where AMF0 can hold them.
Data read_data(MessageType type, const SharedBytes& payload);

/// The name at the front of a data message; empty when there is none.
std::string_view data_name(ByteView values);

/// The AMF0 string "@setDataFrame", which wraps what follows it.
ByteView set_data_frame();

} // namespace millrace::rtmp
