// The words of authentication headers.
#pragma once

#include <millrace/base/bytes.hpp>

#include <string>
#include <string_view>

namespace millrace::rtsp {

std::string hex(ByteView bytes);
/// In quotes, with what must be escaped in them.
std::string quote(std::string_view text);

} // namespace millrace::rtsp
