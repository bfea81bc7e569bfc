// The RTMP handshake in both roles: simple, with digests, and with the key agreement of RTMPE (RTMP 1.0 §5.2;
// digests and keys are not in the specification).
#pragma once

#include <millrace/base/bytes.hpp>
#include <millrace/base/result.hpp>
#include <millrace/rtmp/error.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

namespace millrace::rtmp {

inline constexpr std::size_t kHandshakeBlock = 1536;

/// Where a digest block keeps its digest: the offset bytes stand at 8 or at 772.
enum class DigestLayout : std::uint8_t { none, d8, d772 };

/// Fills a span with bytes that nobody can guess. Passed in, so that conversations can be repeated exactly.
using RandomFill = std::function<void(std::span<std::uint8_t>)>;

struct KeyPair;

/// The version byte: what follows the handshake is plain, or enciphered (RTMPE). 8 and 9 also encipher the
/// signatures of C2 and S2, with XTEA and Blowfish.
enum class HandshakeVersion : std::uint8_t { plain = 3, rtmpe = 6, rtmpe_xtea = 8, rtmpe_blowfish = 9 };

/// What an RTMPE handshake agrees on: the keys of the two RC4 streams, seen from our side.
struct StreamKeys {
    std::array<std::uint8_t, 16> out{};
    std::array<std::uint8_t, 16> in{};
    friend bool operator==(const StreamKeys&, const StreamKeys&) = default;
};

/// The last 32 bytes of S1, with which a client proves its SWF file.
using SwfChallenge = std::array<std::uint8_t, 32>;

/// The server's side: C0 C1 C2 in (cut anywhere), S0 S1 S2 out. S0 S1 S2 come as one, as soon as C1 is whole:
/// FFmpeg and GStreamer send C2 only after S2.
class ServerHandshake {
public:
    /// With `encryption`, RTMPE is spoken with those who ask for it.
    explicit ServerHandshake(RandomFill random, bool encryption = false);

    /// Takes bytes from the front of `bytes` and says how many; what is left belongs to the chunk stream.
    /// Errors: not_rtmp (first byte of 32 and above), unsupported_version (RTMPE, which is not allowed here);
    /// of RTMPE no_digest, bad_public_key, no_key_agreed. An error is final and repeats.
    Result<std::size_t> feed(ByteView bytes);

    Bytes take_output();
    bool done() const { return step_ == Step::done; }
    DigestLayout layout() const { return layout_; } ///< What the client used; none for the simple handshake.
    /// True from the first byte on when the client asked for RTMPE and may have it.
    bool encrypted() const { return version_ != HandshakeVersion::plain; }
    /// There once S0 S1 S2 are made, when encrypted().
    const std::optional<StreamKeys>& keys() const { return keys_; }
    /// Of the S1 that was sent.
    const SwfChallenge& swf_challenge() const { return swf_challenge_; }

private:
    enum class Step : std::uint8_t { c0, c1, c2, done };
    void take_version(std::uint8_t version);
    void answer();
    void put_key(std::span<std::uint8_t> s1);

    RandomFill random_;
    Step step_ = Step::c0;
    bool encryption_ = false;
    bool digests_ = true; ///< The client may use the digest handshake.
    DigestLayout layout_ = DigestLayout::none;
    HandshakeVersion version_ = HandshakeVersion::plain;
    std::size_t skipped_ = 0; ///< Of C2.
    Bytes block_;             ///< C1 while it is not whole.
    Bytes output_;
    std::optional<StreamKeys> keys_;
    SwfChallenge swf_challenge_{};
    std::optional<Error> error_;
};

/// The client's side: C0 C1 out at once, S0 S1 S2 in, C2 out as soon as S1 is in.
class ClientHandshake {
public:
    /// With `layout` none the handshake is simple; RTMPE then uses d772, as other clients do.
    explicit ClientHandshake(RandomFill random, DigestLayout layout = DigestLayout::d8,
                             HandshakeVersion version = HandshakeVersion::plain);
    ~ClientHandshake();
    ClientHandshake(ClientHandshake&&) noexcept;
    ClientHandshake& operator=(ClientHandshake&&) noexcept;

    /// As ServerHandshake::feed. A server that answers a digest handshake with the simple one is followed;
    /// one that answers RTMPE with another version of RTMPE, too; one that answers it with plain RTMP is not.
    /// Errors: not_rtmp; of RTMPE not_encrypted, no_digest, bad_public_key, no_key_agreed. An error is final
    /// and repeats.
    Result<std::size_t> feed(ByteView bytes);

    Bytes take_output();
    bool done() const { return step_ == Step::done; }
    /// Ours until S1 is in, then what the server answered with.
    DigestLayout layout() const { return layout_; }
    bool encrypted() const { return version_ != HandshakeVersion::plain; } ///< Whether we asked for RTMPE.
    /// There once C2 is made, when encrypted().
    const std::optional<StreamKeys>& keys() const { return keys_; }
    /// Of the S1 that came.
    const SwfChallenge& swf_challenge() const { return swf_challenge_; }

private:
    enum class Step : std::uint8_t { s0, s1, s2, done };
    void begin();
    void take_version(std::uint8_t version);
    void answer();
    void conclude_keys();

    DigestLayout layout_;
    HandshakeVersion version_;
    Step step_ = Step::s0;
    std::size_t skipped_ = 0; ///< Of S2.
    Bytes block_;             ///< S1 while it is not whole.
    Bytes output_;
    RandomFill random_;
    std::unique_ptr<KeyPair> own_; ///< Of RTMPE, until the keys are agreed on.
    std::optional<StreamKeys> keys_;
    SwfChallenge swf_challenge_{};
    std::optional<Error> error_;
};

/// The place and value of the digest in a block that has one; layout none when neither place verifies.
/// `key` is the first 30 bytes of the player's key for C1, the first 36 of the server's for S1.
/// Expects: a whole block.
DigestLayout find_digest(ByteView block, ByteView key, std::array<std::uint8_t, 32>& digest);

} // namespace millrace::rtmp
