// The cipher of an RTMPE connection's output, held by whoever writes to the connection.
#pragma once

#include <millrace/base/bytes.hpp>

#include <cstdint>
#include <memory>
#include <span>

namespace millrace::crypto {
class Rc4;
}

namespace millrace::rtmp {

/// Enciphers one direction of an RTMPE connection: plain bytes in, the same number of bytes for the wire out.
///
/// It stands outside the session, because media for players does not pass through the session. Every byte
/// behind the handshake goes through it exactly once, in the order in which it is sent: what is enciphered
/// and then not sent cannot be taken back.
class OutputCipher {
public:
    /// The key is what the two sides have agreed on (16 bytes); the first 1536 bytes of its stream are not
    /// used.
    explicit OutputCipher(ByteView key);
    ~OutputCipher();
    OutputCipher(OutputCipher&&) noexcept;
    OutputCipher& operator=(OutputCipher&&) noexcept;

    /// Enciphers the next bytes of the connection in place. They may be cut anywhere.
    void apply(std::span<std::uint8_t> bytes);

private:
    std::unique_ptr<crypto::Rc4> stream_;
};

} // namespace millrace::rtmp
