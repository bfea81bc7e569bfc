#include <millrace/amf/amf0.hpp>
#include <millrace/base/reader.hpp>
#include <millrace/rtmp/error.hpp>
#include <millrace/rtmp/shared_object.hpp>

#include <limits>

namespace millrace::rtmp {
namespace {

constexpr std::string_view kClause = "RTMP 1.0 §7.1.3";
constexpr std::uint32_t kPersistent = 2;
constexpr std::size_t kMaxText = std::numeric_limits<std::uint16_t>::max();

/// Reads the events of one message, whose AMF values share their tables.
class EventReader {
public:
    EventReader(ByteView message, ObjectMessageLimits limits, std::vector<ObjectEvent>& into)
        : message_{message}, limits_{limits}, values_{message}, into_{into}
    {
    }

    /// Takes one event: `size` bytes from `at` on.
    Result<> take(ObjectAction action, std::size_t at, std::size_t size);

    const ObjectCounters& tolerated() const { return values_.counters(); }

private:
    Result<> add(ObjectEvent event)
    {
        if (into_.size() >= limits_.events) {
            return Unexpected{Errc::bad_shared_object, "more events than the limit"};
        }
        into_.push_back(std::move(event));
        return {};
    }
    Result<> take_pairs(ObjectAction action, std::size_t at, std::size_t size);
    Result<> take_call(std::size_t at, std::size_t size);
    Result<> take_status(ByteView data);
    Result<> take_name(ObjectAction action, ByteView data);

