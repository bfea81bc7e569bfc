// Answers, and what they do to sessions.
#include <millrace/rtsp/server.hpp>

#include <algorithm>
#include <cstdio>

namespace millrace::rtsp {
namespace {

std::string session_header(const Session& session)
{
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(session.timeout).count();
    return session.id + ";timeout=" + std::to_string(seconds);
}

std::string factor(double value)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.3f", value);
    return text;
}

} // namespace

void Server::describe(std::string_view sdp, std::string_view content_base)
{
    if (!ask_) {
        return;
    }
    described_ = ask_->target.full;
    controls_.clear();
    Response response;
    response.headers.add("Content-Base", content_base);
    response.headers.add("Content-Type", "application/sdp");
    response.headers.add("Cache-Control", "no-cache");
    response.body = sdp;
    answer(std::move(response));
}

void Server::accept_announce(std::vector<std::string> controls)
{
    if (!ask_) {
        return;
    }
    described_ = ask_->target.full;
    controls_ = std::move(controls);
    answer({});
}

/// The channels that were asked for, unless they are taken or nothing was asked: then the next free even
/// pair.
Ports Server::choose_channels(const std::optional<Ports>& wanted) const
{
    const auto is_free = [this](std::uint16_t channel) {
        return channel < channels_.size() && channels_[channel].session.empty();
    };
    if (wanted && wanted->rtp != wanted->rtcp && is_free(wanted->rtp) && is_free(wanted->rtcp)) {
        return *wanted;
    }
    std::uint16_t channel = 0;
    while (channel + 1U < channels_.size() &&
           !(is_free(channel) && is_free(static_cast<std::uint16_t>(channel + 1)))) {
        channel = static_cast<std::uint16_t>(channel + 2);
    }
    return {channel, static_cast<std::uint16_t>(channel + 1)};
}

Session* Server::accept_setup(Transport transport, std::optional<int> number)
{
    if (!ask_) {
        return nullptr;
    }
    auto* session = current();
    const int track = number.value_or(ask_->track.value_or(0));
    if (transport.lower == Lower::tcp) {
        transport.client_port.reset();
        if (session != nullptr && session->streams.contains(track)) {
            // Set up anew: its channels are free again.
            for (auto& channel : channels_) {
                channel = channel.session == session->id && channel.track == track ? Channel{} : channel;
            }
        }
        transport.interleaved = choose_channels(transport.interleaved);
        if (transport.interleaved->rtcp >= channels_.size()) {
            refuse(453, "all channels of this connection are taken");
            return nullptr;
        }
    }
    if (session == nullptr) {
        session = book_.make(now_);
        if (session == nullptr) {
            refuse(503, "there are as many sessions as there may be", {{"Retry-After", "30"}});
            return nullptr;
        }
        session->path = ask_->target.path;
        session->query = ask_->target.query;
        session->record = transport.record;
        sessions_[session->id] = true;
    }
    if (transport.interleaved) {
        session->connection = options_.connection;
        channels_[transport.interleaved->rtp] = {session->id, track, false};
        channels_[transport.interleaved->rtcp] = {session->id, track, true};
    }
    session->streams[track] = {ask_->uri, transport, State::ready};
    Response response;
    response.headers.add("Session", session_header(*session));
    response.headers.add("Transport", write(transport));
    answer(std::move(response));
    return session;
}

/// Moves the streams that the request is about.
void Server::apply(Method method)
{
    auto* session = current();
    if (session == nullptr) {
        return;
    }
    for (auto& [number, stream] : session->streams) {
        if (!ask_->track || *ask_->track == number) {
            stream.state = next_state(stream.state, method).value_or(stream.state);
        }
    }
}

void Server::accept_play(const std::optional<TimeRange>& range, double scale, double speed,
                         const std::vector<RtpInfo>& infos)
{
    auto* session = current();
    if (session == nullptr) {
        return refuse(454, "the session is gone");
    }
    apply(Method::play);
    Response response;
    response.headers.add("Session", session->id);
    if (range) {
        response.headers.add("Range", write(*range));
    }
    if (ask_->scale) {
        response.headers.add("Scale", factor(scale));
    }
    if (ask_->speed) {
        response.headers.add("Speed", factor(speed));
    }
    if (!infos.empty()) {
        response.headers.add("RTP-Info", write(infos));
    }
    answer(std::move(response));
}

void Server::accept_record(int status, std::string_view location)
{
    auto* session = current();
    if (session == nullptr) {
        return refuse(454, "the session is gone");
    }
    apply(Method::record);
    Response response{.status = status, .headers = {{"Session", session->id}}};
    if (!location.empty()) {
        response.headers.add("Location", location);
    }
    answer(std::move(response));
}

void Server::accept_pause(const std::optional<TimeRange>& range)
{
    auto* session = current();
    if (session == nullptr) {
        return refuse(454, "the session is gone");
    }
    apply(Method::pause);
    Response response{.headers = {{"Session", session->id}}};
    if (range) {
        response.headers.add("Range", write(*range));
    }
    answer(std::move(response));
}

void Server::accept_teardown()
{
    auto* session = current();
    if (session == nullptr) {
        return refuse(454, "the session is gone");
    }
    Response response{.headers = {{"Session", session->id}}};
    const auto id = session->id;
    if (ask_->track) {
        session->streams.erase(*ask_->track);
        for (auto& channel : channels_) {
            channel = channel.session == id && channel.track == *ask_->track ? Channel{} : channel;
        }
    }
    if (!ask_->track || session->streams.empty()) {
        book_.erase(id);
        forget(id);
    }
    answer(std::move(response));
}

void Server::accept_parameters(std::string_view body)
{
    Response response;
    if (const auto* session = current()) {
        response.headers.add("Session", session->id);
    }
    if (!body.empty()) {
        response.headers.add("Content-Type", "text/parameters");
        response.body = body;
    }
    answer(std::move(response));
}

void Server::refuse_parameters(int status, std::string_view names)
{
    Response response{.status = status, .headers = {{"Content-Type", "text/parameters"}}};
    response.body = names;
    answer(std::move(response));
}

void Server::refuse(int status, std::string_view why, Headers more)
{
    Response response{.status = status, .headers = std::move(more)};
    if (!why.empty()) {
        response.headers.add("Content-Type", "text/plain");
        response.body = std::string{why} + "\r\n";
    }
    answer(std::move(response));
}

void Server::challenge(const std::vector<std::string>& challenges)
{
    Response response{.status = 401};
    for (const auto& each : challenges) {
        response.headers.add("WWW-Authenticate", each);
    }
    answer(std::move(response));
}

void Server::redirect(std::string_view location, int status)
{
    answer({.status = status, .headers = {{"Location", std::string{location}}}});
}

void Server::relay(Response response)
{
    answer(std::move(response));
}

} // namespace millrace::rtsp
