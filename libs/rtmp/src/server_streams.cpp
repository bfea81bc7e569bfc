// Commands of a stream (RTMP 1.0 §7.2.2), and which stream they mean.
#include "names.hpp"
#include "server_state.hpp"

#include <algorithm>
#include <cmath>

namespace millrace::rtmp {

namespace {

constexpr std::string_view kInUse = "this stream is in use: createStream makes another";

/// What is no number of milliseconds is the start.
double position(const amf::Value& value)
{
    const double ms = value.number_or(0);
    return std::isfinite(ms) && ms > 0 ? ms : 0;
}

double duration_of(const amf::Value& value)
{
    const double duration = value.number_or(-1000);
    return std::isfinite(duration) && duration >= 0 ? duration : -1000;
}

} // namespace

Server::State::Stream* Server::State::find(StreamId id)
{
    const auto found = std::ranges::find(streams, id, &Stream::id);
    return found == streams.end() ? nullptr : &*found;
}

Server::State::Stream* Server::State::only_stream()
{
    return streams.size() == 1 ? &streams.front() : nullptr;
}

Server::State::Stream* Server::State::only_publisher()
{
    const auto found = std::ranges::find_if(streams, &Stream::publishes);
    return std::ranges::count_if(streams, &Stream::publishes) == 1 ? &*found : nullptr;
}

Server::State::Stream* Server::State::stream_of(const Command& command)
{
    auto* stream = find(command.stream);
    if (stream == nullptr && command.stream == 0) {
        // Quirk: a stream's command on message stream 0 is for the only stream that there is.
        stream = only_stream();
        if (stream != nullptr) {
            count("command_on_stream_0");
        }
    }
    return stream;
}

/// The stream whose request is being answered. An answer to a request that the client has since replaced,
/// which shows in a newer one that is not yet taken, is none.
Server::State::Stream* Server::State::asked(StreamId id, Use use)
{
    const bool replaced = events.any_of([id](const ServerEvent& event) {
        const auto* publish = std::get_if<PublishRequested>(&event);
        const auto* play = std::get_if<PlayRequested>(&event);
        return (publish != nullptr && publish->stream == id) ||
               (play != nullptr && play->stream == id && !play->queued);
    });
    auto* stream = find(id);
    return phase != Phase::open || replaced || stream == nullptr || stream->use != use ? nullptr : stream;
}

bool Server::State::active() const
{
    return !objects.empty() ||
           std::ranges::any_of(streams, [](const Stream& s) { return s.use != Use::idle; });
}

void Server::State::stop(Stream& stream)
{
    const bool published = stream.publishes();
    if (stream.use == Use::idle) {
        return;
    }
    stream.use = Use::idle;
    stream.name = {};
    since = now;
    if (published) {
        push(PublishStopped{stream.id});
    } else {
        push(PlayStopped{stream.id});
    }
}

/// A stream's name without its query and what clients put around it.
std::string_view Server::State::read_name(std::string_view given)
{
    const auto path = split_query(given).path;
    const auto whole = strip_file_prefix(path);
    if (whole.size() != path.size()) {
        // Quirk: FFmpeg and rtmpdump ask for files, and for what looks like one, as `mp4:NAME`.
        count("file_prefix");
    }
    const auto name = trim_slashes(whole);
    if (name.size() != whole.size()) {
        // Quirk: a URL with a slash too many, which is meant as if it were not there.
        count("slashes_around_name");
    }
    return name;
}

double Server::State::read_start(const amf::Value& value)
{
    const double start = value.number_or(-2000);
    if (start == -1 || start == -2) {
        // Quirk: the specification and GStreamer say -1 and -2 seconds, all others milliseconds.
        count("play_start_in_seconds");
    }
    if (start == -1 || start == -1000) {
        return -1000;
    }
    return std::isfinite(start) && start >= 0 ? start : -2000;
}

void Server::State::on_publish(Command& command, Stream* stream)
{
    if (const auto* flag = command.argument(0).as<bool>(); flag != nullptr && !*flag) {
        if (stream->publishes()) {
            stop(*stream);
            status(stream->id, "status", "NetStream.Unpublish.Success", "Stopped publishing.");
        }
        return;
    }
    constexpr std::string_view kBadName = "NetStream.Publish.BadName";
    if (stream->use != Use::idle) {
        return refuse(command, kBadName, kInUse);
    }
    const auto given = to_text(command.argument(0));
    auto target = make_path(app, read_name(given));
    if (!target.refusal.empty()) {
        return refuse(command, kBadName, target.refusal);
    }
    PublishRequested request{.stream = stream->id, .path = std::move(target.path)};
    merge_query(request.query, split_query(given).query);
    merge_query(request.query, query);
    request.kind = command.argument(1).text();
    if (request.kind != "record" && request.kind != "append") {
        request.kind = "live";
    }
    stream->use = Use::publish_asked;
    stream->name = given;
    push(std::move(request));
}

/// What play and play2 name; none when that is no name, which is said.
std::optional<PlayRequested> Server::State::read_target(const Command& command, std::string_view given)
{
    auto target = make_path(app, read_name(given));
    if (!target.refusal.empty()) {
        refuse(command, "NetStream.Play.Failed", target.refusal);
        return std::nullopt;
    }
    PlayRequested wanted{.path = std::move(target.path), .form = std::string{file_form(given)}};
    merge_query(wanted.query, split_query(given).query);
    merge_query(wanted.query, query);
    return wanted;
}

void Server::State::on_play(Command& command, Stream* stream)
{
    if (stream->publishes()) {
        return refuse(command, "NetStream.Play.Failed", kInUse);
    }
    auto request = read_target(command, to_text(command.argument(0)));
    if (!request) {
        return;
    }
    request->stream = stream->id;
    request->start_ms = read_start(command.argument(1));
    request->duration_ms = duration_of(command.argument(2));
    request->reset = command.argument(3).bool_or(true);
    request->queued = !request->reset && stream->plays();
    if (!request->queued) {
        stop(*stream);
        stream->use = Use::play_asked;
        stream->reset = request->reset;
        stream->recorded = false;
    }
    push(*std::move(request));
}

void Server::State::on_play2(Command& command, Stream* stream)
{
    constexpr std::string_view kFailed = "NetStream.Play.Failed";
    const auto& options = command.argument(0);
    const auto text = [&options](std::string_view name) {
        const auto* value = options.find(name);
        return value == nullptr ? std::string{} : to_text(*value);
    };
    if (stream->use != Use::playing) {
        return refuse(command, kFailed, "this stream does not play: use play");
    }
    auto wanted = read_target(command, text("streamName"));
    if (!wanted) {
        return;
    }
    wanted->stream = stream->id;
    const auto* start = options.find("start");
    const auto* length = options.find("len");
    wanted->start_ms = start == nullptr ? -2000 : read_start(*start);
    wanted->duration_ms = length == nullptr ? -1000 : duration_of(*length);
    wanted->reset = false;
    wanted->queued = true;
    TransitionRequested request{
        .stream = stream->id, .transition = text("transition"), .wanted = *std::move(wanted)};
    if (const auto old = text("oldStreamName"); !old.empty()) {
        request.old_path = make_path(app, read_name(old)).path;
    }
    push(std::move(request));
}

void Server::State::on_seek(Command& command, Stream* stream)
{
    if (!stream->recorded) {
        refuse(command, "NetStream.Seek.Failed", "a live stream cannot be sought in");
    }
    push(SeekRequested{stream->id, position(command.argument(0))});
}

void Server::State::on_pause(Command& command, Stream* stream)
{
    const bool paused = command.argument(0).bool_or(true);
    if (paused) {
        status(stream->id, "status", "NetStream.Pause.Notify", "Paused.");
        out.control(StreamEvent{StreamNews::eof, stream->id});
    } else {
        status(stream->id, "status", "NetStream.Unpause.Notify", "Resumed.");
        out.control(StreamEvent{StreamNews::begin, stream->id});
    }
    push(PauseRequested{stream->id, paused, position(command.argument(1))});
}

void Server::State::on_receive_audio(Command& command, Stream* stream)
{
    stream->audio = command.argument(0).bool_or(true);
    receive_changed(*stream, stream->audio);
}

void Server::State::on_receive_video(Command& command, Stream* stream)
{
    stream->video = command.argument(0).bool_or(true);
    receive_changed(*stream, stream->video);
}

void Server::State::receive_changed(const Stream& stream, bool resumed)
{
    if (resumed && stream.use == Use::playing) {
        status(stream.id, "status", "NetStream.Seek.Notify", "Resumed.");
        status(stream.id, "status", "NetStream.Play.Start", "Playing.");
    }
    push(ReceiveChanged{stream.id, stream.audio, stream.video});
}

} // namespace millrace::rtmp
