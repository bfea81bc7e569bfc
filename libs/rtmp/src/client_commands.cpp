// What a client asks of a server, and what the server says.
#include "client_state.hpp"
#include "names.hpp"

#include <algorithm>
#include <array>

namespace millrace::rtmp {

namespace {

// What players announce, so that servers send everything (RTMP 1.0 §7.2.1.1).
constexpr int kCapabilities = 15;
constexpr int kAudioCodecs = 4071;
constexpr int kVideoCodecs = 252;
constexpr int kVideoFunction = 1 | 2 | 4; // Enhanced RTMP v2: seeks, HDR, metadata packets.

constexpr int kAmf3 = 3; ///< objectEncoding: 0 is AMF0.

constexpr std::uint32_t kBufferMs = 3000;

enum class Meaning : std::uint8_t { publishing, playing, ended, refused };

/// Status codes that change our state; others tell us nothing, unless their level is "error".
struct StatusRule {
    std::string_view code;
    Meaning meaning;
};
constexpr std::array kStatusRules{
    StatusRule{"NetStream.Publish.Start", Meaning::publishing},
    StatusRule{"NetStream.Play.Start", Meaning::playing},
    StatusRule{"NetStream.Play.PublishNotify", Meaning::playing},
    StatusRule{"NetStream.Play.Stop", Meaning::ended},
    StatusRule{"NetStream.Play.UnpublishNotify", Meaning::ended},
    StatusRule{"NetStream.Play.Complete", Meaning::ended},
    StatusRule{"NetStream.Failed", Meaning::refused},
    StatusRule{"NetStream.Play.Failed", Meaning::refused},
    StatusRule{"NetStream.Play.StreamNotFound", Meaning::refused},
    StatusRule{"NetStream.Publish.BadName", Meaning::refused},
    StatusRule{"NetStream.Publish.Denied", Meaning::refused},
    StatusRule{"NetStream.Publish.Rejected", Meaning::refused},
    StatusRule{"NetConnection.Connect.AppShutdown", Meaning::refused},
    StatusRule{"NetConnection.Connect.Closed", Meaning::refused},
    StatusRule{"NetConnection.Connect.Failed", Meaning::refused},
    StatusRule{"NetConnection.Connect.InvalidApp", Meaning::refused},
    StatusRule{"NetConnection.Connect.Rejected", Meaning::refused},
};

/// The information object, wherever in the command it stands.
struct Info {
    std::string_view level;
    std::string_view code;
    std::string_view description;
    const amf::Value* object = nullptr; ///< All of it.

