#include "handshake_block.hpp"
#include "key_agreement.hpp"

#include <utility>

namespace millrace::rtmp {

namespace {

constexpr VersionBytes kServerVersion{5, 0, 1, 1};

} // namespace

ServerHandshake::ServerHandshake(RandomFill random, bool encryption)
    : random_{std::move(random)}, encryption_{encryption}
{
}

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
            if (skip_block(skipped_, bytes)) {
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
    } else if (const auto rtmpe = rtmpe_version(version)) {
        if (encryption_) {
            version_ = *rtmpe;
        } else {
            error_ = Error{Errc::unsupported_version, "RTMP 1.0 §5.2.2"};
        }
    }
    // Quirk: versions other than 3 are answered with 3 and the simple handshake (RTMP 1.0 §5.2.2).
    digests_ = encrypted() || version == static_cast<std::uint8_t>(HandshakeVersion::plain);
    step_ = Step::c1;
}

void ServerHandshake::answer()
{
    std::array<std::uint8_t, kDigestBytes> digest{};
    if (digests_ && (encrypted() || claims_digest(block_))) {
        layout_ = find_digest(block_, player_digest_key(), digest);
    }
    Bytes out(1 + 2 * kHandshakeBlock);
    out.front() = static_cast<std::uint8_t>(version_);
    const auto s1 = std::span{out}.subspan(1, kHandshakeBlock);
    const auto s2 = std::span{out}.subspan(1 + kHandshakeBlock);
    if (layout_ == DigestLayout::none) {
        begin_block(s1, {}, random_);
        std::ranges::copy(block_, s2.begin());
    } else {
        begin_block(s1, kServerVersion, random_);
        // Quirk: FFmpeg, when it publishes over RTMPE, looks for the server's key in layout D8 only.
        const auto layout = encrypted() ? DigestLayout::d8 : layout_;
        put_key(s1);
        put_digest(s1, layout, server_digest_key());
        random_(s2);
        sign(s2, server_key(), digest, version_);
    }
    swf_challenge_ = swf_challenge_of(s1);
    if (encrypted() && !keys_ && !error_) {
        error_ = Error{Errc::no_digest, "RTMPE key agreement"};
    }
    if (!error_) {
        output_ = std::move(out);
    }
}

/// RTMPE: our part of the key agreement.
void ServerHandshake::put_key(std::span<std::uint8_t> s1)
{
    if (!encrypted()) {
        return;
    }
    const auto agreed = agree(key_of(block_, layout_), random_);
    if (!agreed) {
        error_ = agreed.error();
        return;
    }
    std::ranges::copy(agreed->key, s1.subspan(key_offset(s1, DigestLayout::d8)).begin());
    keys_ = agreed->streams;
}

Bytes ServerHandshake::take_output()
{
    return std::exchange(output_, {});
}

} // namespace millrace::rtmp
