// Which command is allowed when, and how commands are answered.
#include "server_state.hpp"

#include <array>

namespace millrace::rtmp {

std::span<const Server::State::Rule> Server::State::rules()
{
    using enum Needs;
    static constexpr std::array kRules{
        Rule{"connect", fresh, &State::on_connect},
        Rule{"createStream", connection, &State::on_create_stream},
        Rule{"releaseStream", connection, &State::on_release_stream},
        Rule{"FCPublish", connection, &State::on_fc_publish},
        Rule{"FCUnpublish", connection, &State::on_fc_unpublish},
        Rule{"FCSubscribe", connection, &State::on_fc_subscribe},
        Rule{"_checkbw", connection, &State::on_check_bandwidth},
        Rule{"getStreamLength", connection, &State::on_get_stream_length},
        Rule{"deleteStream", connection, &State::on_delete_stream},
        Rule{"closeStream", connection, &State::on_close_stream},
        Rule{"_result", connection, &State::on_answer},
        Rule{"_error", connection, &State::on_answer},
        Rule{"publish", stream, &State::on_publish, "NetStream.Publish.BadName"},
        Rule{"play", stream, &State::on_play, "NetStream.Play.Failed"},
        Rule{"play2", stream, &State::on_play2, "NetStream.Play.Failed"},
        Rule{"seek", playing, &State::on_seek, "NetStream.Seek.Failed"},
        Rule{"pause", playing, &State::on_pause, "NetStream.Failed"},
        Rule{"pauseRaw", playing, &State::on_pause, "NetStream.Failed"},
        Rule{"receiveAudio", stream, &State::on_receive_audio, "NetStream.Failed"},
        Rule{"receiveVideo", stream, &State::on_receive_video, "NetStream.Failed"},
    };
    return kRules;
}

void Server::State::run(const Rule& rule, Command& command)
{
    if ((rule.needs == Needs::fresh) != (phase == Phase::connect)) {
        return fail({Errc::wrong_state, "RTMP 1.0 §7.2"});
    }
    Stream* stream = nullptr;
    if (rule.needs == Needs::stream || rule.needs == Needs::playing) {
        stream = stream_of(command);
        if (stream == nullptr) {
            count("command_without_stream");
            return refuse(command, rule.refusal, "no such stream: createStream comes first");
        }
        stream->commands = command.type;
        if (rule.needs == Needs::playing && stream->use != Use::playing) {
            count("command_without_play");
            return refuse(command, rule.refusal, "this stream does not play");
        }
    }
    (this->*rule.handler)(command, stream);
}

void Server::State::on_unknown(const Command& command)
{
    if (phase != Phase::open) {
        return fail({Errc::wrong_state, "RTMP 1.0 §7.2.1"});
    }
    constexpr std::size_t kShown = 64;
    count("unknown_command");
    if (command.wants_answer()) {
        out.command({"_error", command.transaction, amf::Null{},
                     status_object("error", "NetConnection.Call.Failed",
                                   "no such method: " + command.name.substr(0, kShown))},
                    command.type);
    }
}

/// Says no on the message stream of the command; the session goes on.
void Server::State::refuse(const Command& command, std::string_view code, std::string_view description)
{
    out.stream_command(command.stream,
                       {"onStatus", 0, amf::Null{}, status_object("error", code, description)}, command.type);
}

/// Answers a command that wants to be answered.
void Server::State::result(const Command& command, amf::Value value)
{
    if (command.wants_answer()) {
        out.command({"_result", command.transaction, amf::Null{}, std::move(value)}, command.type);
    }
}

void Server::State::status(StreamId stream, std::string_view level, std::string_view code,
                           std::string_view description)
{
    const auto* found = find(stream);
    out.stream_command(stream, {"onStatus", 0, amf::Null{}, status_object(level, code, description)},
                       found == nullptr ? MessageType::command : found->commands);
}

} // namespace millrace::rtmp
