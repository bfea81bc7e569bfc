// Shared objects in the client's role.
#include "client_state.hpp"

namespace millrace::rtmp {

/// What cannot be read is dropped, as is what comes too early and what nobody takes.
void Client::State::on_shared_object(const Message& message)
{
    auto read = read_object_message(message.type, message.payload);
    if (read && phase == Phase::running && events.size() < limits.events) {
        push(SharedObjectArrived{std::move(*read)});
    }
}

void Client::State::say_of_object(const std::string& name, ObjectEvent event)
{
    const auto used = objects.find(name);
    if (phase != Phase::running || used == objects.end()) {
        return;
    }
    const auto type = amf3 ? MessageType::shared_object_amf3 : MessageType::shared_object;
    const ObjectMessage message{.name = name, .persistent = used->second, .events = {std::move(event)}};
    out.control().message(type, write_object_message(type, message));
}

void Client::use_object(std::string name, bool persistent)
{
    const auto& [used, fresh] = state_->objects.insert_or_assign(std::move(name), persistent);
    state_->say_of_object(used->first, {.action = ObjectAction::use});
}

void Client::release_object(const std::string& name)
{
    state_->say_of_object(name, {.action = ObjectAction::release});
    state_->objects.erase(name);
}

void Client::change_object(const std::string& name, std::string slot, const amf::Value& value)
{
    state_->say_of_object(name, make_change(ObjectAction::request_change, std::move(slot), value));
}

void Client::remove_from_object(const std::string& name, std::string slot)
{
    state_->say_of_object(name, {.action = ObjectAction::request_remove, .name = std::move(slot)});
}

void Client::clear_object(const std::string& name)
{
    state_->say_of_object(name, {.action = ObjectAction::request_clear});
}

void Client::call_object(const std::string& name, std::string_view method,
                         const std::vector<amf::Value>& arguments)
{
    state_->say_of_object(name, make_send(method, arguments));
}

} // namespace millrace::rtmp
