#include "player.hpp"

#include "description.hpp"
#include "room.hpp"
#include <millrace/exchange/viewer_options.hpp>
#include <millrace/rtp/muxer.hpp>
#include <millrace/rtp/packet.hpp>
#include <millrace/rtp/rtcp.hpp>

#include <spdlog/spdlog.h>

namespace millrace::doors {
namespace {

constexpr std::uint8_t rtp_channel(int slot)
{
    return static_cast<std::uint8_t>(2 * slot);
}

constexpr std::uint8_t rtcp_channel(int slot)
{
    return static_cast<std::uint8_t>(2 * slot + 1);
}

const media::Track* track_of_slot(const hub::Stream& stream, int slot)
{
    for (const auto& track : stream.head().tracks) {
        if (track.kind != media::Kind::data && rtp::slot_of(track.id) == slot &&
            why_left_out(track).empty()) {
            return &track;
        }
    }
    return nullptr;
}

} // namespace

hub::Packaging rtp_packaging(const hub::Stream& stream, std::uint64_t seed)
{
    rtp::Muxer::Options options;
    options.seed = seed;
    options.media = stream.newest();
    options.wall = WallTime::clock::now();
    options.numbering = rtp::make_numbering(seed);
    return {.key = "rtp", .make = [options] { return std::make_unique<rtp::Muxer>(options); }};
}

RtspPlayer::RtspPlayer(RtspRoom& room, const RtspCaller& caller, std::string path, std::string query,
                       std::shared_ptr<exchange::LocalStream> source)
    : RtspPart{room, caller, std::move(path)}, query_{std::move(query)}, source_{std::move(source)},
      seed_{room.house().seed_of(path_)}, wire_{caller.wire}, key_{static_cast<std::uint32_t>(number_)}
{
    packaging_ = rtp_packaging(source_->stream(), seed_);
}

RtspReply RtspPlayer::set_up(int track, const std::string& url, const RtspCaller& caller,
                             rtsp::Transport& transport)
{
    const auto* source = track_of_slot(source_->stream(), track);
    if (source == nullptr) {
        return {.status = 404, .why = "there is no such track in " + path_};
    }
    if (!source_->stream().has_room(packaging_)) {
        return {.status = 453, .why = "too many forms of this stream are in use"};
    }
    transport.ssrc = rtp::ssrc_of(seed_, source->id);
    interleaved_ = transport.lower == rtsp::Lower::tcp;
    auto& line = lines_[track];
    line.url = url;
    if (!interleaved_) {
        return open_sockets(line, track, caller, transport);
    }
    line.transport = transport;
    return {};
}

RtspReply RtspPlayer::open_sockets(Line& line, int track, const RtspCaller& caller,
                                   rtsp::Transport& transport)
{
    if (!transport.destination.empty()) {
        net::error_code bad;
        const auto other = net::asio::ip::make_address(transport.destination, bad);
        if (bad || net::unmapped(other) != peer_) {
            room_.desk().count("rtsp_refused", "destination");
            return {.status = 403, .why = "packets are sent to the address that asks for them alone"};
        }
    }
    if (!line.sockets.rtp) {
        auto pair = room_.house().ports().open(room_.desk().worker().executor(), caller.local);
        if (!pair) {
            return {.status = 453, .why = "all ports for datagrams are taken"};
        }
        line.sockets = std::move(*pair);
        auto self = std::static_pointer_cast<RtspPlayer>(shared_from_this());
        for (const bool rtcp : {false, true}) {
            room_.desk().worker().spawn(
                listen(self, track, rtcp ? line.sockets.rtcp : line.sockets.rtp, rtcp));
        }
    }
    if (!datagrams_) {
        datagrams_ = std::make_shared<DatagramOutlet>(
            room_.desk().worker().executor(), exchange::viewer_options(room_.desk().settings(), query_));
        datagrams_->on_ended = [weak = weak_from_this(), this] {
            room_.desk().worker().post([weak, this] {
                if (const auto self = weak.lock()) {
                    over_by_stream();
                }
            });
        };
    }
    transport.server_port = rtsp::Ports{line.sockets.rtp->port(), line.sockets.rtcp->port()};
    line.transport = transport;
    return {};
}

/// Where each track's packets go now.
void RtspPlayer::route()
{
    for (const auto& [slot, line] : lines_) {
        const auto& transport = line.transport;
        if (transport.interleaved) {
            if (line.playing) {
                map_->set(rtp_channel(slot), static_cast<std::uint8_t>(transport.interleaved->rtp));
                map_->set(rtcp_channel(slot), static_cast<std::uint8_t>(transport.interleaved->rtcp));
            } else {
                map_->unset(rtp_channel(slot));
                map_->unset(rtcp_channel(slot));
            }
        } else if (!line.playing) {
            datagrams_->leave_out(rtp_channel(slot));
            datagrams_->leave_out(rtcp_channel(slot));
        } else if (!datagrams_->address(rtp_channel(slot))) {
            datagrams_->send_to(rtp_channel(slot), line.sockets.rtp, {peer_, transport.client_port->rtp});
            datagrams_->send_to(rtcp_channel(slot), line.sockets.rtcp, {peer_, transport.client_port->rtcp});
        }
    }
}

hub::Selection RtspPlayer::selection() const
{
    bool audio = false;
    bool video = false;
    for (const auto& [slot, line] : lines_) {
        (slot % 2 == 0 ? video : audio) |= line.playing;
    }
    return !audio && video   ? hub::Selection::video_only
           : audio && !video ? hub::Selection::audio_only
                             : hub::Selection::all;
}

hub::Viewer* RtspPlayer::viewer() const
{
    if (!watching_) {
        return nullptr;
    }
    return interleaved_ ? (wire_ ? wire_->viewer(key_) : nullptr) : &datagrams_->viewer();
}

/// Where each stream begins, when that is known: the image says so at its join point. What is not known is
/// left out, for players take what is said at its word.
std::vector<rtsp::RtpInfo> RtspPlayer::infos(hub::Viewer& viewer) const
{
    std::vector<rtsp::RtpInfo> infos;
    const auto views = viewer.pending();
    if (views.empty()) {
        return infos;
    }
    auto first = views.front();
    const auto framed = rtp::take_framed(first);
    if (!framed || framed->channel != rtp::kStartChannel) {
        return infos;
    }
    for (const auto& start : rtp::read_starts(framed->packet)) {
        if (const auto line = lines_.find(rtp::slot_of(start.track));
            line != lines_.end() && line->second.playing) {
            infos.push_back({line->second.url, start.sequence, start.timestamp});
        }
    }
    return infos;
}

net::awaitable<RtspReply> RtspPlayer::play(const rtsp::Ask& ask)
{
    for (auto& [slot, line] : lines_) {
        line.playing = line.playing || !ask.track || *ask.track == slot;
    }
    route();
    auto options = exchange::viewer_options(room_.desk().settings(), query_);
    if (selection() != hub::Selection::all) {
        options.selection = selection();
    }
    const auto now = Clock::now();
    bool begins = false;
    if (!watching_) {
        watching_ = begins = true;
        spdlog::info("{}: plays {}", label(), path_);
        if (interleaved_) {
            wire_->watch(key_, source_->stream(), packaging_, options, std::make_unique<ChannelLens>(map_));
        } else {
            source_->stream().attach(datagrams_->viewer(), packaging_);
            datagrams_->viewer().select(options.selection);
        }
    }
    auto* watched = viewer();
    if (watched == nullptr) {
        RtspReply gone{.status = 454, .why = "the stream is over"};
        co_return gone;
    }
    if (watched->state() == hub::Viewer::State::paused) {
        watched->resume();
        begins = true;
    } else if (!begins) {
        watched->select(options.selection);
    }
    RtspReply reply{.range = rtsp::TimeRange{.now = true}};
    if (begins) {
        watched->step(now);
        reply.infos = infos(*watched);
    }
    co_return reply;
}

void RtspPlayer::go()
{
    if (datagrams_ && watching_) {
        datagrams_->flush(Clock::now());
    }
}

RtspReply RtspPlayer::pause(const rtsp::Ask& ask)
{
    bool any = false;
    for (auto& [slot, line] : lines_) {
        line.playing = line.playing && ask.track && *ask.track != slot;
        any = any || line.playing;
    }
    route();
    auto* watched = viewer();
    if (watched != nullptr && !any) {
        watched->pause();
    }
    return {};
}

void RtspPlayer::tear_down(std::optional<int> track)
{
    if (!track) {
        return; // The session ends, and this with it.
    }
    if (const auto line = lines_.find(*track); line != lines_.end()) {
        line->second.playing = false;
        route();
        if (line->second.sockets.rtp) {
            line->second.sockets.rtp->close();
            line->second.sockets.rtcp->close();
        }
        lines_.erase(line);
    }
}

void RtspPlayer::release()
{
    if (interleaved_ && wire_) {
        wire_->unwatch(key_);
    }
    if (datagrams_) {
        datagrams_->stop();
        if (watching_) {
            source_->stream().detach(datagrams_->viewer());
        }
    }
    watching_ = false;
    for (auto& [slot, line] : lines_) {
        if (line.sockets.rtp) {
            line.sockets.rtp->close();
            line.sockets.rtcp->close();
        }
    }
    wire_.reset();
}

void RtspPlayer::over_by_stream()
{
    if (!over_ && source_->over()) {
        end("the stream is over");
    }
}

void RtspPlayer::feed(int, SharedBytes packet)
{
    bytes_in_ += packet.size();
    hear_report(packet);
}

/// Datagrams of the client's: they show that it is there, and where it is behind a NAT.
net::awaitable<void> RtspPlayer::listen(std::shared_ptr<RtspPlayer> self, int track,
                                        std::shared_ptr<net::DatagramSocket> socket, bool rtcp)
{
    bool learnt = false;
    while (!self->over_) {
        const auto error = co_await socket->readable();
        if (error || self->over_) {
            break;
        }
        socket->receive_now([&](ByteView bytes, const net::udp::endpoint& from) {
            if (from.address() != self->peer_) {
                self->room_.desk().count("rtsp_datagrams_dropped", "unknown address");
                return;
            }
            self->bytes_in_ += bytes.size();
            const auto channel = rtcp ? rtcp_channel(track) : rtp_channel(track);
            if (self->datagrams_ && !learnt) {
                const auto to = self->datagrams_->address(channel);
                if (to && *to != from) {
                    self->datagrams_->send_to(channel, socket, from);
                }
                learnt = to.has_value();
            }
            self->heard(Clock::now());
            self->hear_report(bytes);
        });
    }
}

void RtspPlayer::hear_report(ByteView packet)
{
    if (!rtp::is_rtcp(packet) || rtp::is_punch(packet)) {
        return;
    }
    heard(Clock::now());
    rtp::QuirkCounts quirks;
    const auto compound = rtp::rtcp::read_compound(packet, quirks);
    if (!compound) {
        return;
    }
    for (const auto& each : *compound) {
        const auto* report = std::get_if<rtp::rtcp::ReceiverReport>(&each);
        if (report == nullptr) {
            continue;
        }
        for (const auto& block : report->blocks) {
            const auto kind = block.ssrc;
            const bool picture = track_of_slot(source_->stream(), 0) != nullptr &&
                                 kind == rtp::ssrc_of(seed_, track_of_slot(source_->stream(), 0)->id);
            network_["lost"] = block.lost;
            network_["loss"] = block.fraction / 256.0;
            network_["jitter_seconds"] = block.jitter / (picture ? 90000.0 : 48000.0);
            if (block.last_report != 0) {
                const auto now = rtp::to_ntp(WallTime::clock::now()).middle();
                const auto trip = rtp::from_middle(now - block.last_report - block.delay);
                if (trip < std::chrono::seconds{60}) {
                    network_["round_trip_seconds"] = std::chrono::duration<double>{trip}.count();
                }
            }
        }
    }
}

void RtspPlayer::tick(Clock::time_point now)
{
    const auto* watched = viewer();
    if (watched != nullptr && watched->state() == hub::Viewer::State::closed) {
        const auto self = shared_from_this();
        end(watched->reason());
        return;
    }
    RtspPart::tick(now);
}

std::optional<std::string> RtspPlayer::parameter(std::string_view name) const
{
    if (name == "position") {
        const auto place = std::chrono::duration<double>{source_->stream().newest().time_since_epoch()};
        return std::to_string(place.count());
    }
    return std::nullopt;
}

exchange::SessionInfo RtspPlayer::info(Clock::time_point) const
{
    exchange::SessionInfo info{.role = exchange::Role::viewer, .bytes_in = bytes_in_, .state = "ready"};
    if (const auto* watched = viewer()) {
        exchange::describe(*watched, info);
        info.bytes_out = datagrams_ ? datagrams_->bytes_out() : watched->record().bytes;
    }
    fill(info);
    for (const auto& track : source_->stream().head().tracks) {
        if (track.kind != media::Kind::data) {
            info.tracks.push_back({track.kind, track.number, track.codec, why_left_out(track)});
        }
    }
    info.network = network_;
    if (datagrams_ && datagrams_->refused() > 0) {
        info.network["unsent"] = static_cast<double>(datagrams_->refused());
    }
    return info;
}

} // namespace millrace::doors
