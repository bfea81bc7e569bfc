// Parameter sets and configurations as fmtp carries them.
#pragma once

#include <millrace/base/bytes.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::rtp {

/// Reads as far as the text is base64; padding is not asked for.
Bytes from_base64(std::string_view text);
std::string to_base64(ByteView bytes);
/// None when it is not pairs of hex digits.
std::optional<Bytes> from_hex(std::string_view text);
std::string to_hex(ByteView bytes);

/// The NAL units of a list such as `sprop-parameter-sets`, separated by commas.
std::vector<Bytes> read_sets(std::string_view text);

} // namespace millrace::rtp
