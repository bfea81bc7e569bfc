// Shared objects as they pass through a server session, which keeps nothing of them.
#include "server_state.hpp"

#include <algorithm>

namespace millrace::rtmp {

/// What cannot be read is dropped: the message had a length, so that the next one is where it should be.
void Server::State::on_shared_object(const Message& message)
{
    if (phase != Phase::open) {
        return fail({Errc::wrong_state, "RTMP 1.0 §7.2.1"});
    }
    if (message.payload.size() > limits.shared_object_bytes) {
        return count("shared_object_too_big");
    }
    ObjectCounters tolerated;
    auto read = read_object_message(message.type, message.payload, {}, &tolerated);
    for (const auto& [name, times] : tolerated) {
        count(name, times);
    }
    if (!read) {
        return count("bad_shared_object");
    }
    if (events.size() >= limits.events) {
        return count("event_queue_full");
    }
    const auto releases = [](const ObjectEvent& event) { return event.action == ObjectAction::release; };
    if (std::ranges::any_of(read->events, releases)) {
        objects.erase(read->name);
    }
    since = now; // Who works with shared objects is not idle.
    push(SharedObjectReceived{std::move(*read)});
}

void Server::send_shared_object(const ObjectMessage& message)
{
    if (state_->phase != State::Phase::open) {
        return;
    }
    const auto uses = [](const ObjectEvent& event) { return event.action == ObjectAction::use_success; };
    if (std::ranges::any_of(message.events, uses)) {
        state_->objects.insert(message.name);
    }
    const auto type =
        state_->object_encoding == 3 ? MessageType::shared_object_amf3 : MessageType::shared_object;
    state_->out.message(type, write_object_message(type, message));
}

const std::string& Server::app() const
{
    return state_->app;
}

} // namespace millrace::rtmp
