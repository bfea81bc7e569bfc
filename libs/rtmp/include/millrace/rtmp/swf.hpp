// SWF verification: a client proves that it is a certain file (user control events 26 and 27; not in the
// specification).
#pragma once

#include <millrace/base/result.hpp>
#include <millrace/rtmp/control.hpp>
#include <millrace/rtmp/handshake.hpp>

#include <cstdint>

namespace millrace::rtmp {

/// How a SWF file is known to both sides.
struct SwfFile {
    std::uint32_t size = 0;              ///< Of the decompressed file.
    std::array<std::uint8_t, 32> hash{}; ///< HMAC-SHA256 of the decompressed file.
    friend bool operator==(const SwfFile&, const SwfFile&) = default;
};

/// The largest file that swf_file takes, decompressed.
inline constexpr std::size_t kMaxSwfBytes = std::size_t{64} << 20U;

/// Reads a whole file, plain (FWS) or compressed (CWS).
/// Errors: bad_swf when it is neither, when it does not decompress, or is larger than kMaxSwfBytes.
Result<SwfFile> swf_file(ByteView bytes);

/// What a client that is that file answers a server whose S1 ended so.
SwfVerifyResponse swf_response(const SwfFile& file, const SwfChallenge& challenge);

/// Whether the answer is that of the file.
bool proves(const SwfVerifyResponse& response, const SwfFile& file, const SwfChallenge& challenge);

} // namespace millrace::rtmp
