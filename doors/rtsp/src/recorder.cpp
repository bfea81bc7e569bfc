#include "recorder.hpp"

#include "room.hpp"
#include <millrace/crypto/random.hpp>
#include <millrace/exchange/publish_options.hpp>
#include <millrace/rtsp/message.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace millrace::doors {
namespace {

constexpr int kReceiveBuffer = 4 << 20; ///< A key frame of 4K must fit.
constexpr int kSilenceOverTcp = 3;      ///< Times as long as over UDP.

std::uint32_t random_number()
{
    std::array<std::uint8_t, 4> bytes{};
    crypto::random_fill(bytes);
    return static_cast<std::uint32_t>(bytes[0]) << 24U | static_cast<std::uint32_t>(bytes[1]) << 16U |
           static_cast<std::uint32_t>(bytes[2]) << 8U | bytes[3];
}

rtp::Reception::Options reception_options()
{
    rtp::Reception::Options options;
    options.ssrc = random_number();
    return options;
}

} // namespace

RtspRecorder::RtspRecorder(RtspRoom& room, const RtspCaller& caller, std::string path, std::string query,
                           std::shared_ptr<const Announcement> announcement)
    : RtspPart{room, caller, std::move(path)}, query_{std::move(query)},
      announcement_{std::move(announcement)}, reception_{reception_options()}, wire_{caller.wire},
      timer_{room.desk().worker().context()}, began_{Clock::now()}
{
}

RtspReply RtspRecorder::set_up(int track, const std::string&, const RtspCaller& caller,
                               rtsp::Transport& transport)
{
    const auto index = static_cast<std::size_t>(track);
    if (index >= announcement_->media.size()) {
        return {.status = 404, .why = "there is no such medium in what was announced"};
    }
    if (transport.append) {
        return {.status = 456, .why = "a live stream cannot be appended to"};
    }
    auto& line = lines_[track];
    const auto& announced = announcement_->media[index];
    interleaved_ = transport.lower == rtsp::Lower::tcp;
    if (announced.format && !line.medium) {
        if (auto medium = reception_.add(*announced.format, announced.id, announced.number, interleaved_)) {
            line.medium = *medium;
        }
    }
    if (!line.medium) {
        spdlog::info("{}: {}: {} is not a format that is known here: left out", label(), path_,
                     announced.name);
    }
    if (!interleaved_) {
        return open_sockets(line, track, caller, transport);
    }
    line.transport = transport;
    return {};
}

RtspReply RtspRecorder::open_sockets(Line& line, int track, const RtspCaller& caller,
                                     rtsp::Transport& transport)
{
    if (!line.sockets.rtp) {
        auto pair = room_.house().ports().open(room_.desk().worker().executor(), caller.local);
        if (!pair) {
            return {.status = 453, .why = "all ports for datagrams are taken"};
        }
        line.sockets = std::move(*pair);
        line.sockets.rtp->set_receive_buffer(kReceiveBuffer);
        auto self = std::static_pointer_cast<RtspRecorder>(shared_from_this());
        for (const bool rtcp : {false, true}) {
            room_.desk().worker().spawn(
                listen(self, track, rtcp ? line.sockets.rtcp : line.sockets.rtp, rtcp));
        }
    }
    transport.server_port = rtsp::Ports{line.sockets.rtp->port(), line.sockets.rtcp->port()};
    if (transport.client_port && transport.client_port->rtcp != 0) {
        line.reports_to.emplace(peer_, transport.client_port->rtcp);
    }
    line.transport = transport;
    return {};
}

net::awaitable<RtspReply> RtspRecorder::record(const rtsp::Ask&)
{
    if (publication_) {
        recording_ = true;
        co_return RtspReply{};
    }
    const auto self = shared_from_this();
    exchange::Claim claim{.stream = path_,
                          .session = number_,
                          .protocol = protocol_,
                          .remote = remote_,
                          .backup = exchange::asks_for_reserve(query_)};
    auto publication = co_await room_.desk().exchange().publish(room_.desk(), std::move(claim));
    if (!publication) {
        reason_ = publication.error().message();
        spdlog::warn("{}: may not publish {}: {}", label(), path_, reason_);
        room_.desk().count("publish_refused", reason_);
        const bool busy = publication.error() == exchange::make_error_code(exchange::Errc::busy);
        RtspReply reply{.status = busy ? 403 : 503, .why = path_ + ": " + reason_};
        co_return reply;
    }
    if (over_) {
        co_return RtspReply{.status = 454, .why = "the session ended"};
    }
    spdlog::info("{}: publishes {}", label(), path_);
    publication_ = std::move(*publication);
    recording_ = true;
    drain(Clock::now());
    if (!timing_) {
        timing_ = true;
        room_.desk().worker().spawn(keep_time(std::static_pointer_cast<RtspRecorder>(shared_from_this())));
    }
    co_return RtspReply{};
}

RtspReply RtspRecorder::pause(const rtsp::Ask&)
{
    recording_ = false;
    return {};
}

void RtspRecorder::tear_down(std::optional<int> track)
{
    if (publication_ && !track) {
        publication_->stopped();
    }
    if (track) {
        if (const auto line = lines_.find(*track); line != lines_.end() && line->second.sockets.rtp) {
            line->second.sockets.rtp->close();
            line->second.sockets.rtcp->close();
        }
        lines_.erase(*track);
    }
}

void RtspRecorder::release()
{
    timer_.cancel();
    for (auto& [track, line] : lines_) {
        if (line.sockets.rtp) {
            line.sockets.rtp->close();
            line.sockets.rtcp->close();
        }
    }
    publication_.reset();
    wire_.reset();
}

