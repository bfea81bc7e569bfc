#include "part.hpp"

#include "room.hpp"

#include <spdlog/spdlog.h>

namespace millrace::doors {

RtspPart::RtspPart(RtspRoom& room, const RtspCaller& caller, std::string path)
    : room_{room}, protocol_{caller.protocol}, remote_{caller.remote}, peer_{caller.peer},
      path_{std::move(path)}, since_{WallTime::clock::now()}, number_{room.desk().enter(*this)}
{
}

RtspPart::~RtspPart()
{
    room_.desk().leave(number_);
}

net::awaitable<RtspReply> RtspPart::play(const rtsp::Ask&)
{
    co_return RtspReply{.status = 405, .why = "this session records"};
}

net::awaitable<RtspReply> RtspPart::record(const rtsp::Ask&)
{
    co_return RtspReply{.status = 405, .why = "this session plays"};
}

std::optional<std::string> RtspPart::parameter(std::string_view) const
{
    return std::nullopt;
}

void RtspPart::heard(Clock::time_point now)
{
    if (auto* session = room_.book().find(session_)) {
        session->heard = now;
    }
}

/// A session whose packets go through its connection lives as long as that; another one as long as its client
/// shows that it is there.
void RtspPart::tick(Clock::time_point now)
{
    const auto* session = room_.book().find(session_);
    if (session != nullptr && !interleaved_ && now - session->heard > session->timeout) {
        room_.desk().count("rtsp_sessions_expired");
        const auto self = shared_from_this();
        end("nothing was heard of the client for too long");
    }
}

void RtspPart::disconnect(std::string_view reason)
{
    room_.desk().count("sessions_disconnected");
    const auto self = shared_from_this();
    end(reason);
}

bool RtspPart::ask_to_move(std::string_view server, std::string_view)
{
    return on_move && on_move(server);
}

void RtspPart::end(std::string_view reason)
{
    if (over_) {
        return;
    }
    over_ = true;
    reason_ = reason;
    if (!reason.empty()) {
        spdlog::info("{}: {}: ended: {}", label(), path_, reason);
    }
    release();
    if (on_end) {
        on_end(session_, reason);
    }
    room_.book().erase(session_);
    room_.drop(session_);
}

std::string RtspPart::label() const
{
    return exchange::session_id(number_) + " " + protocol_ + " " + remote_;
}

void RtspPart::fill(exchange::SessionInfo& info) const
{
    info.protocol = protocol_;
    info.stream = path_;
    info.remote = remote_;
    info.since = since_;
    if (info.reason.empty()) {
        info.reason = reason_;
    }
}

} // namespace millrace::doors
