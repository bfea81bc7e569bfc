#include "command.hpp"

#include <millrace/amf/amf0.hpp>

#include <cmath>

namespace millrace::rtmp {

namespace {

constexpr std::string_view kClause = "RTMP 1.0 §7.1";
constexpr std::uint8_t kStringMarker = 0x02;

} // namespace

const amf::Value& Command::argument(std::size_t index) const
{
    static const amf::Value kUndefined;
    return index < arguments.size() ? arguments[index] : kUndefined;
}

ByteView amf0_part(MessageType type, ByteView payload)
{
    const bool flavoured = type == MessageType::command_amf3 || type == MessageType::data_amf3;
    const bool skips = flavoured && !payload.empty() && !lacks_format_byte(type, payload);
    return skips ? payload.subspan(1) : payload;
}

bool lacks_format_byte(MessageType type, ByteView payload)
{
    const bool flavoured = type == MessageType::command_amf3 || type == MessageType::data_amf3;
    return flavoured && !payload.empty() && payload.front() == kStringMarker;
}

// command := name:string transaction:number object:(object | null) argument*
Result<Command> read_command(const Message& message)
{
    amf::Amf0Reader values{amf0_part(message.type, message.payload)};
    std::vector<amf::Value> read;
    while (!values.at_end()) {
        auto value = values.next();
        if (!value) {
            return Unexpected{Errc::bad_command, kClause};
        }
        read.push_back(std::move(*value));
    }
    if (read.empty() || read.front().as<std::string>() == nullptr) {
        return Unexpected{Errc::bad_command, kClause};
    }
    Command command{.stream = message.stream, .type = message.type, .tolerated = values.counters()};
    command.name = std::move(*std::get_if<std::string>(&read[0].held()));
    if (read.size() > 1) {
        command.transaction = read[1].number_or(0);
    }
    if (read.size() > 2) {
        command.object = std::move(read[2]);
        command.arguments.assign(std::make_move_iterator(read.begin() + 3),
                                 std::make_move_iterator(read.end()));
    }
    return command;
}

amf::Object status_object(std::string_view level, std::string_view code, std::string_view description)
{
    return {.members = {{"level", level}, {"code", code}, {"description", description}}};
}

std::string to_text(const amf::Value& value)
{
    const auto* number = value.as<double>();
    if (number != nullptr && *number == std::floor(*number) && std::abs(*number) < 1e15) {
        return std::to_string(static_cast<std::int64_t>(*number));
    }
    return std::string{value.text()};
}

} // namespace millrace::rtmp
