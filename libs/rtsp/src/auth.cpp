#include "auth_text.hpp"
#include <millrace/crypto/base64.hpp>
#include <millrace/crypto/hash.hpp>
#include <millrace/rtsp/auth.hpp>
#include <millrace/rtsp/url.hpp>

#include <algorithm>

namespace millrace::rtsp {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

std::string hash(HashKind kind, std::initializer_list<std::string_view> parts)
{
    std::string text;
    for (const auto* part = parts.begin(); part != parts.end(); ++part) {
        text.append(part == parts.begin() ? "" : ":").append(*part);
    }
    return hex_hash(kind, text);
}

std::string nc_of(unsigned uses)
{
    std::string digits(8, '0');
    for (std::size_t i = 8; i-- > 0; uses >>= 4U) {
        digits[i] = kHex[uses & 15U];
    }
    return digits;
}

} // namespace

std::string hex(ByteView bytes)
{
    std::string text;
    for (const auto byte : bytes) {
        text.push_back(kHex[byte >> 4U]);
        text.push_back(kHex[byte & 15U]);
    }
    return text;
}

std::string hex_hash(HashKind kind, std::string_view text)
{
    return kind == HashKind::md5 ? hex(crypto::md5(as_bytes(text))) : hex(crypto::sha256(as_bytes(text)));
}

// RFC 2069 §2.1.2 without qop, RFC 7616 §3.4.1 with it.
std::string digest_response(const DigestInput& in)
{
    const auto ha1 = hash(in.hash, {in.user, in.realm, in.password});
    const auto ha2 = hash(in.hash, {in.method, in.uri});
    return in.qop.empty() ? hash(in.hash, {ha1, in.nonce, ha2})
                          : hash(in.hash, {ha1, in.nonce, in.nc, in.cnonce, in.qop, ha2});
}

std::string authorize(const std::vector<Challenge>& challenges, std::string_view user,
                      std::string_view password, std::string_view method, std::string_view uri,
                      std::string_view cnonce, unsigned uses)
{
    const Challenge* best = nullptr;
    const auto rank = [](const Challenge& challenge) {
        return !challenge.digest ? 0 : challenge.hash == HashKind::md5 ? 1 : 2;
    };
    for (const auto& challenge : challenges) {
        if (challenge.known && (best == nullptr || rank(challenge) > rank(*best))) {
            best = &challenge;
        }
    }
    if (best == nullptr) {
        return {};
    }
    if (!best->digest) {
        return "Basic " + crypto::base64(as_bytes(std::string{user} + ":" + std::string{password}));
    }
    const auto nc = nc_of(uses);
    DigestInput input{.hash = best->hash,
                      .user = user,
                      .realm = best->realm,
                      .password = password,
                      .method = method,
                      .uri = uri,
                      .nonce = best->nonce};
    if (best->qop_auth) {
        input.qop = "auth";
        input.nc = nc;
        input.cnonce = cnonce;
    }
    std::string text = "Digest username=" + quote(user) + ", realm=" + quote(best->realm) +
                       ", nonce=" + quote(best->nonce) + ", uri=" + quote(uri) +
                       ", response=" + quote(digest_response(input));
    if (best->hash == HashKind::sha256) {
        text += ", algorithm=SHA-256";
    }
    if (best->qop_auth) {
        text += ", qop=auth, nc=" + nc + ", cnonce=" + quote(cnonce);
    }
    if (!best->opaque.empty()) {
        text += ", opaque=" + quote(best->opaque);
    }
    return text;
}

bool may_stand_for(std::string_view digest_uri, std::string_view request_uri)
{
    const auto plain = [](std::string_view uri) {
        const auto scheme = uri.find("://");
        auto path = scheme == std::string_view::npos
                        ? uri
                        : uri.substr(std::min(uri.find('/', scheme + 3), uri.size()));
        while (path.ends_with('/')) {
            path.remove_suffix(1);
        }
        return path;
    };
    const auto digest = plain(digest_uri);
    const auto request = plain(request_uri);
    // Quirk: Grandstream and live555 hash the base URL, also for a track; others the path alone. What counts
    // is that it is about the same presentation.
    const auto base = digest.substr(0, digest.find('?'));
    return digest == request || request.starts_with(base);
}