    std::optional<std::string> redirect() const
    {
        const auto* extra = object->find("ex");
        const auto* url = extra == nullptr ? nullptr : extra->find("redirect");
        return url == nullptr || url->text().empty() ? std::nullopt : std::optional{std::string{url->text()}};
    }
    std::string_view tc_url() const
    {
        const auto* url = object->find("tcUrl");
        return url == nullptr ? std::string_view{} : url->text();
    }
};

Info info_of(const Command& command)
{
    const auto read = [](const amf::Value& value) {
        const auto text = [&](std::string_view name) {
            const auto* member = value.find(name);
            return member == nullptr ? std::string_view{} : member->text();
        };
        return Info{text("level"), text("code"), text("description"), &value};
    };
    for (const auto& argument : command.arguments) {
        if (const auto info = read(argument); !info.code.empty() || !info.description.empty()) {
            return info;
        }
    }
    return read(command.object);
}

} // namespace

void Client::State::connect()
{
    const bool publishes = options.role == Role::publish;
    amf::Object object{.members = {{"app", options.app}}};
    if (publishes) {
        object.members.emplace_back("type", "nonprivate");
    }
    object.members.emplace_back("flashVer", options.flash_ver);
    object.members.emplace_back("tcUrl", options.tc_url);
    if (!publishes) {
        object.members.emplace_back("fpad", false);
        object.members.emplace_back("capabilities", kCapabilities);
        object.members.emplace_back("audioCodecs", kAudioCodecs);
        object.members.emplace_back("videoCodecs", kVideoCodecs);
        object.members.emplace_back("videoFunction", kVideoFunction);
    }
    for (const auto& [name, value] : options.properties) {
        object.members.emplace_back(name, value);
    }
    if (options.amf3) {
        object.members.emplace_back("objectEncoding", kAmf3);
    }
    object.members.emplace_back("fourCcList", amf::StrictArray{"*"});
    for (auto& member : our_capabilities()) {
        object.members.push_back(std::move(member));
    }
    asked = ++transactions;
    out.control().command({"connect", asked, std::move(object)});
    enter(Phase::connect);
}

void Client::State::create()
{
    auto& control = out.control();
    if (options.role == Role::publish) {
        out.set_chunk_size(options.chunk_size);
        control.command({"releaseStream", ++transactions, amf::Null{}, options.name});
        control.command({"FCPublish", ++transactions, amf::Null{}, options.name});
    } else {
        control.control(WindowAcknowledgementSize{kWindow});
    }
    asked = ++transactions;
    control.command({"createStream", asked, amf::Null{}});
    enter(Phase::create);
}

void Client::State::start()
{
    auto& control = out.control();
    asked = ++transactions;
    if (options.role == Role::publish) {
        control.stream_command(stream, {"publish", asked, amf::Null{}, options.name, options.kind});
    } else {
        control.stream_command(stream, {"play", asked, amf::Null{}, options.name, -2000});
        control.control(SetBufferLength{stream, kBufferMs});
    }
    enter(Phase::start);
}

void Client::State::on_command(const Message& message)
{
    struct Rule {
        std::string_view name;
        void (State::*handler)(const Command&);
    };
    static constexpr std::array kRules{
        Rule{"_result", &State::on_result},  Rule{"_error", &State::on_error},
        Rule{"onStatus", &State::on_status}, Rule{"onBWDone", &State::on_bandwidth_done},
        Rule{"close", &State::on_close},
    };
    if (message.payload.size() > limits.command_bytes) {
        return fail({Errc::message_too_big, "a command"});
    }
    const auto command = read_command(message);
    if (!command) {
        return fail(command.error());
    }
    for (const auto& rule : kRules) {
        if (rule.name == command->name) {
            return (this->*rule.handler)(*command);
        }
    }
}

void Client::State::on_result(const Command& command)
{
    if (command.transaction != asked) {
        return;
    }
    if (phase == Phase::connect) {
        if (const auto info = info_of(command); info.level == "error") {
            return refused(info.code, info.description, info.redirect());
        }
        const auto* encoding = command.argument(0).find("objectEncoding");
        amf3 = options.amf3 && encoding != nullptr && encoding->number_or(0) == kAmf3;
        out.use_commands(amf3 ? MessageType::command_amf3 : MessageType::command);
        if (options.role == Role::connect) {
            enter(Phase::running);
            return push(Started{});
        }
        learn_capabilities(command);
        create();
    } else if (phase == Phase::create) {
        const double id = command.argument(0).number_or(-1);
        if (!(id >= 0 && id <= 0xFFFFFFFF)) {
            return fail({Errc::bad_command, "RTMP 1.0 §7.2.1.3"});
        }
        stream = static_cast<std::uint32_t>(id);
        start();
    }
}

/// Answers to releaseStream, FCPublish and _checkbw may well be errors: many servers do not know them.
void Client::State::on_error(const Command& command)
{
    const bool waits = phase == Phase::connect || phase == Phase::create || phase == Phase::start;
    if (waits && (command.transaction == asked || phase == Phase::connect)) {
        const auto info = info_of(command);
        refused(info.code, info.description, info.redirect());
    }
}

/// They stand in the information object or in the properties, or in both.
void Client::State::learn_capabilities(const Command& command)
{
    server = read_capabilities(command.object);
    for (const auto& argument : command.arguments) {
        if (auto told = read_capabilities(argument); told.announced) {
            server = std::move(told);
        }
    }
}

void Client::State::on_status(const Command& command)
{
    const auto info = info_of(command);
    if (info.code.starts_with("NetStream.Record.")) {
        return push(RecordNews{std::string{info.code}, std::string{info.description}});
    }
    if (info.code == "NetConnection.Connect.ReconnectRequest") {
        return push(
            ReconnectRequested{resolve_tc_url(options.tc_url, info.tc_url()), std::string{info.description}});
    }
    const auto* rule = std::ranges::find(kStatusRules, info.code, &StatusRule::code);
    if (rule == kStatusRules.end() ? info.level == "error" : rule->meaning == Meaning::refused) {
        return refused(info.code, info.description, info.redirect());
    }
    if (rule == kStatusRules.end()) {
        if (!info.code.starts_with("Net")) {
            push(Noticed{std::string{info.code}, std::string{info.description}});
        }
        return;
    }
    const bool plays = options.role == Role::play;
    if (rule->meaning == Meaning::ended) {
        if (plays && phase == Phase::running) {
            end(info.code);
        }
    } else if (plays == (rule->meaning == Meaning::playing)) {
        started();
    }
}

/// The server measured our bandwidth, or says so; FMLE and its followers answer.
void Client::State::on_bandwidth_done(const Command&)
{
    if (!bandwidth_checked) {
        bandwidth_checked = true;
        out.control().command({"_checkbw", ++transactions, amf::Null{}});
    }
}

void Client::State::on_close(const Command&)
{
    refused("close", "");
}

void Client::State::started()
{
    if (phase == Phase::start) {
        enter(Phase::running);
        push(Started{});
    }
}

void Client::State::refused(std::string_view code, std::string_view description,
                            std::optional<std::string> redirect)
{
    push(Refused{std::string{code}, std::string{description}, std::move(redirect)});
    fail(Errc::refused);
}

} // namespace millrace::rtmp
