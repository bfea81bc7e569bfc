#include "names.hpp"
#include "slot_cost.hpp"
#include <millrace/rtmp/shared_objects.hpp>

#include <algorithm>
#include <array>

namespace millrace::rtmp {
namespace {

constexpr std::string_view kCreationFailed = "SharedObject.ObjectCreationFailed";
constexpr std::string_view kBadPersistence = "SharedObject.BadPersistence";
constexpr std::string_view kNoWriteAccess = "SharedObject.NoWriteAccess";

/// A new client is told of an object's slots in messages of about this size.
constexpr std::size_t kMessageBytes = std::size_t{256} << 10U;

/// AMF0 null or undefined, which as a slot's value mean that there shall be none.
bool is_nothing(const Bytes& value)
{
    return value.size() == 1 && (value.front() == 5 || value.front() == 6);
}

} // namespace

struct SharedObjects::Turn {
    ClientId client = 0;
    Key key;
    bool persistent = false; ///< As the client says.
    bool used = false;       ///< It has asked to take part in this very message.
    /// What is said to each, message by message, in the order of the events.
    std::map<ClientId, std::vector<std::vector<ObjectEvent>>> said;
    std::string refusal;

    void say(ClientId to, ObjectEvent event)
    {
        auto& messages = said[to];
        if (messages.empty()) {
            messages.emplace_back();
        }
        messages.back().push_back(std::move(event));
    }
};

void SharedObjects::enter(ClientId client, std::string app)
{
    clients_[client] = {.app = std::move(app), .uses = {}};
}

void SharedObjects::leave(ClientId client)
{
    const auto found = clients_.find(client);
    if (found == clients_.end()) {
        return;
    }
    const auto leaving = std::move(found->second);
    clients_.erase(found);
    for (const auto& name : leaving.uses) {
        release({leaving.app, name}, client);
    }
}

std::string_view SharedObjects::app_of(ClientId client) const
{
    const auto found = clients_.find(client);
    return found == clients_.end() ? std::string_view{} : std::string_view{found->second.app};
}

SharedObjects::Object* SharedObjects::find(const Key& key)
{
    const auto found = objects_.find(key);
    return found == objects_.end() ? nullptr : &found->second;
}

void SharedObjects::receive(ClientId client, const ObjectMessage& message)
{
    const auto found = clients_.find(client);
    if (found == clients_.end()) {
        return;
    }
    Turn turn{.client = client,
              .key = {found->second.app, message.name},
              .persistent = message.persistent,
              .said = {},
              .refusal = {}};
    for (const auto& event : message.events) {
        handle(turn, event);
    }
    finish(turn);
    forget_if_idle(turn.key);
}

std::optional<SharedObjects::Output> SharedObjects::next()
{
    if (next_ == outputs_.size()) {
        outputs_.clear();
        next_ = 0;
        return std::nullopt;
    }
    return std::move(outputs_[next_++]);
}

void SharedObjects::handle(Turn& turn, const ObjectEvent& event)
{
    static constexpr std::array kRules{
        Rule{ObjectAction::use, &SharedObjects::on_use, false},
        Rule{ObjectAction::release, &SharedObjects::on_release, true},
        Rule{ObjectAction::request_change, &SharedObjects::on_change, true},
        Rule{ObjectAction::request_remove, &SharedObjects::on_remove, true},
        Rule{ObjectAction::send_message, &SharedObjects::on_send, true},
        Rule{ObjectAction::request_clear, &SharedObjects::on_clear, true},
    };
    const auto* rule = std::ranges::find(kRules, event.action, &Rule::action);
    if (rule == kRules.end()) {
        ++counters_["ignored_object_event"]; // What only servers say, or what nobody wrote down.
        return;
    }
    const auto* object = find(turn.key);
    if (rule->takes_part && (object == nullptr || !object->clients.contains(turn.client))) {
        return refuse(turn, kNoWriteAccess, "it takes no part in this object: use comes first");
    }
    (this->*rule->handler)(turn, event);
}

/// Says no to the client; the reason is for our log, since a status has no place for it.
void SharedObjects::refuse(Turn& turn, std::string_view code, std::string why)
{
    ++counters_[code];
    turn.say(turn.client, {.action = ObjectAction::status, .name = std::string{code}, .level = "error"});
    if (turn.refusal.empty()) {
        turn.refusal = std::string{code} + ": " + std::move(why);
    }
}

/// Why there cannot be one more object of this name; empty when there can.
std::string SharedObjects::why_no_object(const Turn& turn) const
{
    if (turn.key.second.empty() || turn.key.second.size() > limits_.name_bytes) {
        return "its name has " + std::to_string(turn.key.second.size()) + " bytes, expected 1 to " +
               std::to_string(limits_.name_bytes);
    }
    if (!is_clean_text(turn.key.second)) {
        return "its name is no UTF-8, or has control characters";
    }
    if (clients_.at(turn.client).uses.size() >= limits_.objects_of_client) {
        return "this client takes part in " + std::to_string(limits_.objects_of_client) +
               " objects, which is the limit";
    }
    if (!objects_.contains(turn.key) && objects_.size() + stored_objects_ >= limits_.objects) {
        return "there are " + std::to_string(limits_.objects) + " objects, which is the limit";
    }
    return {};
}

void SharedObjects::on_use(Turn& turn, const ObjectEvent&)
{
    auto& uses = clients_.at(turn.client).uses;
    if (!uses.contains(turn.key.second)) {
        if (auto why = why_no_object(turn); !why.empty()) {
            return refuse(turn, kCreationFailed, std::move(why));
        }
    }
    auto* object = find(turn.key);
    if (object != nullptr && object->persistent != turn.persistent) {
        return refuse(turn, kBadPersistence,
                      object->persistent ? "the object is persistent" : "the object is not persistent");
    }
    if (object == nullptr) {
        object = &objects_[turn.key];
        object->persistent = turn.persistent;
    }
    uses.insert(turn.key.second);
    object->clients.insert(turn.client);
    if (!std::exchange(turn.used, true)) {
        tell_state(turn, *object);
    }
}

/// Use Success, Clear, and a Change for each slot.
void SharedObjects::tell_state(Turn& turn, const Object& object)
{
    turn.say(turn.client, {.action = ObjectAction::use_success});
    turn.say(turn.client, {.action = ObjectAction::clear});
    std::size_t bytes = 0;
    for (const auto& [name, value] : object.slots) {
        if (bytes > kMessageBytes) {
            turn.said[turn.client].emplace_back();
            bytes = 0;
        }
        bytes += slot_cost(name, value);
        turn.say(turn.client, {.action = ObjectAction::change, .name = name, .level = {}, .values = value});
    }
}

void SharedObjects::on_release(Turn& turn, const ObjectEvent&)
{
    clients_.at(turn.client).uses.erase(turn.key.second);
    find(turn.key)->clients.erase(turn.client);
}

/// Why a slot cannot get this value; empty when it can.
std::string SharedObjects::why_no_change(const Object& object, const ObjectEvent& event) const
{
    if (event.name.empty() || event.name.size() > limits_.name_bytes) {
        return "the slot's name has " + std::to_string(event.name.size()) + " bytes, expected 1 to " +
               std::to_string(limits_.name_bytes);
    }
    if (event.values.size() > limits_.value_bytes) {
        return "the value has " + std::to_string(event.values.size()) + " bytes, at most " +
               std::to_string(limits_.value_bytes) + " are allowed";
    }
    const auto slot = object.slots.find(event.name);
    const auto before = slot == object.slots.end() ? 0 : slot_cost(slot->first, slot->second);
    const auto after = slot_cost(event.name, event.values);
    if (slot == object.slots.end() && object.slots.size() >= limits_.slots) {
        return "the object has " + std::to_string(limits_.slots) + " slots, which is the limit";
    }
    if (object.bytes - before + after > limits_.object_bytes) {
        return "the object would have more than " + std::to_string(limits_.object_bytes) + " bytes";
    }
    if (bytes_ + stored_bytes_ - before + after > limits_.bytes) {
        return "all objects together would have more than " + std::to_string(limits_.bytes) + " bytes";
    }
    return {};
}

void SharedObjects::on_change(Turn& turn, const ObjectEvent& event)
{
    if (is_nothing(event.values)) {
        return on_remove(turn, event);
    }
    auto& object = *find(turn.key);
    if (auto why = why_no_change(object, event); !why.empty()) {
        return refuse(turn, kNoWriteAccess, std::move(why));
    }
    auto& value = object.slots[event.name];
    const auto before = value.empty() ? 0 : slot_cost(event.name, value);
    value = event.values;
    const auto after = slot_cost(event.name, value);
    object.bytes += after - before;
    bytes_ += after - before;
    changed(turn, object);
    for (const auto client : object.clients) {
        if (client == turn.client) {
            turn.say(client, {.action = ObjectAction::success, .name = event.name});
        } else {
            turn.say(
                client,
                {.action = ObjectAction::change, .name = event.name, .level = {}, .values = event.values});
        }
    }
}

void SharedObjects::on_remove(Turn& turn, const ObjectEvent& event)
{
    auto& object = *find(turn.key);
    const auto slot = object.slots.find(event.name);
    const ObjectEvent removed{.action = ObjectAction::remove, .name = event.name};
    if (slot == object.slots.end()) {
        return turn.say(turn.client, removed); // It is as was wished.
    }
    const auto freed = slot_cost(slot->first, slot->second);
    object.bytes -= freed;
    bytes_ -= freed;
    object.slots.erase(slot);
    changed(turn, object);
    for (const auto client : object.clients) {
        turn.say(client, removed);
    }
}

void SharedObjects::on_send(Turn& turn, const ObjectEvent& event)
{
    if (event.values.size() > limits_.value_bytes) {
        return refuse(turn, kNoWriteAccess,
                      "a call has " + std::to_string(event.values.size()) + " bytes, at most " +
                          std::to_string(limits_.value_bytes) + " are allowed");
    }
    for (const auto client : find(turn.key)->clients) {
        turn.say(client, event);
    }
}

void SharedObjects::on_clear(Turn& turn, const ObjectEvent&)
{
    auto& object = *find(turn.key);
    bytes_ -= std::exchange(object.bytes, 0);
    object.slots.clear();
    changed(turn, object);
    for (const auto client : object.clients) {
        turn.say(client, {.action = ObjectAction::clear});
    }
}

void SharedObjects::changed(const Turn& turn, Object& object)
{
    ++object.version;
    if (object.persistent) {
        unsaved_.insert(turn.key);
    }
}

/// One message for each who hears something, all with the object's present version.
void SharedObjects::finish(Turn& turn)
{
    const auto* object = find(turn.key);
    const auto output = [&](ClientId to, std::vector<ObjectEvent> events, std::string refusal) {
        auto message = std::make_shared<ObjectMessage>(ObjectMessage{
            .name = turn.key.second,
            .version = object == nullptr ? 0 : object->version,
            .persistent = to == turn.client || object == nullptr ? turn.persistent : object->persistent,
            .events = std::move(events)});
        outputs_.push_back({to, std::move(message), std::move(refusal)});
    };
    for (auto& [client, messages] : turn.said) {
        for (auto& events : messages) {
            output(client, std::move(events),
                   client == turn.client ? std::exchange(turn.refusal, {}) : std::string{});
        }
    }
}

} // namespace millrace::rtmp