    ByteView message_;
    ObjectMessageLimits limits_;
    amf::Amf0Reader values_;
    std::vector<ObjectEvent>& into_;
};

// event := action:u8 length:u32 data
// data  := empty                                     use, release, clear, use_success, request_clear
//        | slot:text                                 success, remove, request_remove
//        | (slot:text value)*                        request_change, change, accepted_change
//        | value*                                    send_message; the first is the method's name
//        | code:text level:text                      status
//        | slot:text number:u32                      slot_version
// text  := length:u16 byte*
Result<> EventReader::take(ObjectAction action, std::size_t at, std::size_t size)
{
    const auto data = message_.subspan(at, size);
    switch (action) {
    case ObjectAction::use:
    case ObjectAction::release:
    case ObjectAction::clear:
    case ObjectAction::use_success:
    case ObjectAction::request_clear: return add({.action = action});
    case ObjectAction::success:
    case ObjectAction::remove:
    case ObjectAction::request_remove:
    case ObjectAction::slot_version: return take_name(action, data);
    case ObjectAction::request_change:
    case ObjectAction::change:
    case ObjectAction::accepted_change: return take_pairs(action, at, size);
    case ObjectAction::send_message: return take_call(at, size);
    case ObjectAction::status: return take_status(data);
    }
    return {};
}

Result<> EventReader::take_name(ObjectAction action, ByteView data)
{
    ByteReader in{data};
    ObjectEvent event{.action = action, .name = std::string{in.text(in.u16())}};
    if (!in.ok()) {
        return Unexpected{Errc::bad_shared_object, kClause};
    }
    if (action == ObjectAction::slot_version) {
        event.values = to_bytes(in.rest());
    }
    return add(std::move(event));
}

Result<> EventReader::take_status(ByteView data)
{
    ByteReader in{data};
    ObjectEvent event{.action = ObjectAction::status, .name = std::string{in.text(in.u16())}};
    event.level = in.text(in.u16());
    if (!in.ok()) {
        return Unexpected{Errc::bad_shared_object, kClause};
    }
    return add(std::move(event));
}

// Quirk: some servers pack several pairs of slot and value into one Change.
Result<> EventReader::take_pairs(ObjectAction action, std::size_t at, std::size_t size)
{
    const auto end = at + size;
    do {
        ByteReader in{message_.subspan(at, end - at)};
        ObjectEvent event{.action = action, .name = std::string{in.text(in.u16())}};
        if (!in.ok()) {
            return Unexpected{Errc::bad_shared_object, kClause};
        }
        values_.move_to(at + in.position());
        const auto value = values_.next();
        if (!value) {
            return Unexpected{value.error()};
        }
        at = values_.position();
        if (at > end) {
            return Unexpected{Errc::bad_shared_object, kClause};
        }
        event.values = amf::write_amf0({*value});
        if (auto added = add(std::move(event)); !added) {
            return added;
        }
    } while (at < end);
    return {};
}

Result<> EventReader::take_call(std::size_t at, std::size_t size)
{
    ObjectEvent event{.action = ObjectAction::send_message};
    values_.move_to(at);
    ByteWriter out{event.values};
    while (values_.position() < at + size) {
        const auto value = values_.next();
        if (!value) {
            return Unexpected{value.error()};
        }
        if (event.values.empty() && value->as<std::string>() == nullptr) {
            return Unexpected{Errc::bad_shared_object, "the method's name is no string"};
        }
        amf::write(out, *value);
    }
    if (values_.position() > at + size || event.values.empty()) {
        return Unexpected{Errc::bad_shared_object, kClause};
    }
    return add(std::move(event));
}

void write_text(ByteWriter& out, std::string_view text)
{
    text = text.substr(0, kMaxText);
    out.u16(static_cast<std::uint16_t>(text.size()));
    out.text(text);
}

Bytes data_of(const ObjectEvent& event)
{
    Bytes data;
    ByteWriter out{data};
    switch (event.action) {
    case ObjectAction::use:
    case ObjectAction::release:
    case ObjectAction::clear:
    case ObjectAction::use_success:
    case ObjectAction::request_clear: break;
    case ObjectAction::status:
        write_text(out, event.name);
        write_text(out, event.level);
        break;
    case ObjectAction::send_message: out.bytes(event.values); break;
    case ObjectAction::success:
    case ObjectAction::remove:
    case ObjectAction::request_remove:
    case ObjectAction::request_change:
    case ObjectAction::change:
    case ObjectAction::accepted_change:
    case ObjectAction::slot_version:
        write_text(out, event.name);
        out.bytes(event.values);
        break;
    }
    return data;
}

bool is_known(std::uint8_t action)
{
    return action >= static_cast<std::uint8_t>(ObjectAction::use) &&
           action <= static_cast<std::uint8_t>(ObjectAction::request_clear);
}

} // namespace

// message := 00? name:text version:u32 flags:u32 0:u32 event*          the first 00 in type 16 only
Result<ObjectMessage> read_object_message(MessageType type, ByteView payload, ObjectMessageLimits limits,
                                          ObjectCounters* tolerated)
{
    ByteReader in{payload};
    if (type == MessageType::shared_object_amf3) {
        in.skip(1);
    }
    ObjectMessage message{.name = std::string{in.text(in.u16())}};
    message.version = in.u32();
    // Servers are reported to set further bits, which are left alone.
    message.persistent = (in.u32() & kPersistent) != 0;
    in.skip(4);
    if (!in.ok()) {
        return Unexpected{Errc::bad_shared_object, kClause};
    }
    EventReader events{payload, limits, message.events};
    while (!in.at_end()) {
        const auto action = in.u8();
        const std::size_t size = in.u32();
        if (!in.ok() || size > in.remaining()) {
            return Unexpected{Errc::bad_shared_object, kClause};
        }
        const auto at = in.position();
        in.skip(size);
        if (!is_known(action)) {
            // Quirk: newer servers have events that are written down nowhere.
            if (tolerated != nullptr) {
                ++(*tolerated)["unknown_object_event"];
            }
            continue;
        }
        if (const auto taken = events.take(static_cast<ObjectAction>(action), at, size); !taken) {
            return Unexpected{taken.error()};
        }
    }
    if (tolerated != nullptr) {
        for (const auto& [name, count] : events.tolerated()) {
            (*tolerated)[name] += count;
        }
    }
    return message;
}

Bytes write_object_message(MessageType type, const ObjectMessage& message)
{
    Bytes payload;
    ByteWriter out{payload};
    if (type == MessageType::shared_object_amf3) {
        out.u8(0);
    }
    write_text(out, message.name);
    out.u32(message.version);
    out.u32(message.persistent ? kPersistent : 0);
    out.u32(0);
    for (const auto& event : message.events) {
        const auto data = data_of(event);
        out.u8(static_cast<std::uint8_t>(event.action));
        out.u32(static_cast<std::uint32_t>(data.size()));
        out.bytes(data);
    }
    return payload;
}

ObjectEvent make_change(ObjectAction action, std::string slot, const amf::Value& value)
{
    return {.action = action, .name = std::move(slot), .level = {}, .values = amf::write_amf0({value})};
}

ObjectEvent make_send(std::string_view method, const std::vector<amf::Value>& arguments)
{
    ObjectEvent event{.action = ObjectAction::send_message, .values = amf::write_amf0({method})};
    const auto rest = amf::write_amf0(arguments);
    event.values.insert(event.values.end(), rest.begin(), rest.end());
    return event;
}

} // namespace millrace::rtmp
