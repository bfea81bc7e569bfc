// The ciphers over the signatures of C2 and S2 in versions 8 and 9 of RTMPE (not in the specification).
#pragma once

#include <millrace/crypto/hash.hpp>
#include <millrace/rtmp/handshake.hpp>

namespace millrace::rtmp {

/// Enciphers a signature in place: four blocks of 8 bytes, each with a key that the key of the signature
/// chooses. Other versions leave it as it is.
void encipher_signature(crypto::Digest256& signature, const crypto::Digest256& signature_key,
                        HandshakeVersion version);

} // namespace millrace::rtmp
