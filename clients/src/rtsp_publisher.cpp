#include "rtsp_publisher.hpp"

#include <millrace/rtp/format.hpp>
#include <millrace/sdp/description.hpp>

#include <boost/asio/co_spawn.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace millrace::clients {
namespace {

constexpr std::chrono::milliseconds kLook{20};

std::uint64_t random_seed()
{
    std::array<std::uint8_t, 8> bytes{};
    fill_random(bytes);
    std::uint64_t seed = 0;
    for (const auto byte : bytes) {
        seed = seed << 8U | byte;
    }
    return seed;
}

} // namespace

RtspPublisher::RtspPublisher(const net::asio::any_io_executor& executor, Url url)
    : executor_{executor}, url_{std::move(url)}
{
}

net::awaitable<Outcome> RtspPublisher::open()
{
    const auto self = shared_from_this();
    Line probe{executor_};
    outcome_ = co_await probe.connect(url_, Clock::now() + limits_.connect);
    if (outcome_) {
        probe.shut();
    } else {
        lost_ = true;
    }
    co_return outcome_;
}

std::string RtspPublisher::description() const
{
    sdp::Description description;
    description.connection = sdp::Connection{.address = "0.0.0.0"};
    description.set("tool", "Millrace");
    for (const auto& [id, track] : tracks_) {
        auto medium = rtp::media_for(track);
        if (!medium) {
            if (track.kind != media::Kind::data && on_warning) {
                on_warning(fmt::format("{} {} ({}) is not sent: RTP has no payload format for it",
                                       name(track.kind), track.number, name(track.codec)));
            }
            continue;
        }
        medium->set("control", fmt::format("trackID={}", rtp::slot_of(id)));
        description.media.push_back(std::move(*medium));
    }
    return description.media.empty() ? std::string{} : sdp::write(description);
}

/// Begins the conversation, now that it is known what there is.
void RtspPublisher::announce()
{
    announced_ = true;
    auto options = rtsp_options(url_, rtsp::Client::Role::publish);
    options.sdp = description();
    if (options.sdp.empty()) {
        return lose({"RTP can carry none of the tracks"});
    }
    rtp::Muxer::Options packets;
    packets.seed = random_seed();
    packets.wall = WallTime::clock::now();
    packets.media = kept_.empty() ? MediaTime{} : kept_.back().dts;
    muxer_ = std::make_unique<rtp::Muxer>(packets);
    media::Pieces nothing;
    for (const auto& [id, track] : tracks_) {
        muxer_->write(track, MediaTime{}, nothing);
    }
    const auto way = url_.scheme == Scheme::rtsph ? RtspWay::http : RtspWay::tcp;
    call_ = std::make_shared<RtspCall>(executor_, url_, way, std::move(options), limits_);
    call_->on_event = [this](const rtsp::ClientEvent& event) { on(event); };
    net::asio::co_spawn(executor_, run(shared_from_this()), net::kDetached);
}

net::awaitable<void> RtspPublisher::run(std::shared_ptr<RtspPublisher> self)
{
    const auto call = self->call_;
    static_cast<void>(co_await call->connect());
    while (!call->over()) {
        co_await call->rung().wait();
    }
    self->lose(call->outcome());
}

void RtspPublisher::on(const rtsp::ClientEvent& event)
{
    if (const auto* described = std::get_if<rtsp::Described>(&event)) {
        std::vector<std::string> urls;
        for (const auto& [id, track] : tracks_) {
            if (rtp::media_for(track)) {
                const int slot = rtp::slot_of(id);
                streams_[slot] = urls.size();
                urls.push_back(rtsp::resolve_control(described->base, fmt::format("trackID={}", slot)));
            }
        }
        if (const auto done = call_->set_up(std::move(urls), true); !done) {
            call_->lose(done);
        }
    } else if (std::holds_alternative<rtsp::TransportRefused>(event)) {
        call_->lose({"refused by the server: it takes no interleaved packets"});
    } else if (const auto* moved = std::get_if<rtsp::Redirected>(&event)) {
        call_->lose({"the server asks us to go to " + moved->url});
    } else if (std::holds_alternative<rtsp::Started>(event)) {
        recording_ = true;
        for (const auto& frame : std::exchange(kept_, {})) {
            send(frame);
        }
    }
}

