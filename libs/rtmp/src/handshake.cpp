#include "digest_block.hpp"
#include <millrace/rtmp/handshake.hpp>

#include <algorithm>
#include <utility>

namespace millrace::rtmp {

namespace {

constexpr std::uint8_t kVersion = 3;
constexpr std::uint8_t kFirstNonVersion = 32; ///< From here on the byte may begin a text protocol or TLS.
constexpr std::array<std::uint8_t, 3> kEncryptedVersions{6, 8, 9};

/// Bytes 4 to 7 of a block: zero says simple, a version says that there is a digest. FFmpeg looks for one
/// when the first of them is 3 or more.
using VersionBytes = std::array<std::uint8_t, 4>;
constexpr VersionBytes kServerVersion{5, 0, 1, 1};
constexpr VersionBytes kPlayerVersionD8{9, 0, 0x7c, 2};   ///< What FFmpeg sends with this layout.
constexpr VersionBytes kPlayerVersionD772{0x80, 0, 3, 2}; ///< What rtmpdump sends with this one.

// block := time:u32 version:u32 random:u8*1528
void begin_block(std::span<std::uint8_t> block, VersionBytes version, const RandomFill& random)
{
    random(block.subspan(8));
    std::ranges::fill(block.first(4), std::uint8_t{0});
    std::ranges::copy(version, block.subspan(4).begin());
}

bool claims_digest(ByteView block)
{
    return std::ranges::any_of(block.subspan(4, 4), [](std::uint8_t byte) { return byte != 0; });
}

/// Moves what is missing of a block from the front of `bytes`; true when the block is whole.
bool collect(Bytes& block, ByteView& bytes)
{
    const std::size_t count = std::min(kHandshakeBlock - block.size(), bytes.size());
    block.insert(block.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
    bytes = bytes.subspan(count);
    return block.size() == kHandshakeBlock;
}

/// The same for a block of which nothing is kept.
bool skip(std::size_t& skipped, ByteView& bytes)
{
    const std::size_t count = std::min(kHandshakeBlock - skipped, bytes.size());
    skipped += count;
    bytes = bytes.subspan(count);
    return skipped == kHandshakeBlock;
}

/// Lets the memory go, too: a session lives for hours after its handshake.
void drop(Bytes& block)
{
    Bytes{}.swap(block);
}

} // namespace

ServerHandshake::ServerHandshake(RandomFill random) : random_{std::move(random)} {}

Result<std::size_t> ServerHandshake::feed(ByteView bytes)
{
    const std::size_t given = bytes.size();
    while (!bytes.empty() && step_ != Step::done && !error_) {
        switch (step_) {
        case Step::c0:
            take_version(bytes.front());
            bytes = bytes.subspan(1);
            break;
        case Step::c1:
            if (collect(block_, bytes)) {
                answer();
                drop(block_);
                step_ = Step::c2;
            }
            break;
        case Step::c2:
            // Quirk: C2 is not looked at. FFmpeg echoes S1 even after a digest, GStreamer changes the echo.
            if (skip(skipped_, bytes)) {
                step_ = Step::done;
            }
            break;
        case Step::done: break;
        }
    }
    if (error_) {
        return Unexpected{*error_};
    }
    return given - bytes.size();
}

void ServerHandshake::take_version(std::uint8_t version)
{
    if (version >= kFirstNonVersion) {
        error_ = Error{Errc::not_rtmp, "RTMP 1.0 §5.2.2"};
    } else if (std::ranges::find(kEncryptedVersions, version) != kEncryptedVersions.end()) {
        error_ = Error{Errc::unsupported_version, "RTMP 1.0 §5.2.2"};
    }
    version_ = version;
    step_ = Step::c1;
}

void ServerHandshake::answer()
{
    std::array<std::uint8_t, kDigestBytes> digest{};
    // Quirk: versions other than 3 are answered with 3 and the simple handshake (RTMP 1.0 §5.2.2).
    if (version_ == kVersion && claims_digest(block_)) {
        layout_ = find_digest(block_, player_digest_key(), digest);
    }
    output_.resize(1 + 2 * kHandshakeBlock);
    output_.front() = kVersion;
    const auto s1 = std::span{output_}.subspan(1, kHandshakeBlock);
    const auto s2 = std::span{output_}.subspan(1 + kHandshakeBlock);
    if (layout_ == DigestLayout::none) {
        begin_block(s1, {}, random_);
        std::ranges::copy(block_, s2.begin());
    } else {
        begin_block(s1, kServerVersion, random_);
        put_digest(s1, layout_, server_digest_key());
        random_(s2);
        sign(s2, server_key(), digest);
    }
}

Bytes ServerHandshake::take_output()
{
    return std::exchange(output_, {});
}

ClientHandshake::ClientHandshake(RandomFill random, DigestLayout layout)
    : layout_{layout}, random_{std::move(random)}
{
    output_.resize(1 + kHandshakeBlock);
    output_.front() = kVersion;
    const auto c1 = std::span{output_}.subspan(1);
    if (layout_ == DigestLayout::none) {
        begin_block(c1, {}, random_);
    } else {
        begin_block(c1, layout_ == DigestLayout::d8 ? kPlayerVersionD8 : kPlayerVersionD772, random_);
        put_digest(c1, layout_, player_digest_key());
    }
}

Result<std::size_t> ClientHandshake::feed(ByteView bytes)
{
    const std::size_t given = bytes.size();
    while (!bytes.empty() && step_ != Step::done && !error_) {
        switch (step_) {
        case Step::s0:
            // Quirk: any version is taken; servers that answer with another one still speak RTMP.
            if (bytes.front() >= kFirstNonVersion) {
                error_ = Error{Errc::not_rtmp, "RTMP 1.0 §5.2.2"};
            }
            bytes = bytes.subspan(1);
            step_ = Step::s1;
            break;
        case Step::s1:
            if (collect(block_, bytes)) {
                answer();
                drop(block_);
                step_ = Step::s2;
            }
            break;
        case Step::s2:
            // Quirk: S2 is not looked at. Servers send random bytes, or an echo with another time.
            if (skip(skipped_, bytes)) {
                step_ = Step::done;
            }
            break;
        case Step::done: break;
        }
    }
    if (error_) {
        return Unexpected{*error_};
    }
    return given - bytes.size();
}

void ClientHandshake::answer()
{
    std::array<std::uint8_t, kDigestBytes> digest{};
    if (layout_ != DigestLayout::none) {
        // The server may have answered with the simple handshake, or in the other layout.
        layout_ =
            claims_digest(block_) ? find_digest(block_, server_digest_key(), digest) : DigestLayout::none;
    }
    if (layout_ == DigestLayout::none) {
        output_.insert(output_.end(), block_.begin(), block_.end());
        return;
    }
    Bytes c2(kHandshakeBlock);
    random_(c2);
    sign(c2, player_key(), digest);
    output_.insert(output_.end(), c2.begin(), c2.end());
}

Bytes ClientHandshake::take_output()
{
    return std::exchange(output_, {});
}

} // namespace millrace::rtmp
