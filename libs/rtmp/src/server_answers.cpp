// What the owner of a server session decides.
#include "server_state.hpp"

namespace millrace::rtmp {

void Server::accept_connect()
{
    if (state_->phase != State::Phase::deciding) {
        return;
    }
    state_->answer_connect();
    state_->phase = State::Phase::open;
    state_->since = state_->now;
    state_->ask_for_swf();
    state_->held = 0;
    state_->pump();
}

void Server::reject_connect(std::string_view description)
{
    if (state_->phase == State::Phase::deciding) {
        state_->reject("NetConnection.Connect.Rejected", description);
    }
}

void Server::accept_publish(StreamId stream)
{
    auto* found = state_->asked(stream, State::Use::publish_asked);
    if (found == nullptr) {
        return;
    }
    found->use = State::Use::publishing;
    state_->out.control(StreamEvent{StreamNews::begin, stream});
    state_->status(stream, "status", "NetStream.Publish.Start", "Publishing.");
}

void Server::refuse_publish(StreamId stream, std::string_view code, std::string_view description)
{
    if (auto* found = state_->asked(stream, State::Use::publish_asked)) {
        found->use = State::Use::idle;
        state_->since = state_->now;
        state_->status(stream, "error", code, description);
    }
}

void Server::accept_play(StreamId stream, bool recorded)
{
    auto* found = state_->asked(stream, State::Use::play_asked);
    if (found == nullptr) {
        return;
    }
    found->use = State::Use::playing;
    auto& out = state_->out;
    if (out.chunk_size() != kPlayChunkSize) {
        out.set_chunk_size(kPlayChunkSize);
    }
    found->recorded = recorded;
    state_->announce(*found);
    if (found->reset) {
        state_->status(stream, "status", "NetStream.Play.Reset", "Playing and resetting.");
    }
    state_->status(stream, "status", "NetStream.Play.Start", "Playing.");
    out.stream_command(stream, {"|RtmpSampleAccess", true, true}, MessageType::data);
}

void Server::refuse_play(StreamId stream, std::string_view code, std::string_view description)
{
    if (auto* found = state_->asked(stream, State::Use::play_asked)) {
        found->use = State::Use::idle;
        state_->since = state_->now;
        state_->status(stream, "error", code, description);
    }
}

void Server::end_play(StreamId stream)
{
    auto* found = state_->find(stream);
    if (closed() || found == nullptr || found->use != State::Use::playing) {
        return;
    }
    found->use = State::Use::idle;
    state_->since = state_->now;
    state_->out.control(StreamEvent{StreamNews::eof, stream});
    state_->status(stream, "status", "NetStream.Play.UnpublishNotify", "The stream has ended.");
    state_->status(stream, "status", "NetStream.Play.Stop", "The stream has ended.");
}

void Server::notify(StreamId stream, std::string_view level, std::string_view code,
                    std::string_view description)
{
    if (!closed() && state_->find(stream) != nullptr) {
        state_->status(stream, level, code, description);
    }
}

} // namespace millrace::rtmp
