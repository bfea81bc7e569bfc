// Commands of the connection (RTMP 1.0 §7.2.1, and those that FMLE brought into the world).
#include "names.hpp"
#include "server_state.hpp"

#include <algorithm>

namespace millrace::rtmp {

namespace {

constexpr std::string_view kServer = "FMS/3,5,7,7009";
constexpr int kAmf3 = 3; ///< objectEncoding: 0 is AMF0.
constexpr std::string_view kServerVersion = "3,5,7,7009";
constexpr int kRedirect = 302; ///< As in HTTP.

/// Ours, and the client's list once more, as Enhanced RTMP v1 wants it.
void add_capabilities(amf::Members& members, const Capabilities& of_client)
{
    for (auto& member : our_capabilities()) {
        members.push_back(std::move(member));
    }
    if (!of_client.four_cc_list.empty()) {
        amf::StrictArray list;
        for (const auto& code : of_client.four_cc_list) {
            list.emplace_back(code);
        }
        members.emplace_back("fourCcList", std::move(list));
    }
}

} // namespace

void Server::State::on_connect(Command& command, Stream*)
{
    const auto property = [&](std::string_view name) {
        const auto* value = command.object.find(name);
        if (value == nullptr && (value = command.object.find_any_case(name)) != nullptr) {
            // Quirk: some clients write `tcurl`.
            count("property_in_other_case");
        }
        return value == nullptr ? std::string{} : to_text(*value);
    };
    ConnectRequested request{.tc_url = property("tcUrl"), .flash_ver = property("flashVer")};
    if (const auto bare = std::string{unquote(request.tc_url)}; bare != request.tc_url) {
        // Quirk: some clients put quotes around tcUrl.
        count("quoted_tc_url");
        request.tc_url = bare;
    }
    const auto asked = property("app");
    const auto [app_path, app_query] = split_query(asked);
    request.app = trim_slashes(app_path);
    if (command.object.find_any_case("app") == nullptr) {
        // Quirk: a client that gives no app has it in its tcUrl.
        count("app_from_tc_url");
        request.app = app_of(request.tc_url);
    }
    merge_query(request.query, app_query);
    merge_query(request.query, split_query(request.tc_url).query);
    request.publisher = property("type") == "nonprivate";

    pending = std::make_unique<PendingConnect>(
        PendingConnect{.transaction = command.transaction, .type = command.type});
    if (const auto* encoding = command.object.find("objectEncoding");
        encoding != nullptr && encoding->number_or(0) == kAmf3) {
        pending->object_encoding = kAmf3;
    }
    request.capabilities = capabilities = read_capabilities(command.object);
    if (const auto refusal = check_app(request.app); !refusal.empty()) {
        reject("NetConnection.Connect.InvalidApp", refusal);
        failure = Error{Errc::disconnected, refusal};
        return;
    }
    if (request.query.size() > kMaxQuery) {
        constexpr std::string_view kRefusal = "the queries of app and tcUrl have more than 4096 bytes";
        reject("NetConnection.Connect.Rejected", kRefusal);
        failure = Error{Errc::disconnected, kRefusal};
        return;
    }
    app = request.app;
    query = request.query;
    publisher = request.publisher;
    request.properties = std::move(command.object);
    phase = Phase::deciding;
    since = now;
    push(std::move(request));
}

void Server::State::answer_connect()
{
    object_encoding = pending->object_encoding;
    amf::Object properties{.members = {{"fmsVer", kServer}, {"capabilities", 31}, {"mode", 1}}};
    auto info = status_object("status", "NetConnection.Connect.Success", "Connection succeeded.");
    info.members.emplace_back("objectEncoding", object_encoding);
    info.members.emplace_back("data", amf::Object{.members = {{"version", kServerVersion}}});
    if (capabilities.announced) {
        add_capabilities(properties.members, capabilities);
        add_capabilities(info.members, capabilities);
    }
    out.control(WindowAcknowledgementSize{kWindow});
    out.control(SetPeerBandwidth{kWindow, PeerLimit::dynamic});
    if (!encryption) {
        out.set_chunk_size(publisher ? kPublishChunkSize : kPlayChunkSize);
    } // Quirk: FFmpeg, publishing over RTMPE, reads an enciphered number when it answers a Set Chunk Size.
    out.command({"_result", pending->transaction, std::move(properties), std::move(info)}, pending->type);
    pending.reset();
}

/// The third value is null and there is a description: FFmpeg waits for ever otherwise.
void Server::State::reject(std::string_view code, std::string_view description, std::string_view redirect)
{
    auto info = status_object("error", code, description.empty() ? "Connection refused." : description);
    if (!redirect.empty()) {
        info.members.emplace_back("ex",
                                  amf::Object{.members = {{"code", kRedirect}, {"redirect", redirect}}});
    }
    out.command({"_error", pending->transaction, amf::Null{}, std::move(info)}, pending->type);
    pending.reset();
    phase = Phase::closed;
}

/// The lowest free id from 1: a client that plays one stream after the other always has 1, which GStreamer
/// needs.
void Server::State::on_create_stream(Command& command, Stream*)
{
    if (streams.size() >= limits.streams) {
        return fail({Errc::too_many_streams, "RTMP 1.0 §7.2.1.3"});
    }
    StreamId id = 1;
    while (find(id) != nullptr) {
        ++id;
    }
    streams.push_back(Stream{.id = id});
    result(command, id);
}

void Server::State::on_release_stream(Command& command, Stream*)
{
    result(command, amf::Undefined{});
}

void Server::State::on_fc_publish(Command& command, Stream*)
{
    out.command({"onFCPublish", 0, amf::Null{},
                 status_object("status", "NetStream.Publish.Start", to_text(command.argument(0)))},
                command.type);
    result(command, amf::Undefined{});
}

void Server::State::on_fc_unpublish(Command& command, Stream*)
{
    const auto name = to_text(command.argument(0));
    auto found =
        std::ranges::find_if(streams, [&](const Stream& s) { return s.publishes() && s.name == name; });
    auto* stream = found != streams.end() ? &*found : only_publisher();
    out.command(
        {"onFCUnpublish", 0, amf::Null{}, status_object("status", "NetStream.Unpublish.Success", name)},
        command.type);
    result(command, amf::Undefined{});
    if (stream != nullptr) {
        stop(*stream);
    }
}

void Server::State::on_fc_subscribe(Command& command, Stream*)
{
    out.command({"onFCSubscribe", 0, amf::Null{},
                 status_object("status", "NetStream.Play.Start", to_text(command.argument(0)))},
                command.type);
    result(command, amf::Undefined{});
}

void Server::State::on_check_bandwidth(Command& command, Stream*)
{
    result(command, amf::Undefined{});
}

void Server::State::on_get_stream_length(Command& command, Stream*)
{
    if (!command.wants_answer()) {
        return;
    }
    const auto given = to_text(command.argument(0));
    auto target = make_path(app, read_name(given));
    if (!target.refusal.empty()) {
        return result(command, 0);
    }
    StreamLengthRequested question{.path = std::move(target.path),
                                   .form = std::string{file_form(given)},
                                   .transaction = command.transaction,
                                   .type = command.type};
    merge_query(question.query, split_query(given).query);
    merge_query(question.query, query);
    push(std::move(question));
}

void Server::State::on_delete_stream(Command& command, Stream*)
{
    const auto& which = command.argument(0);
    Stream* stream = nullptr;
    if (const auto* number = which.as<double>(); number != nullptr && *number >= 1 && *number < 65536) {
        stream = find(static_cast<StreamId>(*number));
    } else if (which.as<std::string>() != nullptr) {
        // Quirk: GStreamer gives the stream's name instead of its id.
        count("delete_stream_by_name");
        stream = only_stream();
    }
    if (stream == nullptr) {
        return count("delete_of_unknown_stream");
    }
    stop(*stream);
    std::erase_if(streams, [id = stream->id](const Stream& s) { return s.id == id; });
}

void Server::State::on_close_stream(Command& command, Stream*)
{
    auto* stream = stream_of(command);
    if (stream == nullptr) {
        return count("command_without_stream");
    }
    stream->commands = command.type;
    const bool published = stream->publishes();
    stop(*stream);
    if (published) {
        status(stream->id, "status", "NetStream.Unpublish.Success", "Stopped publishing.");
    }
}

/// We call nothing that is answered.
void Server::State::on_answer(Command&, Stream*)
{
    count("answer_to_nothing");
}

} // namespace millrace::rtmp
