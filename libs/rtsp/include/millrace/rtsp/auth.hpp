// Who somebody is: Basic and Digest, in both roles (RFC 7617, RFC 2069, RFC 7616).
#pragma once

#include <millrace/base/bytes.hpp>
#include <millrace/rtsp/message.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::rtsp {

enum class HashKind : std::uint8_t { md5, sha256 };

/// The hexadecimal hash of a text, in small letters.
std::string hex_hash(HashKind kind, std::string_view text);

/// All that a response to a challenge is made of.
struct DigestInput {
    HashKind hash = HashKind::md5;
    std::string_view user;
    std::string_view realm;
    std::string_view password;
    std::string_view method;
    std::string_view uri;
    std::string_view nonce;
    std::string_view qop; ///< Empty: the form of RFC 2069.
    std::string_view nc;
    std::string_view cnonce;
};
std::string digest_response(const DigestInput& input);

/// What a server asks for (WWW-Authenticate).
struct Challenge {
    bool digest = false; ///< Else Basic.
    std::string realm;
    std::string nonce;
    std::string opaque;
    HashKind hash = HashKind::md5;
    bool known = true;     ///< The scheme and the algorithm are ones that we can do.
    bool qop_auth = false; ///< Offers qop=auth.
    bool stale = false;
};
Challenge read_challenge(std::string_view text);
std::string write(const Challenge& challenge);

/// What a client says (Authorization).
struct Credentials {
    bool digest = false;
    std::string user;
    std::string password; ///< Of Basic.
    std::string realm;
    std::string nonce;
    std::string uri;
    std::string response;
    std::string algorithm;
    std::string qop;
    std::string nc;
    std::string cnonce;
};
/// None: another scheme, or nothing that can be read.
std::optional<Credentials> read_credentials(std::string_view text);

/// The header's value that answers the strongest challenge that we can do; empty when there is none.
/// `cnonce`: random, for challenges with a qop; `uses`: how often the nonce was used, from 1.
std::string authorize(const std::vector<Challenge>& challenges, std::string_view user,
                      std::string_view password, std::string_view method, std::string_view uri,
                      std::string_view cnonce, unsigned uses);

/// The server's side: challenges that need no memory, since a nonce says itself when it was made and for
/// whom. May be used by all threads.
class Authenticator {
public:
    using Wall = std::chrono::seconds; ///< Since 1970.
    struct Options {
        std::string realm = "Millrace";
        bool basic = false;
        bool sha256 = true;
        std::chrono::seconds nonce_life{60};
        std::chrono::seconds grace{30}; ///< For requests that were on their way.
    };
    enum class Verdict : std::uint8_t {
        accepted,
        missing, ///< No credentials: not a failed attempt.
        stale,   ///< Right, but of a nonce that is too old.
        wrong,
    };
    struct Judgement {
        Verdict verdict = Verdict::missing;
        std::string user; ///< Who it is, or claims to be.
    };
    using PasswordOf = std::function<std::optional<std::string>(std::string_view user)>;

    /// `key`: random, 32 bytes.
    Authenticator(Bytes key, Options options) : key_{std::move(key)}, options_{std::move(options)} {}

    /// The values of WWW-Authenticate, in the order in which real clients need them: SHA-256, MD5, Basic.
    std::vector<std::string> challenges(std::string_view peer, Wall now, bool stale) const;

    /// `peer`: the address, without port, so that a nonce is good on another connection of the same peer.
    Judgement judge(std::string_view method, std::string_view uri, std::string_view authorization,
                    std::string_view peer, Wall now, const PasswordOf& password_of) const;

private:
    std::string nonce(std::string_view peer, Wall at) const;
    std::optional<Wall> age(std::string_view nonce, std::string_view peer, Wall now) const;

    Bytes key_;
    Options options_;
};

/// Whether a digest's uri may stand for a request's: the same, its path alone, the base with or without its
/// last slash, or the presentation of a track.
bool may_stand_for(std::string_view digest_uri, std::string_view request_uri);

/// Decodes Base64 that comes in quanta, each perhaps padded and more behind it, with line ends anywhere
/// (RTSP in HTTP).
class Base64Reader {
public:
    /// Appends what the text gives to `out`. False: something that is not Base64, for good.
    bool feed(ByteView text, Bytes& out);

private:
    std::uint32_t quantum_ = 0;
    unsigned count_ = 0;   ///< Characters of the quantum.
    unsigned padding_ = 0; ///< Of them '='.
    bool failed_ = false;
};

} // namespace millrace::rtsp
