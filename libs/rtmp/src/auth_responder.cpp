#include "auth_text.hpp"
#include <millrace/rtmp/auth.hpp>

#include <algorithm>
#include <utility>

namespace millrace::rtmp {

namespace {

std::optional<AuthScheme> scheme_of(std::string_view description)
{
    const auto at = description.find(kAuthModule);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    const auto rest = description.substr(at + kAuthModule.size());
    const auto module = rest.substr(0, rest.find_first_of(" ];"));
    for (const auto scheme : {AuthScheme::adobe, AuthScheme::llnw}) {
        if (module == name(scheme)) {
            return scheme;
        }
    }
    return std::nullopt;
}

/// What follows the question mark of a description.
std::string_view query_of(std::string_view description)
{
    const auto at = description.find(kReason);
    if (at == std::string_view::npos) {
        return {};
    }
    const auto query = description.substr(at + 1);
    return query.substr(0, query.find_first_of(" \r\n\t"));
}

} // namespace

AuthResponder::AuthResponder(std::string user, std::string password, RandomFill random)
    : user_{std::move(user)}, password_{std::move(password)}, random_{std::move(random)}
{
}

Result<std::string> AuthResponder::answer(std::string_view description, std::string_view app)
{
    const auto scheme = scheme_of(description);
    if (!scheme) {
        return Unexpected{Errc::refused};
    }
    const auto query = query_of(description);
    const auto reason = query_value(query, "reason");
    if (reason == "nosuchuser") {
        return Unexpected{Errc::no_such_user};
    }
    const bool asks_who = reason.empty() && description.find(kNeedAuth) != std::string_view::npos;
    if (answered_ || (asks_who && named_) || (!asks_who && reason != "needauth")) {
        return Unexpected{Errc::auth_failed};
    }
    auto suffix = std::string{"?authmod="}.append(name(*scheme)).append("&user=").append(user_);
    if (asks_who) {
        named_ = true;
        return suffix;
    }
    answered_ = true;
    std::array<std::uint8_t, 4> bytes{};
    random_(bytes);
    const auto drawn = hex(bytes);
    if (*scheme == AuthScheme::llnw) {
        const LlnwAnswer answer{.app = app, .nonce = query_value(query, "nonce"), .client_nonce = drawn};
        return suffix.append("&nonce=")
            .append(answer.nonce)
            .append("&cnonce=")
            .append(drawn)
            .append("&nc=")
            .append(answer.count)
            .append("&response=")
            .append(llnw_response(user_, password_, answer));
    }
    const auto opaque = query_value(query, "opaque");
    suffix.append("&challenge=")
        .append(drawn)
        .append("&response=")
        .append(adobe_response(user_, password_, query_value(query, "salt"),
                               opaque.empty() ? query_value(query, "challenge") : opaque, drawn));
    return opaque.empty() ? suffix : suffix.append("&opaque=").append(opaque);
}

} // namespace millrace::rtmp