std::string Authenticator::nonce(std::string_view peer, Wall at) const
{
    const auto time = std::to_string(at.count());
    const auto mac = crypto::hmac_sha256(key_, as_bytes(time + "/" + std::string{peer}));
    return time + "-" + hex(ByteView{mac}.first(12));
}

std::optional<Authenticator::Wall> Authenticator::age(std::string_view text, std::string_view peer,
                                                      Wall now) const
{
    std::int64_t made = 0;
    for (const char c : text.substr(0, std::min(text.find('-'), std::size_t{12}))) {
        if (c < '0' || c > '9') {
            return std::nullopt;
        }
        made = made * 10 + (c - '0');
    }
    const auto ours = nonce(peer, Wall{made});
    if (!crypto::equal_in_constant_time(as_bytes(ours), as_bytes(text))) {
        return std::nullopt;
    }
    return now - Wall{made};
}

std::vector<std::string> Authenticator::challenges(std::string_view peer, Wall now, bool stale) const
{
    const auto fresh = nonce(peer, now);
    std::vector<std::string> all;
    // Quirk: ffmpeg 5.1 gives up when SHA-256 comes behind MD5, or alone.
    for (const auto kind : {HashKind::sha256, HashKind::md5}) {
        if (kind == HashKind::md5 || options_.sha256) {
            all.push_back(write(Challenge{
                .digest = true, .realm = options_.realm, .nonce = fresh, .hash = kind, .stale = stale}));
        }
    }
    if (options_.basic) {
        all.push_back(write(Challenge{.realm = options_.realm}));
    }
    return all;
}

Authenticator::Judgement Authenticator::judge(std::string_view method, std::string_view uri,
                                              std::string_view authorization, std::string_view peer, Wall now,
                                              const PasswordOf& password_of) const
{
    const auto given = read_credentials(authorization);
    // Quirk: some VMS clients send credentials with an empty user before they were asked.
    if (!given || given->user.empty()) {
        return {};
    }
    Judgement judgement{Verdict::wrong, given->user};
    auto password = password_of(given->user);
    if (!password) {
        // Quirk: a user that stood percent-encoded in a URL comes so from some players.
        judgement.user = percent_decode(given->user);
        password = password_of(judgement.user);
    }
    if (!given->digest) {
        const bool right = options_.basic && password &&
                           crypto::equal_in_constant_time(as_bytes(*password), as_bytes(given->password));
        judgement.verdict = right ? Verdict::accepted : Verdict::wrong;
        return judgement;
    }
    const auto old = age(given->nonce, peer, now);
    if (!old) {
        judgement.verdict = Verdict::stale; // Not ours, or of a former life of this server.
        return judgement;
    }
    const auto kind = same_name(given->algorithm, "SHA-256") ? HashKind::sha256 : HashKind::md5;
    const auto expected = digest_response({.hash = kind,
                                           .user = given->user,
                                           .realm = given->realm,
                                           .password = password ? std::string_view{*password} : "",
                                           .method = method,
                                           .uri = given->uri,
                                           .nonce = given->nonce,
                                           .qop = given->qop,
                                           .nc = given->nc,
                                           .cnonce = given->cnonce});
    const bool same = crypto::equal_in_constant_time(as_bytes(expected), as_bytes(given->response));
    if (password && same && given->realm == options_.realm && may_stand_for(given->uri, uri)) {
        judgement.verdict = *old > options_.nonce_life + options_.grace ? Verdict::stale : Verdict::accepted;
    }
    return judgement;
}

} // namespace millrace::rtsp
