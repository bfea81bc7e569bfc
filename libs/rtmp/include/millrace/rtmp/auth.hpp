// Challenge authentication of publishers by user and password, as Adobe's and Limelight's servers do it
// inside of connect (not in the specification).
#pragma once

#include <millrace/base/clock.hpp>
#include <millrace/base/result.hpp>
#include <millrace/rtmp/handshake.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::rtmp {

/// Both take three connections: one that is told to authenticate, one that is given a challenge, one that
/// answers it.
enum class AuthScheme : std::uint8_t { adobe, llnw };

std::string_view name(AuthScheme scheme); ///< "adobe".

/// What becomes of a connect.
struct AuthVerdict {
    enum class Kind : std::uint8_t { accepted, challenged, refused };
    Kind kind = Kind::refused;
    std::string user;        ///< Who it is, or claims to be; empty while that was not said.
    std::string description; ///< For reject_connect, to the letter; empty when accepted.
    std::string_view reason; ///< Refused: why, for a log.
};

/// The server's side: connects in, verdicts out. A challenge may be answered once, within its life, on any
/// connection; so one challenger serves all connections, behind a lock of its owner.
class AuthChallenger {
public:
    struct Limits {
        std::size_t challenges = 1024; ///< Outstanding; the oldest makes room for a new one.
        std::chrono::seconds life{60};
        std::size_t user_bytes = 64; ///< Longer names are nobody's.
    };
    /// The password of a user; none when there is no such user.
    using PasswordOf = std::function<std::optional<std::string>(std::string_view user)>;

    explicit AuthChallenger(RandomFill random) : AuthChallenger{std::move(random), Limits{}} {}
    AuthChallenger(RandomFill random, Limits limits) : random_{std::move(random)}, limits_{limits} {}

    /// Judges one connect by its application and the query of app and tcUrl.
    AuthVerdict judge(AuthScheme scheme, std::string_view app, std::string_view query,
                      const PasswordOf& password_of, Clock::time_point now);

    std::size_t outstanding() const { return challenges_.size(); }

private:
    struct Challenge {
        AuthScheme scheme = {};
        std::string user;
        std::string key;       ///< What the client sends back: adobe the opaque, llnw the nonce.
        std::string salt;      ///< adobe.
        std::string challenge; ///< adobe.
        Clock::time_point due;
    };

    AuthVerdict challenge(AuthScheme scheme, std::string user, Clock::time_point now);
    /// Takes the challenge that is answered out of the outstanding ones.
    std::optional<Challenge> take(AuthScheme scheme, std::string_view user, std::string_view key);
    std::string draw();

    RandomFill random_;
    Limits limits_;
    std::deque<Challenge> challenges_; ///< The oldest first.
};

/// The client's side: descriptions of refusals in, what to connect with next out.
class AuthResponder {
public:
    AuthResponder(std::string user, std::string password, RandomFill random);

    /// What to append to the app and to the tcUrl of the next connection: "?authmod=adobe&user=u1".
    /// Expects: an app without a query.
    /// Errors: refused (the refusal asks for no authentication that we know), auth_failed, no_such_user.
    Result<std::string> answer(std::string_view description, std::string_view app);

private:
    std::string user_;
    std::string password_;
    RandomFill random_;
    bool named_ = false;    ///< We have said who we are.
    bool answered_ = false; ///< We have answered a challenge.
};

/// The value of a key in "a=1&b=2": nothing is decoded, the value begins behind the first '='; of several the
/// first. Empty when there is none.
std::string_view query_value(std::string_view query, std::string_view key);

/// What an adobe client answers: Base64 of MD5. `opaque` is the server's, or its challenge when it gave none.
std::string adobe_response(std::string_view user, std::string_view password, std::string_view salt,
                           std::string_view opaque, std::string_view client_challenge);

/// What an llnw client answers: HTTP digest (RFC 2617 §3.2.2) of a "publish" in the realm "live", in hex.
struct LlnwAnswer {
    std::string_view app; ///< Without a query.
    std::string_view nonce;
    std::string_view client_nonce;
    std::string_view count = "00000001";
};
std::string llnw_response(std::string_view user, std::string_view password, const LlnwAnswer& answer);

} // namespace millrace::rtmp
