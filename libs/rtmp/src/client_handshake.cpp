#include "handshake_block.hpp"
#include "key_agreement.hpp"

#include <utility>

namespace millrace::rtmp {

namespace {

constexpr VersionBytes kPlayerVersionD8{9, 0, 0x7c, 2};   ///< What FFmpeg sends with this layout.
constexpr VersionBytes kPlayerVersionD772{0x80, 0, 3, 2}; ///< What rtmpdump sends with this one.

DigestLayout usable(DigestLayout layout, HandshakeVersion version)
{
    const bool needs_digest = version != HandshakeVersion::plain;
    return needs_digest && layout == DigestLayout::none ? DigestLayout::d772 : layout;
}

} // namespace

ClientHandshake::ClientHandshake(RandomFill random, DigestLayout layout, HandshakeVersion version)
    : layout_{usable(layout, version)}, version_{version}, random_{std::move(random)}
{
    begin();
}

ClientHandshake::~ClientHandshake() = default;
ClientHandshake::ClientHandshake(ClientHandshake&&) noexcept = default;
ClientHandshake& ClientHandshake::operator=(ClientHandshake&&) noexcept = default;

void ClientHandshake::begin()
{
    if (encrypted()) {
        auto drawn = draw_key_pair(random_);
        if (!drawn) {
            error_ = drawn.error();
            return;
        }
        own_ = std::make_unique<KeyPair>(*std::move(drawn));
    }
    output_.resize(1 + kHandshakeBlock);
    output_.front() = static_cast<std::uint8_t>(version_);
    const auto c1 = std::span{output_}.subspan(1);
    if (layout_ == DigestLayout::none) {
        return begin_block(c1, {}, random_);
    }
    begin_block(c1, layout_ == DigestLayout::d8 ? kPlayerVersionD8 : kPlayerVersionD772, random_);
    if (own_) {
        std::ranges::copy(own_->key, c1.subspan(key_offset(c1, layout_)).begin());
    }
    put_digest(c1, layout_, player_digest_key());
}

Result<std::size_t> ClientHandshake::feed(ByteView bytes)
{
    const std::size_t given = bytes.size();
    while (!bytes.empty() && step_ != Step::done && !error_) {
        switch (step_) {
        case Step::s0:
            take_version(bytes.front());
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

void ClientHandshake::take_version(std::uint8_t version)
{
    if (version >= kFirstNonVersion) {
        error_ = Error{Errc::not_rtmp, "RTMP 1.0 §5.2.2"};
    } else if (encrypted()) {
        if (const auto answered = rtmpe_version(version)) {
            version_ = *answered;
        } else {
            error_ = Error{Errc::not_encrypted, "RTMP 1.0 §5.2.2"};
        }
    }
    // Quirk: in answer to 3 any version is taken; servers that answer with another one still speak RTMP.
}

void ClientHandshake::answer()
{
    std::array<std::uint8_t, kDigestBytes> digest{};
    swf_challenge_ = swf_challenge_of(block_);
    if (layout_ != DigestLayout::none) {
        // The server may have answered with the simple handshake, or in the other layout.
        layout_ = encrypted() || claims_digest(block_) ? find_digest(block_, server_digest_key(), digest)
                                                       : DigestLayout::none;
    }
    if (own_) {
        conclude_keys();
    }
    if (error_) {
        return;
    }
    if (layout_ == DigestLayout::none) {
        output_.insert(output_.end(), block_.begin(), block_.end());
        return;
    }
    Bytes c2(kHandshakeBlock);
    random_(c2);
    sign(c2, player_key(), digest, version_);
    output_.insert(output_.end(), c2.begin(), c2.end());
}

/// RTMPE: what the server's key and ours come to.
void ClientHandshake::conclude_keys()
{
    if (layout_ == DigestLayout::none) {
        error_ = Error{Errc::no_digest, "RTMPE key agreement"};
        return;
    }
    const auto keys = conclude(*own_, key_of(block_, layout_));
    if (keys) {
        keys_ = *keys;
    } else {
        error_ = keys.error();
    }
    own_.reset();
}

Bytes ClientHandshake::take_output()
{
    return std::exchange(output_, {});
}

} // namespace millrace::rtmp
