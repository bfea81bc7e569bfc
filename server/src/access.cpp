#include "access.hpp"

#include <millrace/crypto/base64.hpp>
#include <millrace/crypto/hash.hpp>
#include <millrace/crypto/random.hpp>

#include <algorithm>
#include <cctype>

namespace millrace::server {

using doors::Admission;

namespace {

doors::SiteReply problem(unsigned status, std::string_view sentence)
{
    return {.status = status, .body = "{\"error\":\"" + std::string{sentence} + "\"}\n", .headers = {}};
}

/// Whether the header names one of the users with the right password (RFC 7617 §2). All are compared, so that
/// the time tells nothing.
bool knows(const Application& application, std::string_view authorization)
{
    constexpr std::string_view kScheme = "basic ";
    const auto scheme = authorization.substr(0, kScheme.size());
    const bool basic = std::ranges::equal(
        scheme, kScheme, [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
    const auto given = basic ? authorization.substr(kScheme.size()) : std::string_view{};
    bool known = false;
    for (const auto& [user, password] : application.users) {
        const auto expected = crypto::base64(as_bytes(user + ":" + password));
        known = crypto::equal_in_constant_time(as_bytes(given), as_bytes(expected)) || known;
    }
    return known;
}

} // namespace

Access::Access(std::vector<Application> applications)
    : applications_{std::move(applications)}, challenger_{[](std::span<std::uint8_t> out) {
          crypto::random_fill(out);
      }}
{
}

/// Publishers authenticate; all others, also publishers where nobody has to, prove what they are. Who says to
/// be a publisher and then plays, or the other way round, is stopped there.
Admission Access::admit(const rtmp::ConnectRequested& request, Clock::time_point now)
{
    const auto* application = find_application(applications_, request.app);
    Admission admission{.by = application};
    if (application == nullptr) {
        return admission;
    }
    if (!application->redirect.empty()) {
        admission.kind = Admission::Kind::redirect;
        admission.answer = application->redirect;
        return admission;
    }
    if (!application->auth || !request.publisher) {
        admission.swf = application->swf;
        return admission;
    }
    auto verdict = judge(*application, request, now);
    admission.kind = verdict.kind == rtmp::AuthVerdict::Kind::accepted     ? Admission::Kind::accept
                     : verdict.kind == rtmp::AuthVerdict::Kind::challenged ? Admission::Kind::challenge
                                                                           : Admission::Kind::refuse;
    admission.user = std::move(verdict.user);
    admission.answer = std::move(verdict.description);
    admission.reason = verdict.reason;
    return admission;
}

rtmp::AuthVerdict Access::judge(const Application& application, const rtmp::ConnectRequested& request,
                                Clock::time_point now)
{
    const auto password_of = [&](std::string_view user) -> std::optional<std::string> {
        const auto found = application.users.find(user);
        return found == application.users.end() ? std::nullopt : std::optional{found->second};
    };
    const std::scoped_lock lock{mutex_};
    return challenger_.judge(*application.auth, request.app, request.query, password_of, now);
}

std::string Access::why_not_publish(const Admission& admission, std::string_view path) const
{
    const auto* application = application_of(applications_, path);
    if (application == nullptr) {
        return {};
    }
    if (!application->redirect.empty()) {
        return "this application is served elsewhere: connect to it to be told where";
    }
    const bool here = admission.by == application;
    if (application->auth && !(here && !admission.user.empty())) {
        return "this application takes only publishers with user and password: connect to it as a publisher";
    }
    if (!application->auth && !application->swf.empty() && !here) {
        return "this application takes only verified SWF files: connect to it";
    }
    return {};
}

std::string Access::why_not_play(const Admission& admission, std::string_view path) const
{
    const auto* application = application_of(applications_, path);
    if (application == nullptr || (application->redirect.empty() && application->swf.empty())) {
        return {};
    }
    if (!application->redirect.empty()) {
        return "this application is served elsewhere: connect to it to be told where";
    }
    // Who has authenticated is trusted with everything; who has not was asked for its file.
    return admission.by == application ? std::string{}
                                       : "this application takes only verified SWF files: connect to it";
}

std::optional<doors::SiteReply> Access::refuse_http(const doors::MediaRequest& request) const
{
    const auto* application = application_of(applications_, request.stream);
    if (application == nullptr) {
        return std::nullopt;
    }
    if (request.publishes && application->auth) {
        if (knows(*application, request.authorization)) {
            return std::nullopt;
        }
        auto reply = problem(401, "this application takes only publishers with user and password");
        reply.headers["WWW-Authenticate"] = R"(Basic realm="Millrace", charset="UTF-8")";
        return reply;
    }
    if (!application->swf.empty()) {
        return problem(403, "this application takes only verified SWF files, which speak RTMP");
    }
    return std::nullopt;
}

} // namespace millrace::server