void RtspPublisher::write(const media::Item& item)
{
    if (lost_ || finishing_) {
        return;
    }
    if (const auto* track = std::get_if<media::Track>(&item)) {
        tracks_[track->id] = *track;
        if (muxer_) {
            media::Pieces nothing;
            muxer_->write(*track, MediaTime{}, nothing);
        }
        return;
    }
    const auto* frame = std::get_if<media::Frame>(&item);
    if (frame == nullptr) {
        return;
    }
    if (recording_) {
        return send(*frame);
    }
    keep(*frame);
    if (!announced_) {
        announce();
    }
}

/// From the newest key frame on.
void RtspPublisher::keep(const media::Frame& frame)
{
    if (frame.kind == media::Kind::video && frame.key) {
        kept_.clear();
        kept_bytes_ = 0;
    }
    kept_bytes_ += frame.payload.size();
    if (kept_bytes_ <= kMostKept) {
        kept_.push_back(frame);
    }
}

void RtspPublisher::send(const media::Frame& frame)
{
    if (frame.kind == media::Kind::video) {
        waits_for_key_ = (waits_for_key_ && !frame.key) || call_->backlog() > kMostWaiting;
        if (waits_for_key_) {
            ++dropped_;
            return;
        }
    }
    media::Pieces pieces;
    muxer_->write(frame, false, pieces);
    for (const auto& piece : pieces) {
        auto bytes = piece.view();
        while (const auto framed = rtp::take_framed(bytes)) {
            const auto stream = streams_.find(framed->channel / 2);
            if (stream != streams_.end() && framed->channel != rtp::kStartChannel) {
                call_->send(stream->second, framed->channel % 2 == 1, framed->packet);
            }
        }
    }
}

void RtspPublisher::lose(Outcome why)
{
    if (lost_) {
        return;
    }
    lost_ = true;
    recording_ = false;
    if (!finishing_) {
        outcome_ = std::move(why);
        if (on_lost) {
            on_lost();
        }
    }
}

net::awaitable<Outcome> RtspPublisher::finish(std::chrono::milliseconds within)
{
    const auto self = shared_from_this();
    const auto due = Clock::now() + within;
    net::asio::steady_timer timer{executor_};
    // What was kept goes out first, if the server lets us.
    while (!lost_ && call_ && (!recording_ || call_->backlog() > 0) && Clock::now() < due) {
        timer.expires_after(kLook);
        co_await timer.async_wait(net::kNoThrow);
    }
    finishing_ = true;
    if (call_) {
        call_->leave();
        timer.expires_after(kLook);
        co_await timer.async_wait(net::kNoThrow);
    }
    co_return outcome_;
}

void RtspPublisher::stop()
{
    finishing_ = true;
    if (call_) {
        call_->leave();
    }
}

RtspSink::RtspSink(const net::asio::any_io_executor& executor, Url url)
    : publisher_{std::make_shared<RtspPublisher>(executor, std::move(url))}
{
    publisher_->on_lost = [this] {
        if (on_lost) {
            on_lost();
        }
    };
    publisher_->on_warning = [this](const std::string& text) {
        if (on_warning) {
            on_warning(text);
        }
    };
}

RtspSink::~RtspSink()
{
    publisher_->on_lost = {};
    publisher_->on_warning = {};
    publisher_->stop();
}

net::awaitable<Outcome> RtspSink::open()
{
    const auto publisher = publisher_;
    co_return co_await publisher->open();
}

net::awaitable<Outcome> RtspSink::finish(std::chrono::milliseconds within)
{
    const auto publisher = publisher_;
    co_return co_await publisher->finish(within);
}

} // namespace millrace::clients
