// What both sides do with the blocks of a handshake.
#pragma once

#include "digest_block.hpp"

#include <algorithm>

namespace millrace::rtmp {

/// From here on the first byte may begin a text protocol or TLS (RTMP 1.0 §5.2.2).
inline constexpr std::uint8_t kFirstNonVersion = 32;

/// Bytes 4 to 7 of a block: zero says simple, a version says that there is a digest. FFmpeg looks for one
/// when the first of them is 3 or more.
using VersionBytes = std::array<std::uint8_t, 4>;

// block := time:u32 version:u32 random:u8*1528
inline void begin_block(std::span<std::uint8_t> block, VersionBytes version, const RandomFill& random)
{
    random(block.subspan(8));
    std::ranges::fill(block.first(4), std::uint8_t{0});
    std::ranges::copy(version, block.subspan(4).begin());
}

/// Whether the block's sender says that it has a digest.
inline bool claims_digest(ByteView block)
{
    return std::ranges::any_of(block.subspan(4, 4), [](std::uint8_t byte) { return byte != 0; });
}

/// The end of an S1.
inline SwfChallenge swf_challenge_of(ByteView block)
{
    SwfChallenge challenge{};
    std::ranges::copy(block.last(challenge.size()), challenge.begin());
    return challenge;
}

/// Moves what is missing of a block from the front of `bytes`; true when the block is whole.
inline bool collect(Bytes& block, ByteView& bytes)
{
    const std::size_t count = std::min(kHandshakeBlock - block.size(), bytes.size());
    block.insert(block.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
    bytes = bytes.subspan(count);
    return block.size() == kHandshakeBlock;
}

/// The same for a block of which nothing is kept.
inline bool skip_block(std::size_t& skipped, ByteView& bytes)
{
    const std::size_t count = std::min(kHandshakeBlock - skipped, bytes.size());
    skipped += count;
    bytes = bytes.subspan(count);
    return skipped == kHandshakeBlock;
}

/// Lets the memory go, too: a session lives for hours after its handshake.
inline void drop(Bytes& block)
{
    Bytes{}.swap(block);
}

} // namespace millrace::rtmp
