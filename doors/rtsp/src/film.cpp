#include "film.hpp"

#include "description.hpp"
#include "room.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>

namespace millrace::doors {
namespace {

constexpr std::size_t kPiece = std::size_t{256} << 10U; ///< Read at once.
constexpr std::size_t kMostUnsent = std::size_t{512} << 10U;
constexpr std::chrono::milliseconds kWait{10}; ///< For a connection that is full.
constexpr std::chrono::milliseconds kStepBack{1};
constexpr double kAllFrames = 2; ///< Up to this scale.

std::uint64_t seed_of(RtspRoom& room, const std::string& path, std::uint64_t number)
{
    return room.house().seed_of(path + "#" + std::to_string(number));
}

} // namespace

RtspFilm::RtspFilm(RtspRoom& room, const RtspCaller& caller, std::string path,
                   std::unique_ptr<store::Title> title, WallTime recorded)
    : RtspPart{room, caller, std::move(path)}, title_{std::move(title)}, head_{title_->head()},
      recorded_{recorded}, seed_{seed_of(room, path_, number_)}, wire_{caller.wire},
      timer_{room.desk().worker().context()}
{
    rtp::Muxer::Options options;
    options.seed = seed_;
    options.wall = WallTime::clock::now();
    muxer_ = std::make_unique<rtp::Muxer>(options);
}

RtspReply RtspFilm::set_up(int track, const std::string& url, const RtspCaller& caller,
                           rtsp::Transport& transport)
{
    const auto found = std::ranges::find_if(head_.tracks, [track](const media::Track& each) {
        return each.kind != media::Kind::data && rtp::slot_of(each.id) == track && why_left_out(each).empty();
    });
    if (found == head_.tracks.end()) {
        return {.status = 404, .why = "there is no such track in " + path_};
    }
    transport.ssrc = rtp::ssrc_of(seed_, found->id);
    interleaved_ = transport.lower == rtsp::Lower::tcp;
    auto& line = lines_[track];
    line.url = url;
    if (!interleaved_ && !line.sockets.rtp) {
        auto pair = room_.house().ports().open(room_.desk().worker().executor(), caller.local);
        if (!pair) {
            lines_.erase(track);
            return {.status = 453, .why = "all ports for datagrams are taken"};
        }
        line.sockets = std::move(*pair);
        auto self = std::static_pointer_cast<RtspFilm>(shared_from_this());
        for (const auto& socket : {line.sockets.rtp, line.sockets.rtcp}) {
            room_.desk().worker().spawn(listen(self, socket));
        }
    }
    if (!interleaved_) {
        transport.server_port = rtsp::Ports{line.sockets.rtp->port(), line.sockets.rtcp->port()};
    }
    line.transport = transport;
    media::Pieces nothing;
    muxer_->write(*found, MediaTime{}, nothing);
    return {};
}

void RtspFilm::agreed(int track, const rtsp::Transport& transport)
{
    lines_[track].transport = transport;
}

/// A range with an end, behind one with an end, is queued (RFC 2326 §10.5); all else is where to go now.
net::awaitable<RtspReply> RtspFilm::play(const rtsp::Ask& ask)
{
    const auto unit = ask.range ? ask.range->unit : rtsp::TimeUnit::npt;
    if (playing_ && !ask.range && !ask.scale && !ask.speed) {
        RtspReply ping{.range = film_range(piece_, unit, title_->duration(), recorded_)};
        co_return ping;
    }
    FilmPiece piece;
    auto reply = film_piece(ask, title_->duration(), recorded_, here_, piece);
    if (reply.status != 200) {
        co_return reply;
    }
    reply.scale = piece.scale;
    reply.speed = piece.speed;
    if (playing_ && piece_.to && ask.range && ask.range->begin && piece.to && piece_.scale > 0) {
        if (queue_.size() >= kMostQueued) {
            reply.status = 453;
            reply.why = "as many ranges are queued as may be";
            co_return reply;
        }
        queue_.push_back({piece, unit});
        reply.range = film_range(piece, unit, title_->duration(), recorded_);
        co_return reply;
    }
    queue_.clear();
    stop_.reset();
    const bool good = co_await begin(piece);
    if (!good) {
        reply.status = 457;
        reply.why = "nothing can be played there";
        co_return reply;
    }
    reply.range = film_range(piece_, unit, title_->duration(), recorded_);
    reply.infos = infos();
    co_return reply;
}

/// Goes to a place; the first frame there is ready to be sent. Times of playing go on from where they are.
net::awaitable<bool> RtspFilm::begin(const FilmPiece& piece)
{
    const auto self = shared_from_this();
    ++turn_;
    while (busy_ && !over_) { // The file has one reader.
        timer_.expires_after(kWait);
        co_await timer_.async_wait(net::kNoThrow);
    }
    playing_ = false;
    piece_ = piece;
    items_.clear();
    ready_.clear();
    at_end_ = false;
    busy_ = true;
    auto sought =
        co_await room_.house().films()->run([&title = *title_, at = piece.from] { return title.seek(at); });
    busy_ = false;
    if (!sought || over_) {
        co_return false;
    }
    std::optional<media::Frame> first;
    while (!first && !over_) {
        first = next_frame();
        if (!first) {
            const bool more = co_await read_more();
            if (!more) {
                break;
            }
        }
    }
    if (!first || over_) {
        co_return false;
    }
    piece_.from = first->dts;
    turned_ = first->dts;
    shown_ = newest_ == MediaTime{} ? MediaTime{} : newest_ + std::chrono::milliseconds{40};
    here_ = first->dts;
    mux(std::move(*first), true);
    playing_ = true;
    co_return true;
}

net::awaitable<bool> RtspFilm::read_more()
{
    const auto self = shared_from_this();
    if (at_end_) {
        co_return false;
    }
    if (piece_.scale < 0) {
        co_return co_await step_back();
    }
    std::vector<media::Item> items;
    busy_ = true;
    const auto read =
        co_await room_.house().films()->run([&title = *title_, &items] { return title.read(kPiece, items); });
    busy_ = false;
    at_end_ = !read || !*read;
    for (auto& item : items) {
        items_.push_back(std::move(item));
    }
    co_return !items.empty();
}

/// The key frame before the one that was shown.
net::awaitable<bool> RtspFilm::step_back()
{
    const auto at = here_.value_or(piece_.from) - kStepBack;
    if (at < MediaTime{}) {
        at_end_ = true;
        co_return false;
    }
    std::vector<media::Item> items;
    busy_ = true;
    const auto sought = co_await room_.house().films()->run([&title = *title_, at, &items] {
        auto place = title.seek(at);
        if (place) {
            static_cast<void>(title.read(1, items));
        }
        return place;
    });
    busy_ = false;
    at_end_ = !sought || *sought >= here_.value_or(MediaTime::max());
    if (!at_end_) {
        for (auto& item : items) {
            const auto* frame = std::get_if<media::Frame>(&item);
            if (frame != nullptr && frame->kind == media::Kind::video && frame->key) {
                items_.push_back(std::move(item));
                break;
            }
        }
    }
    co_return !items_.empty();
}

bool RtspFilm::plays(const media::Frame& frame) const
{
    if (frame.kind == media::Kind::data || !lines_.contains(rtp::slot_of(frame.track))) {
        return false;
    }
    if (piece_.scale == 1) {
        return true;
    }
    const bool all = piece_.scale > 0 && piece_.scale <= kAllFrames;
    return frame.kind == media::Kind::video && (all || frame.key);
}

std::optional<media::Frame> RtspFilm::next_frame()
{
    while (!items_.empty()) {
        auto item = std::move(items_.front());
        items_.pop_front();
        if (auto* frame = std::get_if<media::Frame>(&item); frame != nullptr && plays(*frame)) {
            return std::move(*frame);
        }
        if (const auto* track = std::get_if<media::Track>(&item);
            track != nullptr && lines_.contains(rtp::slot_of(track->id))) {
            media::Pieces nothing;
            muxer_->write(*track, MediaTime{}, nothing);
        }
    }
    return std::nullopt;
}

/// The time of playing: what the film advances, divided by the scale.
MediaTime RtspFilm::time_of(const media::Frame& frame) const
{
    const auto advanced = std::chrono::duration<double, std::nano>{frame.dts - turned_} / piece_.scale;
    return shown_ + std::chrono::nanoseconds{std::llround(advanced.count())};
}

void RtspFilm::mux(media::Frame frame, bool join)
{
    here_ = frame.dts;
    frame.dts = time_of(frame);
    frame.composition = std::chrono::nanoseconds{
        std::llround(static_cast<double>(frame.composition.count()) / std::max(std::abs(piece_.scale), 1.0))};
    newest_ = std::max(newest_, frame.pts());
    muxer_->write(frame, join, ready_);
}

/// What the first frame's packets say: a prologue names the next packets of all tracks.
std::vector<rtsp::RtpInfo> RtspFilm::infos() const
{
    std::vector<rtsp::RtpInfo> infos;
    media::Pieces prologue;
    muxer_->prologue(head_, shown_, prologue);
    if (prologue.empty()) {
        return infos;
    }
    auto bytes = prologue.front().view();
    const auto framed = rtp::take_framed(bytes);
    if (framed && framed->channel == rtp::kStartChannel) {
        for (const auto& start : rtp::read_starts(framed->packet)) {
            if (const auto line = lines_.find(rtp::slot_of(start.track)); line != lines_.end()) {
                infos.push_back({line->second.url, start.sequence, start.timestamp});
            }
        }
    }
    return infos;
}

void RtspFilm::go()
{
    if (playing_ && !ready_.empty()) {
        room_.desk().worker().spawn(run(std::static_pointer_cast<RtspFilm>(shared_from_this()), turn_));
    }
}

/// Sends each frame when it is due. Another turn (a seek, a pause) ends this one.
net::awaitable<void> RtspFilm::run(std::shared_ptr<RtspFilm> self, std::uint64_t turn)
{
    const auto goes_on = [&self, turn] { return !self->over_ && self->turn_ == turn && self->playing_; };
    self->started_ = Clock::now();
    const auto began = self->shown_;
    self->send(std::exchange(self->ready_, {}));
    while (goes_on()) {
        auto frame = self->next_frame();
        if (!frame) {
            const bool more = co_await self->read_more();
            if (!goes_on()) {
                break;
            }
            if (!more) {
                self->finish();
            }
            continue;
        }
        const bool back = self->piece_.scale < 0;
        const auto limit = self->stop_ ? self->stop_ : self->piece_.to;
        if (limit && (back ? frame->dts < *limit : frame->dts >= *limit)) {
            self->finish();
            continue;
        }
        const auto due = self->started_ + std::chrono::duration_cast<Clock::duration>(
                                              (self->time_of(*frame) - began) / self->piece_.speed);
        while (goes_on() && (Clock::now() < due || (self->wire_ && self->wire_->waiting() > kMostUnsent))) {
            self->timer_.expires_at(std::max(due, Clock::now() + kWait));
            co_await self->timer_.async_wait(net::kNoThrow);
        }
        if (goes_on()) {
            // Not before it is sent: numbers must not be given to what a seek then drops.
            self->mux(std::move(*frame), false);
            self->send(std::exchange(self->ready_, {}));
        }
    }
}

/// The end of a range: the next one, or a pause.
void RtspFilm::finish()
{
    playing_ = false;
    ++turn_;
    if (stop_) {
        stop_.reset();
        queue_.clear();
    }
    if (!queue_.empty()) {
        const auto next = queue_.front().piece;
        queue_.pop_front();
        room_.desk().worker().spawn(
            [](std::shared_ptr<RtspFilm> self, FilmPiece piece) -> net::awaitable<void> {
                const bool good = co_await self->begin(piece);
                if (good) {
                    self->go();
                }
            }(std::static_pointer_cast<RtspFilm>(shared_from_this()), next));
        return;
    }
    media::Pieces goodbye;
    for (const auto& track : head_.tracks) {
        muxer_->forget(track.id, newest_, goodbye);
    }
    send(goodbye);
    for (const auto& track : head_.tracks) {
        media::Pieces nothing;
        if (lines_.contains(rtp::slot_of(track.id))) {
            muxer_->write(track, newest_, nothing);
        }
    }
    if (at_end_) {
        here_.reset(); // The next PLAY begins anew.
    }
    if (auto* session = room_.book().find(session_)) {
        for (auto& [track, stream] : session->streams) {
            stream.state = rtsp::State::ready;
        }
    }
}

void RtspFilm::send(const media::Pieces& pieces)
{
    Bytes framed;
    for (const auto& piece : pieces) {
        auto bytes = piece.view();
        while (const auto packet = rtp::take_framed(bytes)) {
            const auto line = lines_.find(packet->channel / 2);
            if (line == lines_.end() || packet->channel == rtp::kStartChannel) {
                continue;
            }
            bytes_out_ += packet->packet.size();
            const bool rtcp = packet->channel % 2 == 1;
            const auto& transport = line->second.transport;
            if (transport.interleaved) {
                const auto channel = rtcp ? transport.interleaved->rtcp : transport.interleaved->rtp;
                rtsp::write_frame_head(framed, static_cast<std::uint8_t>(channel), packet->packet.size());
                framed.insert(framed.end(), packet->packet.begin(), packet->packet.end());
            } else {
                const auto& socket = rtcp ? line->second.sockets.rtcp : line->second.sockets.rtp;
                const auto port = rtcp ? transport.client_port->rtcp : transport.client_port->rtp;
                socket->send_now({&packet->packet, 1}, {peer_, port});
            }
        }
    }
    if (!framed.empty() && wire_) {
        wire_->say(std::move(framed));
        wire_->flush(Clock::now());
    }
}

/// With a Range it is where to stop (RFC 2326 §10.6); what is queued is forgotten.
RtspReply RtspFilm::pause(const rtsp::Ask& ask)
{
    queue_.clear();
    if (ask.range && ask.range->begin && playing_) {
        const MediaTime at{*ask.range->begin};
        const auto end = piece_.to.value_or(MediaTime{title_->duration()});
        if (at < here_.value_or(MediaTime{}) || at > end) {
            return {.status = 457, .why = "that is not within what is played"};
        }
        stop_ = at;
        return {.range = ask.range};
    }
    playing_ = false;
    ++turn_;
    ready_.clear();
    timer_.cancel();
    const auto at = here_.value_or(MediaTime{}).time_since_epoch();
    return {.range = rtsp::TimeRange{.begin = at}};
}

void RtspFilm::tear_down(std::optional<int> track)
{
    if (const auto line = track ? lines_.find(*track) : lines_.end(); line != lines_.end()) {
        if (line->second.sockets.rtp) {
            line->second.sockets.rtp->close();
            line->second.sockets.rtcp->close();
        }
        lines_.erase(line);
    }
}

void RtspFilm::release()
{
    ++turn_;
    playing_ = false;
    timer_.cancel();
    for (auto& [slot, line] : lines_) {
        if (line.sockets.rtp) {
            line.sockets.rtp->close();
            line.sockets.rtcp->close();
        }
    }
    wire_.reset();
}

void RtspFilm::feed(int, SharedBytes)
{
    heard(Clock::now());
}

net::awaitable<void> RtspFilm::listen(std::shared_ptr<RtspFilm> self,
                                      std::shared_ptr<net::DatagramSocket> socket)
{
    while (!self->over_) {
        const auto error = co_await socket->readable();
        if (error || self->over_) {
            break;
        }
        socket->receive_now([&](ByteView, const net::udp::endpoint& from) {
            if (from.address() == self->peer_) {
                self->heard(Clock::now());
            } else {
                self->room_.desk().count("rtsp_datagrams_dropped", "unknown address");
            }
        });
    }
}

std::optional<std::string> RtspFilm::parameter(std::string_view name) const
{
    if (name == "position") {
        const auto at = std::chrono::duration<double>{here_.value_or(MediaTime{}).time_since_epoch()};
        return std::to_string(at.count());
    }
    return std::nullopt;
}

exchange::SessionInfo RtspFilm::info(Clock::time_point) const
{
    exchange::SessionInfo info{
        .role = exchange::Role::viewer, .bytes_out = bytes_out_, .state = playing_ ? "playing" : "paused"};
    fill(info);
    for (const auto& track : head_.tracks) {
        if (track.kind != media::Kind::data) {
            info.tracks.push_back({track.kind, track.number, track.codec, why_left_out(track)});
        }
    }
    return info;
}

} // namespace millrace::doors