void RtspRecorder::feed(int track, SharedBytes packet)
{
    take(track, std::move(packet), Clock::now());
}

void RtspRecorder::take(int track, SharedBytes packet, Clock::time_point now)
{
    const auto line = lines_.find(track);
    if (over_ || line == lines_.end()) {
        return;
    }
    heard(now);
    bytes_in_ += packet.size();
    if (!line->second.medium || !recording_) {
        return;
    }
    reception_.feed(*line->second.medium, std::move(packet), now);
    drain(now);
}

/// Hands on what the reception has made, and sends what it has to say.
void RtspRecorder::drain(Clock::time_point now)
{
    while (auto item = reception_.next()) {
        items_.push_back(std::move(*item));
    }
    if (publication_ && !items_.empty()) {
        publication_->push(items_);
    }
    items_.clear();
    while (const auto report = reception_.take_report()) {
        for (const auto& [track, line] : lines_) {
            if (line.medium != report->medium) {
                continue;
            }
            bytes_out_ += report->bytes.size();
            const ByteView view{report->bytes};
            if (line.transport.interleaved && wire_) {
                Bytes framed;
                rtsp::write_frame_head(framed, static_cast<std::uint8_t>(line.transport.interleaved->rtcp),
                                       view.size());
                framed.insert(framed.end(), view.begin(), view.end());
                wire_->say(std::move(framed));
                wire_->flush(now);
            } else if (line.sockets.rtcp && line.reports_to) {
                line.sockets.rtcp->send_now({&view, 1}, *line.reports_to);
            }
        }
    }
}

/// Takes datagrams from the publisher's address; others are dropped and counted.
net::awaitable<void> RtspRecorder::listen(std::shared_ptr<RtspRecorder> self, int track,
                                          std::shared_ptr<net::DatagramSocket> socket, bool rtcp)
{
    while (!self->over_) {
        const auto error = co_await socket->readable();
        if (error || self->over_) {
            break;
        }
        const auto now = Clock::now();
        socket->receive_now([&](ByteView bytes, const net::udp::endpoint& from) {
            if (from.address() != self->peer_) {
                self->room_.desk().count("rtsp_datagrams_dropped", "unknown address");
                return;
            }
            if (rtcp) {
                const auto line = self->lines_.find(track);
                if (line != self->lines_.end()) {
                    line->second.reports_to = from; // Behind a NAT it is not the port that was named.
                }
            }
            self->take(track, SharedBytes::copy_of(bytes), now);
        });
    }
}

/// Gaps that nobody fills, and reports.
net::awaitable<void> RtspRecorder::keep_time(std::shared_ptr<RtspRecorder> self)
{
    constexpr std::chrono::milliseconds kAtLeast{5};
    constexpr std::chrono::milliseconds kAtMost{1000};
    while (!self->over_) {
        const auto now = Clock::now();
        const auto due = self->reception_.deadline().value_or(now + kAtMost);
        self->timer_.expires_at(std::clamp(due, now + kAtLeast, now + kAtMost));
        co_await self->timer_.async_wait(net::kNoThrow);
        if (!self->over_) {
            self->reception_.tick(Clock::now());
            self->drain(Clock::now());
        }
    }
}

void RtspRecorder::tick(Clock::time_point now)
{
    const auto self = shared_from_this();
    const auto most = room_.settings().publisher_silence * (interleaved_ ? kSilenceOverTcp : 1);
    const auto* session = room_.book().find(session_);
    if (recording_ && session != nullptr && now - session->heard > most) {
        room_.desk().count("rtsp_sessions_expired");
        end("the publisher was silent for too long");
        return;
    }
    RtspPart::tick(now);
}

std::optional<std::string> RtspRecorder::parameter(std::string_view name) const
{
    std::uint64_t packets = 0;
    double jitter = 0;
    for (std::size_t i = 0; i < reception_.size(); ++i) {
        const auto stats = reception_.stats(i);
        packets += stats.packets;
        jitter = std::max(jitter, std::chrono::duration<double>{stats.jitter}.count());
    }
    if (name == "packets_received") {
        return std::to_string(packets);
    }
    return name == "jitter" ? std::optional{fmt::format("{:.6f}", jitter)} : std::nullopt;
}

exchange::SessionInfo RtspRecorder::info(Clock::time_point) const
{
    exchange::SessionInfo info{.role = publication_ ? exchange::Role::publisher : exchange::Role::idle,
                               .bytes_in = bytes_in_,
                               .bytes_out = bytes_out_,
                               .state = recording_ ? "live" : "ready"};
    fill(info);
    for (const auto& announced : announcement_->media) {
        if (!announced.format) {
            info.tolerated["medium_left_out_" + announced.name] = 1;
        }
    }
    for (const auto& [name, count] : announcement_->tolerated) {
        info.tolerated[name] += count;
    }
    for (std::size_t i = 0; i < reception_.size(); ++i) {
        const auto stats = reception_.stats(i);
        const auto seconds = std::chrono::duration<double>{stats.jitter}.count();
        info.network["packets"] += static_cast<double>(stats.packets);
        info.network["lost"] += static_cast<double>(stats.lost);
        info.network["reordered"] += static_cast<double>(stats.reordered);
        info.network["duplicates"] += static_cast<double>(stats.duplicates);
        info.network["late"] += static_cast<double>(stats.late);
        info.network["damaged_frames"] += static_cast<double>(stats.payload.damaged);
        info.network["jitter_seconds"] = std::max(info.network["jitter_seconds"], seconds);
        if (stats.round_trip) {
            info.network["round_trip_seconds"] = std::chrono::duration<double>{*stats.round_trip}.count();
        }
    }
    return info;
}

} // namespace millrace::doors
