#include "rtsp_access.hpp"

#include <millrace/crypto/random.hpp>

namespace millrace::server {
namespace {

using Kind = doors::RtspVerdict::Kind;

Bytes new_key()
{
    Bytes key(32);
    crypto::random_fill(key);
    return key;
}

} // namespace

RtspGuard::RtspGuard(std::vector<Application> applications, const doors::RtspSettings& settings)
    : applications_{std::move(applications)}, authenticator_{
                                                  new_key(),
                                                  {.basic = settings.basic, .sha256 = settings.sha256}}
{
}

doors::RtspVerdict RtspGuard::judge(const doors::RtspQuestion& question) const
{
    const auto* application = application_of(applications_, question.path);
    if (application == nullptr) {
        return {};
    }
    if (!application->redirect.empty()) {
        if (application->redirect.starts_with("rtsp")) {
            const auto name = question.path.substr(question.path.rfind('/'));
            return {.kind = Kind::redirect, .location = application->redirect + name};
        }
        return {.kind = Kind::refuse, .reason = "this application is served elsewhere, over RTMP"};
    }
    const bool asked = question.publishes ? application->auth.has_value() : application->players;
    if (asked) {
        const auto now = std::chrono::duration_cast<std::chrono::seconds>(
            std::chrono::system_clock::now().time_since_epoch());
        const auto password_of = [&](std::string_view user) -> std::optional<std::string> {
            const auto found = application->users.find(user);
            return found == application->users.end() ? std::nullopt : std::optional{found->second};
        };
        using Verdict = rtsp::Authenticator::Verdict;
        auto judged = authenticator_.judge(question.method, question.uri, question.authorization,
                                           question.peer, now, password_of);
        if (judged.verdict == Verdict::accepted) {
            return {.user = std::move(judged.user)};
        }
        const bool stale = judged.verdict == Verdict::stale;
        return {.kind = Kind::challenge,
                .user = std::move(judged.user),
                .challenges = authenticator_.challenges(question.peer, now, stale),
                .reason = judged.verdict == Verdict::wrong ? "wrong user or password" : ""};
    }
    if (!application->swf.empty()) {
        return {.kind = Kind::refuse,
                .reason = "this application takes only verified SWF files, which speak RTMP"};
    }
    return {};
}

} // namespace millrace::server
