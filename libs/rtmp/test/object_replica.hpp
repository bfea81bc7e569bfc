// What a client makes of a shared object from what it hears.
#pragma once

#include <millrace/amf/amf0.hpp>
#include <millrace/rtmp/shared_objects.hpp>

#include <map>
#include <string>
#include <vector>

namespace millrace::rtmp {

/// The slots as the server's messages tell of them, and a line for each event.
struct ObjectReplica {
    void hear(const ObjectMessage& message)
    {
        version = message.version;
        for (const auto& event : message.events) {
            hear(event);
        }
    }

    void hear(const ObjectEvent& event)
    {
        const auto value = amf::read_amf0(event.values);
        const auto text = value && !value->empty() ? amf::to_string(value->front()) : std::string{};
        switch (event.action) {
        case ObjectAction::use_success: heard.emplace_back("use success"); break;
        case ObjectAction::clear:
            slots.clear();
            heard.emplace_back("clear");
            break;
        case ObjectAction::change:
            slots[event.name] = event.values;
            heard.push_back("change " + event.name + " " + text);
            break;
        case ObjectAction::success:
            slots[event.name] = asked[event.name];
            heard.push_back("success " + event.name);
            break;
        case ObjectAction::remove:
            slots.erase(event.name);
            heard.push_back("remove " + event.name);
            break;
        case ObjectAction::send_message: heard.push_back("call " + text); break;
        case ObjectAction::status: heard.push_back(event.level + " " + event.name); break;
        default: heard.push_back("event " + std::to_string(static_cast<int>(event.action)));
        }
    }

    std::vector<std::string> take_heard() { return std::exchange(heard, {}); }

    std::uint32_t version = 0;
    std::map<std::string, Bytes, std::less<>> slots;
    std::map<std::string, Bytes> asked; ///< What we wanted last, which Success makes true.
    std::vector<std::string> heard;
};

} // namespace millrace::rtmp
