// Shared object messages: types 19 and, behind one more byte, 16 (RTMP 1.0 §7.1.3).
#pragma once

#include <millrace/amf/value.hpp>
#include <millrace/base/result.hpp>
#include <millrace/rtmp/message.hpp>

#include <map>
#include <string>
#include <vector>

namespace millrace::rtmp {

/// What an event of a shared object message says. C: a client says it, S: a server.
enum class ObjectAction : std::uint8_t {
    use = 1,              ///< C: let me take part.
    release = 2,          ///< C: let me go.
    request_change = 3,   ///< C: put this value into this slot.
    change = 4,           ///< S: this slot has this value.
    success = 5,          ///< S: what you asked of this slot is done.
    send_message = 6,     ///< Both: call a method of all who take part.
    status = 7,           ///< S: what you asked was refused.
    clear = 8,            ///< S: there are no slots.
    remove = 9,           ///< S: this slot is gone.
    request_remove = 10,  ///< C: remove this slot.
    use_success = 11,     ///< S: you take part; what follows is the present state.
    slot_version = 12,    ///< Newer servers: a slot and a number, whose meaning is not known.
    accepted_change = 13, ///< Newer servers: a request to change, with the server's version.
    request_clear = 14,   ///< C: remove all slots.
};

/// One event of a shared object message.
struct ObjectEvent {
    ObjectAction action = {};
    std::string name;  ///< Of the slot; the code of a status.
    std::string level; ///< Of a status.
    /// AMF0, each value whole in itself: the one of request_change, change and accepted_change; a method's
    /// name and arguments of send_message. The number of a slot_version as it came.
    Bytes values;

    friend bool operator==(const ObjectEvent&, const ObjectEvent&) = default;
};

/// A shared object and what happens to it.
struct ObjectMessage {
    std::string name;
    std::uint32_t version = 0;
    bool persistent = false;
    std::vector<ObjectEvent> events;

    friend bool operator==(const ObjectMessage&, const ObjectMessage&) = default;
};

/// How much one message may make us build.
struct ObjectMessageLimits {
    std::size_t events = 4096;
};

/// What was tolerated, by name: "unknown_object_event", and what the AMF reader counts.
using ObjectCounters = std::map<std::string_view, std::uint64_t>;

/// Reads a message; several pairs in one Change become several events.
/// Expects: `type` is shared_object or shared_object_amf3.
/// Errors: bad_shared_object, or what is wrong with an AMF value in it.
Result<ObjectMessage> read_object_message(MessageType type, ByteView payload, ObjectMessageLimits limits = {},
                                          ObjectCounters* tolerated = nullptr);

/// The payload of a message of that type. Names are cut after 65535 bytes, which is all that the format
/// holds.
Bytes write_object_message(MessageType type, const ObjectMessage& message);

/// Events as clients and servers make them; `values` from AMF values.
ObjectEvent make_change(ObjectAction action, std::string slot, const amf::Value& value);
ObjectEvent make_send(std::string_view method, const std::vector<amf::Value>& arguments);

} // namespace millrace::rtmp
