// What a player of recordings is told (RTMP 1.0 §7.2.2, and what the servers that it was made for do).
#include "server_state.hpp"

namespace millrace::rtmp {

/// What stands before the media of a stream that plays.
void Server::State::announce(const Stream& stream)
{
    if (stream.recorded) {
        out.control(StreamEvent{StreamNews::is_recorded, stream.id});
    }
    out.control(StreamEvent{StreamNews::begin, stream.id});
}

/// onPlayStatus, which is a data message and no command.
void Server::State::play_status(const Stream& stream, std::string_view code, amf::Members more)
{
    amf::Members members{{"level", "status"}, {"code", code}};
    members.insert(members.end(), more.begin(), more.end());
    out.stream_command(stream.id, {"onPlayStatus", amf::Object{.members = std::move(members)}},
                       MessageType::data);
}

void Server::accept_seek(StreamId stream)
{
    const auto* found = state_->find(stream);
    if (closed() || found == nullptr || found->use != State::Use::playing) {
        return;
    }
    state_->out.control(StreamEvent{StreamNews::eof, stream});
    state_->announce(*found);
    state_->status(stream, "status", "NetStream.Seek.Notify", "Seeking.");
    state_->status(stream, "status", "NetStream.Play.Start", "Playing.");
}

void Server::refuse_seek(StreamId stream, std::string_view description)
{
    notify(stream, "error", "NetStream.Seek.Failed", description);
}

void Server::switch_play(StreamId stream, bool recorded)
{
    auto* found = state_->find(stream);
    if (closed() || found == nullptr || found->use != State::Use::playing) {
        return;
    }
    state_->play_status(*found, "NetStream.Play.Switch", {});
    found->recorded = recorded;
    state_->announce(*found);
}

void Server::complete_play(StreamId stream, double seconds, double bytes)
{
    auto* found = state_->find(stream);
    if (closed() || found == nullptr || found->use != State::Use::playing) {
        return;
    }
    found->use = State::Use::idle;
    state_->since = state_->now;
    state_->play_status(*found, "NetStream.Play.Complete", {{"duration", seconds}, {"bytes", bytes}});
    state_->out.control(StreamEvent{StreamNews::eof, stream});
    state_->status(stream, "status", "NetStream.Play.Stop", "The recording has ended.");
}

void Server::begin_transition(StreamId stream, std::string_view name)
{
    notify(stream, "status", "NetStream.Play.Transition", name);
}

void Server::end_transition(StreamId stream, std::string_view name)
{
    const auto* found = state_->find(stream);
    if (!closed() && found != nullptr && found->use == State::Use::playing) {
        state_->play_status(*found, "NetStream.Play.TransitionComplete", {{"details", name}});
    }
}

void Server::answer_stream_length(const StreamLengthRequested& question, double seconds)
{
    if (!closed()) {
        state_->out.command({"_result", question.transaction, amf::Null{}, seconds}, question.type);
    }
}

} // namespace millrace::rtmp
