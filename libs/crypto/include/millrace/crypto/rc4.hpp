// The RC4 stream cipher, for old protocols that are built on it. It protects nothing by itself any more.
#pragma once

#include <millrace/base/bytes.hpp>

#include <array>

namespace millrace::crypto {

/// Enciphers and deciphers a stream of bytes in place; the same bytes come out however the stream is cut.
///
/// Written here because OpenSSL 3 keeps RC4 in a provider that a machine need not have.
class Rc4 {
public:
    /// Expects: a key of 1 to 256 bytes.
    explicit Rc4(ByteView key);

    /// Enciphers, or deciphers, the next bytes of the stream.
    void apply(std::span<std::uint8_t> bytes);
    /// Goes over so many bytes of the stream.
    void skip(std::size_t count);

private:
    std::uint8_t next();

    std::array<std::uint8_t, 256> state_{};
    std::uint8_t i_ = 0;
    std::uint8_t j_ = 0;
};

} // namespace millrace::crypto
