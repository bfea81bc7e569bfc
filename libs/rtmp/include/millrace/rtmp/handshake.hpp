// The RTMP handshake in both roles, simple and with digests (RTMP 1.0 §5.2; the digests are not in the
// specification).
#pragma once

#include <millrace/base/bytes.hpp>
#include <millrace/base/result.hpp>
#include <millrace/rtmp/error.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

namespace millrace::rtmp {

inline constexpr std::size_t kHandshakeBlock = 1536;

/// Where a digest block keeps its digest: the offset bytes stand at 8 or at 772.
enum class DigestLayout : std::uint8_t { none, d8, d772 };

/// Fills a span with bytes that nobody can guess. Passed in, so that conversations can be repeated exactly.
using RandomFill = std::function<void(std::span<std::uint8_t>)>;

/// The server's side: C0 C1 C2 in (cut anywhere), S0 S1 S2 out. S0 S1 S2 come as one, as soon as C1 is whole:
/// FFmpeg and GStreamer send C2 only after S2.
class ServerHandshake {
public:
    explicit ServerHandshake(RandomFill random);

    /// Takes bytes from the front of `bytes` and says how many; what is left belongs to the chunk stream.
    /// Errors: not_rtmp (first byte of 32 and above), unsupported_version (6, 8, 9). An error is final and
    /// repeats.
    Result<std::size_t> feed(ByteView bytes);

    Bytes take_output();
    bool done() const { return step_ == Step::done; }
    DigestLayout layout() const { return layout_; } ///< What the client used; none for the simple handshake.

private:
    enum class Step : std::uint8_t { c0, c1, c2, done };
    void take_version(std::uint8_t version);
    void answer();

    RandomFill random_;
    Step step_ = Step::c0;
    DigestLayout layout_ = DigestLayout::none;
    std::uint8_t version_ = 0;
    std::size_t skipped_ = 0; ///< Of C2.
    Bytes block_;             ///< C1 while it is not whole.
    Bytes output_;
    std::optional<Error> error_;
};

/// The client's side: C0 C1 out at once, S0 S1 S2 in, C2 out as soon as S1 is in.
class ClientHandshake {
public:
    /// With `layout` none the handshake is simple.
    ClientHandshake(RandomFill random, DigestLayout layout = DigestLayout::d8);

    /// As ServerHandshake::feed. A server that answers a digest handshake with the simple one is followed.
    /// Errors: not_rtmp. An error is final and repeats.
    Result<std::size_t> feed(ByteView bytes);

    Bytes take_output();
    bool done() const { return step_ == Step::done; }
    DigestLayout layout() const
    {
        return layout_;
    } ///< Ours until S1 is in, then what the server answered with.

private:
    enum class Step : std::uint8_t { s0, s1, s2, done };
    void answer();

    DigestLayout layout_;
    Step step_ = Step::s0;
    std::size_t skipped_ = 0; ///< Of S2.
    Bytes block_;             ///< S1 while it is not whole.
    Bytes output_;
    RandomFill random_;
    std::optional<Error> error_;
};

/// The place and value of the digest in a block that has one; layout none when neither place verifies.
/// `key` is the first 30 bytes of the player's key for C1, the first 36 of the server's for S1.
/// Expects: a whole block.
DigestLayout find_digest(ByteView block, ByteView key, std::array<std::uint8_t, 32>& digest);

} // namespace millrace::rtmp
