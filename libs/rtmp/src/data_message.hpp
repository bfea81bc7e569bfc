// Data messages: a name and AMF0 values, as metadata comes and goes (RTMP 1.0 §7.1.2).
#pragma once

#include <millrace/base/shared_bytes.hpp>
#include <millrace/rtmp/message.hpp>

#include <optional>

namespace millrace::rtmp {

/// The AMF0 part of a data message, without the `@setDataFrame` with which publishers wrap what shall be
/// kept; none when no name stands at its front.
std::optional<SharedBytes> read_data(MessageType type, const SharedBytes& payload);

/// The name at the front of a data message; empty when there is none.
std::string_view data_name(ByteView values);

/// The AMF0 string "@setDataFrame", which wraps what follows it.
ByteView set_data_frame();

} // namespace millrace::rtmp
