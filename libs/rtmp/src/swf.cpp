#include "digest_block.hpp"
#include <millrace/base/reader.hpp>
#include <millrace/crypto/hash.hpp>
#include <millrace/rtmp/swf.hpp>

#include <zlib.h>

#include <algorithm>

namespace millrace::rtmp {

namespace {

constexpr std::size_t kHeadBytes = 8;
constexpr std::string_view kClause = "SWF 19, chapter 2";

/// Decompresses to exactly `size` bytes behind `out`; false when there are more or fewer.
bool inflate_to(ByteView bytes, Bytes& out, std::size_t size)
{
    const std::size_t at = out.size();
    out.resize(at + size);
    auto length = static_cast<uLongf>(size);
    return uncompress(out.data() + at, &length, bytes.data(), static_cast<uLong>(bytes.size())) == Z_OK &&
           length == size;
}

/// The response without its fields: what the secret part is made of.
crypto::Digest256 proof(const SwfFile& file, const SwfChallenge& challenge)
{
    return crypto::hmac_sha256(challenge, file.hash);
}

} // namespace

// swf := signature:"FWS" | "CWS" version:u8 size:u32le rest     CWS: rest is compressed (RFC 1950); size is
// that
//                                                               of the whole file, decompressed
Result<SwfFile> swf_file(ByteView bytes)
{
    ByteReader in{bytes};
    const auto signature = in.text(3);
    in.u8();
    const std::size_t size = in.u32le();
    const bool compressed = signature == "CWS";
    if (!in.ok() || (signature != "FWS" && !compressed) || bytes.size() > kMaxSwfBytes) {
        return Unexpected{Errc::bad_swf, kClause};
    }
    Bytes plain = to_bytes(bytes);
    if (compressed) {
        plain.resize(kHeadBytes);
        plain.front() = 'F';
        if (size < kHeadBytes || size > kMaxSwfBytes || !inflate_to(in.rest(), plain, size - kHeadBytes)) {
            return Unexpected{Errc::bad_swf, kClause};
        }
    }
    return SwfFile{static_cast<std::uint32_t>(plain.size()), crypto::hmac_sha256(player_digest_key(), plain)};
}

SwfVerifyResponse swf_response(const SwfFile& file, const SwfChallenge& challenge)
{
    return {.size = file.size, .digest = proof(file, challenge)};
}

bool proves(const SwfVerifyResponse& response, const SwfFile& file, const SwfChallenge& challenge)
{
    return response.size == file.size &&
           crypto::equal_in_constant_time(response.digest, proof(file, challenge));
}

} // namespace millrace::rtmp
