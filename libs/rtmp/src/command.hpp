// Commands as they stand in a message: name, transaction, object, arguments (RTMP 1.0 §7.1).
#pragma once

#include <millrace/amf/amf0.hpp>
#include <millrace/base/result.hpp>
#include <millrace/rtmp/error.hpp>
#include <millrace/rtmp/message.hpp>

#include <string>
#include <vector>

namespace millrace::rtmp {

/// One command of the peer, read.
struct Command {
    std::string name;
    double transaction = 0; ///< 0: no answer is wanted.
    amf::Value object;      ///< The command object; null where there is none.
    std::vector<amf::Value> arguments;
    std::uint32_t stream = 0; ///< Message stream id of the message.
    MessageType type = MessageType::command;
    amf::Amf0Reader::Counters tolerated; ///< While its values were read.

    bool wants_answer() const { return transaction != 0; }
    /// The argument at that place; Undefined when there are fewer.
    const amf::Value& argument(std::size_t index) const;
};

/// The AMF0 values of a data or command message: what follows the format byte of types 15 and 17.
ByteView amf0_part(MessageType type, ByteView payload);

/// Quirk: some senders leave out the format byte; a string marker in its place begins the values.
bool lacks_format_byte(MessageType type, ByteView payload);

/// Reads a message of type command or command_amf3.
/// Errors: bad_command.
Result<Command> read_command(const Message& message);

/// {level, code, description}, the information object of `onStatus`, `_result` and `_error`.
amf::Object status_object(std::string_view level, std::string_view code, std::string_view description);

/// A name or number as text: some peers send numbers where strings are expected.
std::string to_text(const amf::Value& value);

} // namespace millrace::rtmp
