// Base64 (RFC 4648 §4).
#pragma once

#include <millrace/base/bytes.hpp>

#include <string>

namespace millrace::crypto {

/// The bytes in the standard alphabet, padded with '='.
std::string base64(ByteView bytes);

} // namespace millrace::crypto
