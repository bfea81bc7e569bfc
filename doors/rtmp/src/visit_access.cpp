// What a visit is allowed: it asks, tells the client, and writes it down.
#include "visit.hpp"

#include <spdlog/spdlog.h>

namespace millrace::doors {

/// Answers a connect.
void Visit::admit(const rtmp::ConnectRequested& event)
{
    app_ = event.app;
    if (access_) {
        admission_ = access_->admit(event, Clock::now());
    }
    switch (admission_.kind) {
    case Admission::Kind::accept:
        if (!admission_.user.empty()) {
            spdlog::info("{}: {} is {}", label(), event.app, admission_.user);
        }
        if (!admission_.swf.empty()) {
            core_.demand_swf(std::move(admission_.swf));
        }
        return core_.accept_connect();
    case Admission::Kind::challenge:
        spdlog::debug("{}: {}: asked to authenticate", label(), event.app);
        desk_.count("rtmp_challenged");
        break;
    case Admission::Kind::refuse:
        reason_ = admission_.reason;
        spdlog::warn("{}: {}: refused{}: {}", label(), event.app,
                     admission_.user.empty() ? "" : " as " + admission_.user, reason_);
        desk_.count("rtmp_refused", reason_);
        break;
    case Admission::Kind::redirect:
        reason_ = "redirected to " + admission_.answer;
        spdlog::info("{}: {}: {}", label(), event.app, reason_);
        desk_.count("rtmp_redirected");
        return core_.redirect(admission_.answer);
    }
    core_.reject_connect(admission_.answer);
}

bool Visit::may(const rtmp::PublishRequested& event)
{
    const auto no = access_ ? access_->why_not_publish(admission_, event.path) : std::string{};
    if (!no.empty()) {
        reason_ = no;
        spdlog::warn("{}: may not publish {}: {}", label(), event.path, no);
        desk_.count("publish_refused", no);
        core_.refuse_publish(event.stream, "NetStream.Publish.Denied", event.path + ": " + no);
    }
    return no.empty();
}

bool Visit::may(const rtmp::PlayRequested& event)
{
    const auto no = why_not_play(event.path);
    if (!no.empty() && event.queued) {
        core_.notify(event.stream, "error", "NetStream.Play.Failed", no);
    } else if (!no.empty()) {
        core_.refuse_play(event.stream, "NetStream.Play.Failed", no);
    }
    return no.empty();
}

/// With the path in front; written down.
std::string Visit::why_not_play(std::string_view path)
{
    const auto no = access_ ? access_->why_not_play(admission_, path) : std::string{};
    if (no.empty()) {
        return {};
    }
    reason_ = no;
    spdlog::warn("{}: may not play {}: {}", label(), path, no);
    desk_.count("play_refused", no);
    return std::string{path} + ": " + no;
}

bool Visit::ask_to_move(std::string_view server, std::string_view reason)
{
    const auto tc_url = server.empty() ? std::string{} : std::string{server} + "/" + app_;
    if (!core_.request_reconnect(tc_url, reason)) {
        return false;
    }
    spdlog::info("{}: asked to connect {}: {}", label(), tc_url.empty() ? "anew" : "to " + tc_url, reason);
    desk_.count("rtmp_reconnects_asked");
    say();
    return true;
}

} // namespace millrace::doors
