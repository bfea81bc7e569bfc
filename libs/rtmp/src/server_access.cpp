// Who may be here, and who should be elsewhere: encryption, SWF verification, redirects.
#include "server_state.hpp"

#include <algorithm>

namespace millrace::rtmp {

bool Server::encrypted() const
{
    return state_->encryption != nullptr;
}

std::optional<OutputCipher> Server::take_output_cipher()
{
    return state_->encryption ? state_->encryption->take_cipher() : std::nullopt;
}

void Server::redirect(std::string_view tc_url)
{
    if (state_->phase == State::Phase::deciding) {
        state_->reject("NetConnection.Connect.Rejected", "The application is served elsewhere.", tc_url);
    }
}

void Server::demand_swf(std::vector<SwfFile> allowed)
{
    if (state_->phase == State::Phase::deciding) {
        state_->swf = std::make_unique<SwfCheck>(SwfCheck{.allowed = std::move(allowed)});
    }
}

bool Server::request_reconnect(std::string_view tc_url, std::string_view description)
{
    if (state_->phase != State::Phase::open || !state_->capabilities.reconnect) {
        return false;
    }
    auto info = status_object("status", "NetConnection.Connect.ReconnectRequest", description);
    if (!tc_url.empty()) {
        info.members.emplace_back("tcUrl", tc_url);
    }
    state_->out.command({"onStatus", 0, amf::Null{}, std::move(info)});
    return true;
}

/// Behind the answer to connect, as rtmpdump expects it.
void Server::State::ask_for_swf()
{
    if (swf) {
        out.control(SwfVerifyRequest{});
        swf->due = now + limits.swf;
    }
}

void Server::State::on_swf_response(const SwfVerifyResponse& response)
{
    if (!swf) {
        return count("swf_response_to_nothing");
    }
    const bool proved = std::ranges::any_of(
        swf->allowed, [&](const SwfFile& file) { return proves(response, file, swf_challenge); });
    if (!proved) {
        return fail({Errc::swf_not_verified, "user control event 27"});
    }
    const auto check = std::exchange(swf, nullptr);
    for (auto& event : check->waiting) {
        push(std::move(event));
    }
}

} // namespace millrace::rtmp
