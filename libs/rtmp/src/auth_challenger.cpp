#include "auth_text.hpp"
#include <millrace/crypto/hash.hpp>
#include <millrace/rtmp/auth.hpp>

#include <algorithm>
#include <utility>

namespace millrace::rtmp {

namespace {

using Kind = AuthVerdict::Kind;

std::string text_of(std::string_view before, AuthScheme scheme, std::string_view query = {})
{
    return std::string{kAuthReject}
        .append(before)
        .append(kAuthModule)
        .append(name(scheme))
        .append(kAuthEnd)
        .append(query);
}

AuthVerdict refuse(AuthScheme scheme, std::string_view user, std::string query, std::string_view reason)
{
    return {Kind::refused, std::string{user}, text_of({}, scheme, "?reason=" + query), reason};
}

} // namespace

AuthVerdict AuthChallenger::judge(AuthScheme scheme, std::string_view app, std::string_view query,
                                  const PasswordOf& password_of, Clock::time_point now)
{
    while (!challenges_.empty() && challenges_.front().due <= now) {
        challenges_.pop_front();
    }
    const auto user = query_value(query, "user");
    if (user.empty() || query_value(query, "authmod") != name(scheme)) {
        return {Kind::challenged, {}, text_of(kNeedAuth, scheme), {}};
    }
    const auto password = user.size() > limits_.user_bytes ? std::nullopt : password_of(user);
    if (!password) {
        return refuse(scheme, user.substr(0, limits_.user_bytes), "nosuchuser", "no such user");
    }
    const auto response = query_value(query, "response");
    if (response.empty()) {
        return challenge(scheme, std::string{user}, now);
    }
    const bool adobe = scheme == AuthScheme::adobe;
    const auto key = query_value(query, adobe ? "opaque" : "nonce");
    const auto asked = take(scheme, user, key);
    const auto failed = "authfailed" + (adobe ? "&opaque=" + std::string{key} : std::string{});
    if (!asked) {
        return refuse(scheme, user, failed, "the challenge is unknown, was answered before, or is too old");
    }
    const auto expected =
        adobe ? adobe_response(user, *password, asked->salt, key.empty() ? asked->challenge : asked->key,
                               query_value(query, "challenge"))
              : llnw_response(user, *password,
                              {.app = app,
                               .nonce = asked->key,
                               .client_nonce = query_value(query, "cnonce"),
                               .count = query_value(query, "nc")});
    if (!crypto::equal_in_constant_time(as_bytes(response), as_bytes(expected))) {
        return refuse(scheme, user, failed, "wrong password");
    }
    return {Kind::accepted, std::string{user}, {}, {}};
}

AuthVerdict AuthChallenger::challenge(AuthScheme scheme, std::string user, Clock::time_point now)
{
    if (challenges_.size() >= limits_.challenges) {
        challenges_.pop_front();
    }
    auto& made =
        challenges_.emplace_back(Challenge{scheme, user, draw(), draw(), draw(), now + limits_.life});
    auto query = "?reason=needauth&user=" + user;
    if (scheme == AuthScheme::adobe) {
        query += "&salt=" + made.salt + "&challenge=" + made.challenge + "&opaque=" + made.key;
    } else {
        query += "&nonce=" + made.key;
    }
    return {Kind::challenged, std::move(user), text_of({}, scheme, query), {}};
}

/// A client that sends no key back has the newest challenge of its user.
std::optional<AuthChallenger::Challenge> AuthChallenger::take(AuthScheme scheme, std::string_view user,
                                                              std::string_view key)
{
    const bool any = key.empty() && scheme == AuthScheme::adobe;
    const auto found = std::find_if(challenges_.rbegin(), challenges_.rend(), [&](const Challenge& one) {
        return one.scheme == scheme && one.user == user && (any || one.key == key);
    });
    if (found == challenges_.rend()) {
        return std::nullopt;
    }
    auto taken = std::move(*found);
    challenges_.erase(std::next(found).base());
    return taken;
}

/// Hex digits: they need no escaping, and no client pads or decodes them.
std::string AuthChallenger::draw()
{
    std::array<std::uint8_t, 8> bytes{};
    random_(bytes);
    return hex(bytes);
}

} // namespace millrace::rtmp
