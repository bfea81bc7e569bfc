// NAL units of H.264 and H.265: how they are told apart in a stream (ISO/IEC 14496-15 §5.3.3, H.264 annex B).
#pragma once

#include <millrace/base/bytes.hpp>

#include <optional>
#include <vector>

namespace millrace::codec {

/// The NAL units of an access unit in which each stands after its length; none when a length points past the
/// end. Empty units are left out. Expects: `length_size` is 1 to 4. The views are of `payload`.
std::optional<std::vector<ByteView>> split_length_prefixed(ByteView payload, std::size_t length_size);

/// The NAL units between the start codes of annex B, without trailing zeros. What stands before the first
/// start code is left out. The views are of `stream`.
std::vector<ByteView> split_annex_b(ByteView stream);

/// Whether this is a byte stream with start codes and not length-prefixed: some encoders mistake one for the
/// other. Costs a few bytes for a payload that does not begin with a start code.
bool looks_like_annex_b(ByteView payload, std::size_t length_size);

/// The units, each after its length. A unit that its length cannot tell is left out.
/// Expects: `length_size` is 1 to 4.
Bytes join_length_prefixed(const std::vector<ByteView>& units, std::size_t length_size);

/// A NAL unit without its emulation prevention bytes: 00 00 03 becomes 00 00 (H.264 §7.4.1.1).
Bytes unescape(ByteView unit);

} // namespace millrace::codec
