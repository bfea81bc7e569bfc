// What becomes of each request.
#include "film.hpp"
#include "player.hpp"
#include "recorder.hpp"
#include "visit.hpp"

#include <spdlog/spdlog.h>

namespace millrace::doors {
namespace {

constexpr std::chrono::milliseconds kLook{20};
/// So long after a stream's begin, it is taken to have the tracks that it has.
constexpr std::chrono::seconds kSettled{1};

bool ready(const exchange::LocalStream& source, Clock::time_point now)
{
    const auto& tracks = source.stream().head().tracks;
    return !tracks.empty() && (source.stream().has_audio_and_video() || now - source.created() > kSettled);
}

} // namespace

void RtspVisit::refuse(const RtspReply& reply)
{
    reason_ = reply.why;
    core_.refuse(reply.status, reply.why,
                 reply.status == 503 ? rtsp::Headers{{"Retry-After", "5"}} : rtsp::Headers{});
}

const std::vector<media::Track>& RtspVisit::Found::tracks() const
{
    return source ? source->stream().head().tracks : film->head().tracks;
}

/// The recording of that name, and when it was made: its file was changed last at its end.
net::awaitable<bool> RtspVisit::find_film(std::string path, Found& found)
{
    auto* films = room_.house().films();
    if (films == nullptr) {
        co_return false;
    }
    auto title = co_await films->open(path, std::string{});
    if (!title) {
        co_return false;
    }
    const auto place = co_await films->find(path, std::string{});
    found.recorded = WallTime::clock::now();
    if (place) {
        if (const auto identity = place->file.identity()) {
            found.recorded = WallTime{std::chrono::duration_cast<WallTime::duration>(
                std::chrono::nanoseconds{identity->changed_ns})};
        }
    }
    found.recorded -= (*title)->duration();
    found.film = std::move(*title);
    desk_.count("recordings_played");
    co_return true;
}

/// Once it is known what it consists of; nothing: it was refused.
net::awaitable<RtspVisit::Found> RtspVisit::find(std::string path)
{
    Found found;
    std::string why;
    auto source = co_await desk_.exchange().watch(desk_, path, {}, &why);
    if (!source) {
        const bool film = co_await find_film(path, found);
        if (!film) {
            reason_ = why.empty() ? source.error().message() : why;
            spdlog::info("{}: cannot play {}: {}", label(), path, reason_);
            desk_.count("play_refused", source.error().message());
            core_.refuse(404, path + ": " + reason_);
        }
        co_return found;
    }
    net::asio::steady_timer timer{desk_.worker().context()};
    const auto end = Clock::now() + room_.settings().describe_wait;
    while (!ready(**source, Clock::now()) && !(*source)->over() && !core_.closed() && Clock::now() < end) {
        timer.expires_after(kLook);
        co_await timer.async_wait(net::kNoThrow);
    }
    if ((*source)->stream().head().tracks.empty()) {
        RtspReply reply{.status = 503, .why = path + ": nothing has come of the stream yet"};
        refuse(reply);
        co_return found;
    }
    found.source = std::move(*source);
    co_return found;
}

net::awaitable<void> RtspVisit::describe(rtsp::Ask ask)
{
    auto found = co_await find(ask.target.path);
    if (!found) {
        co_return;
    }
    DescriptionInput input{.url = ask.url,
                           .address = me_.local.is_v6() ? "::1" : "127.0.0.1",
                           .name = ask.target.path,
                           .tracks = found.tracks()};
    if (found.film) {
        const FilmPiece whole;
        input.range = write(film_range(whole, rtsp::TimeUnit::npt, found.film->duration(), found.recorded));
    }
    const auto sdp = doors::describe(input);
    if (sdp.empty()) {
        RtspReply reply{.status = 415, .why = ask.target.path + " has no track that RTP can carry"};
        refuse(reply);
        co_return;
    }
    described_ = std::move(found);
    described_path_ = ask.target.path;
    auto base = ask.url.text();
    core_.describe(sdp, base.ends_with('/') ? base : base + "/");
}

void RtspVisit::announce(const rtsp::Ask& ask)
{
    std::string why;
    auto announcement = read_announcement(ask.request.body, why);
    if (!announcement) {
        return refuse({.status = 415, .why = why});
    }
    if (ask.target.path.find('/') == std::string::npos) {
        return refuse({.status = 403, .why = "a stream's name is APP/NAME, such as live/cam"});
    }
    std::vector<std::string> controls;
    for (const auto& medium : announcement->media) {
        controls.push_back(medium.control);
    }
    announced_ = std::make_shared<const Announcement>(std::move(*announcement));
    core_.accept_announce(std::move(controls));
}

net::awaitable<void> RtspVisit::set_up(rtsp::Ask ask)
{
    const auto& settings = room_.settings();
    const bool own = channel_ != nullptr;
    const rtsp::TransportOffer offer{.udp = settings.udp && me_.protocol == "rtsp", .tcp = own};
    auto chosen = rtsp::choose(ask.transports, offer);
    if (!chosen) {
        RtspReply reply{.status = 461, .why = "none of these transports can be had here"};
        refuse(reply);
        co_return;
    }
    auto part = room_.find(ask.session);
    Found found;
    if (!part && !chosen->record) {
        const bool known = described_ && described_path_ == ask.target.path &&
                           (!described_.source || !described_.source->over());
        if (known) {
            found = std::move(described_);
        } else {
            found = co_await find(ask.target.path);
        }
        if (!found) {
            co_return;
        }
    }
    if (!part && chosen->record && !announced_) {
        RtspReply reply{.status = 455, .why = "ANNOUNCE comes before SETUP with mode=record"};
        refuse(reply);
        co_return;
    }
    if (!ask.track && found) {
        // Quirk: ffmpeg sets up the only track with the URL of the stream itself.
        for (const auto& track : found.tracks()) {
            if (track.kind != media::Kind::data && !ask.track) {
                ask.track = rtp::slot_of(track.id);
            }
        }
    }
    if (chosen->record && !part) {
        part = std::make_shared<RtspRecorder>(room_, me_, ask.target.path, ask.target.query, announced_);
    } else if (found.source) {
        part = std::make_shared<RtspPlayer>(room_, me_, ask.target.path, ask.target.query,
                                            std::move(found.source));
    } else if (found.film) {
        part = std::make_shared<RtspFilm>(room_, me_, ask.target.path, std::move(found.film), found.recorded);
    }
    const int track = ask.track.value_or(0);
    const auto reply = part->set_up(track, ask.uri, me_, *chosen);
    if (reply.status != 200) {
        refuse(reply);
        if (part->session().empty()) {
            part->end({});
        }
        co_return;
    }
    auto* session = core_.accept_setup(*chosen, track);
    if (session == nullptr) {
        if (part->session().empty()) {
            part->end({});
        }
        co_return;
    }
    if (part->session().empty()) {
        part->enrol(session->id);
        room_.keep(part);
        this->own(part);
    }
    part->agreed(track, session->streams.at(track).transport);
}

/// Lets the part speak to this connection's client.
void RtspVisit::own(const std::shared_ptr<RtspPart>& part)
{
    if (!channel_) {
        return;
    }
    part->on_end = [weak = weak_from_this()](const std::string& session, std::string_view reason) {
        if (const auto self = weak.lock()) {
            self->session_ended(session, reason);
        }
    };
    part->on_move = [weak = weak_from_this(), path = part->path()](std::string_view server) {
        const auto self = weak.lock();
        if (!self || self->core_.closed() || !server.starts_with("rtsp")) {
            return false;
        }
        const auto location = std::string{server} + "/" + path;
        self->core_.request(rtsp::Method::redirect, location, {{"Location", location}});
        self->say();
        return true;
    };
}

net::awaitable<void> RtspVisit::play(rtsp::Ask ask)
{
    const auto part = room_.find(ask.session);
    if (!part) {
        core_.refuse(454, "the session is gone");
        co_return;
    }
    const auto reply = co_await part->play(ask);
    if (reply.status != 200) {
        refuse(reply);
        co_return;
    }
    core_.accept_play(reply.range, reply.scale, reply.speed, reply.infos);
    say();
    part->go();
}

net::awaitable<void> RtspVisit::record(rtsp::Ask ask)
{
    const auto part = room_.find(ask.session);
    if (!part) {
        core_.refuse(454, "the session is gone");
        co_return;
    }
    const auto reply = co_await part->record(ask);
    if (reply.status >= 300) {
        refuse(reply);
        co_return;
    }
    core_.accept_record(reply.status);
}

void RtspVisit::pause(const rtsp::Ask& ask)
{
    const auto part = room_.find(ask.session);
    if (!part) {
        return core_.refuse(454, "the session is gone");
    }
    const auto reply = part->pause(ask);
    if (reply.status != 200) {
        return refuse(reply);
    }
    core_.accept_pause(reply.range);
}

void RtspVisit::tear_down(const rtsp::Ask& ask)
{
    const auto part = room_.find(ask.session);
    const auto* session = room_.book().find(ask.session);
    const bool last = session != nullptr && (!ask.track || session->streams.size() <= 1);
    if (part) {
        part->tear_down(last ? std::nullopt : ask.track);
        if (last) {
            part->on_end = {};
        }
    }
    core_.accept_teardown();
    if (part && last) {
        part->end({});
    }
}

/// Names of what is known are answered; one that is not refuses all (RFC 2326 §10.8, §10.9).
void RtspVisit::parameters(const rtsp::Ask& ask)
{
    const auto part = room_.find(ask.session);
    const bool set = ask.method == rtsp::Method::set_parameter;
    std::string known;
    std::string unknown;
    std::string fixed;
    for (const auto& line : ask.parameters) {
        const std::string name{rtsp::trim(std::string_view{line}.substr(0, line.find(':')))};
        const auto value = part ? part->parameter(name) : std::nullopt;
        if (!value) {
            unknown += name + "\r\n";
        } else {
            fixed += name + "\r\n";
            known += name + ": " + *value + "\r\n";
        }
    }
    if (!unknown.empty()) {
        return core_.refuse_parameters(451, unknown);
    }
    if (set && !fixed.empty()) {
        return core_.refuse_parameters(458, fixed);
    }
    core_.accept_parameters(known);
}

} // namespace millrace::doors
