// What RTMPE adds to a session of either side.
#pragma once

#include "key_agreement.hpp"
#include <millrace/rtmp/cipher.hpp>

#include <memory>
#include <utility>

namespace millrace::rtmp {

/// Deciphers what comes, and holds the clear bytes of the handshake and the cipher of what goes until they
/// are taken, in that order.
class Encryption {
public:
    void say(ByteView handshake) { clear_.insert(clear_.end(), handshake.begin(), handshake.end()); }

    /// The handshake is done.
    void begin(const StreamKeys& keys)
    {
        input_.emplace(begin_stream(keys.in));
        output_.emplace(keys.out);
    }

    Bytes decipher(ByteView bytes)
    {
        Bytes plain = to_bytes(bytes);
        input_->apply(plain);
        return plain;
    }

    bool has_clear() const { return !clear_.empty(); }
    Bytes take_clear() { return std::exchange(clear_, {}); }

    /// Whether nothing but clear bytes may be taken now.
    bool holds_back() const { return output_.has_value() || !input_; }
    std::optional<OutputCipher> take_cipher() { return std::exchange(output_, std::nullopt); }

private:
    Bytes clear_;
    std::optional<crypto::Rc4> input_;   ///< From the end of the handshake on.
    std::optional<OutputCipher> output_; ///< From then on until it is taken.
};

} // namespace millrace::rtmp
