#include "rtsp_source.hpp"

#include <millrace/sdp/description.hpp>

#include <fmt/format.h>

#include <array>

namespace millrace::clients {
namespace {

constexpr std::chrono::seconds kFirstDatagram{3}; ///< Until UDP is given up for TCP.
constexpr int kMostMoves = 5;

rtp::Reception make_reception()
{
    std::array<std::uint8_t, 4> bytes{};
    fill_random(bytes);
    rtp::Reception::Options options;
    options.ssrc = static_cast<std::uint32_t>(bytes[0]) << 24U | static_cast<std::uint32_t>(bytes[1]) << 16U |
                   static_cast<std::uint32_t>(bytes[2]) << 8U | bytes[3];
    return rtp::Reception{options};
}

} // namespace

RtspSource::~RtspSource()
{
    if (call_) {
        call_->leave();
    }
}

/// UDP first; where nothing comes that way, everything through the connection.
net::awaitable<Outcome> RtspSource::open()
{
    for (int moves = 0; moves <= kMostMoves; ++moves) {
        moved_.clear();
        auto opened = Outcome{"no way"};
        if (url_.scheme == Scheme::rtsp) {
            opened = co_await open(RtspWay::udp);
            if (!opened && refused_ && !stopping_ && moved_.empty()) {
                opened = co_await open(RtspWay::tcp);
            }
        } else {
            opened = co_await open(url_.scheme == Scheme::rtsph ? RtspWay::http : RtspWay::tcp);
        }
        if (moved_.empty()) {
            outcome_ = opened;
            co_return opened;
        }
        try {
            auto there = parse_url(moved_, !url_.verify);
            there.user = there.user.empty() ? url_.user : there.user;
            there.password = there.password.empty() ? url_.password : there.password;
            url_ = std::move(there);
        } catch (const std::runtime_error& error) {
            outcome_ = Outcome{fmt::format("the server sends us to a place that is none: {}", error.what())};
            co_return outcome_;
        }
    }
    outcome_ = Outcome{"the server sends us from place to place"};
    co_return outcome_;
}

net::awaitable<Outcome> RtspSource::open(RtspWay way)
{
    if (call_) {
        call_->leave();
    }
    started_ = refused_ = false;
    first_.reset();
    reception_ = make_reception();
    media_.clear();
    call_ = std::make_shared<RtspCall>(executor_, url_, way, rtsp_options(url_, rtsp::Client::Role::play),
                                       limits_);
    call_->on_event = [this](const rtsp::ClientEvent& event) { on(event); };
    call_->on_packet = [this](std::size_t stream, SharedBytes packet) { take(stream, std::move(packet)); };
    call_->on_tick = [this](Clock::time_point now) { report(now); };
    const auto call = call_;
    auto connected = co_await call->connect();
    if (!connected) {
        co_return connected;
    }
    auto due = Clock::time_point::max();
    while (!call->over() && !stopping_ && moved_.empty() && !refused_) {
        if (started_ && (way != RtspWay::udp || first_)) {
            co_return Outcome{};
        }
        if (started_ && due == Clock::time_point::max()) {
            due = Clock::now() + kFirstDatagram;
        }
        if (Clock::now() > due) {
            warn("nothing comes over UDP; trying TCP");
            refused_ = true;
            break;
        }
        co_await call->rung().wait();
    }
    if (stopping_) {
        co_return Outcome{"interrupted"};
    }
    if (refused_) {
        co_return Outcome{"the server does not send over UDP"};
    }
    co_return call->outcome() ? Outcome{"the server ended it"} : call->outcome();
}

void RtspSource::on(const rtsp::ClientEvent& event)
{
    if (const auto* described = std::get_if<rtsp::Described>(&event)) {
        set_up(*described);
    } else if (std::holds_alternative<rtsp::TransportRefused>(event)) {
        if (call_->way() == RtspWay::udp) {
            refused_ = true;
        } else {
            call_->lose({"refused by the server: 461 Unsupported Transport"});
        }
    } else if (std::holds_alternative<rtsp::Started>(event)) {
        started_ = true;
        heard_ = Clock::now();
    } else if (const auto* moved = std::get_if<rtsp::Redirected>(&event)) {
        moved_ = moved->url;
        if (started_) {
            call_->lose({"the server asks us to go to " + moved->url});
        }
    }
}

/// What we know of what is there; other media are passed over.
void RtspSource::set_up(const rtsp::Described& described)
{
    const auto description = sdp::parse(described.sdp);
    if (!description) {
        return call_->lose({"the server's description cannot be read: " + description.error().message()});
    }
    const auto base = rtsp::resolve_control(described.base, description->control().value_or("*"));
    std::array<std::uint8_t, 4> numbers{};
    std::vector<std::string> urls;
    for (const auto& medium : description->media) {
        auto format = rtp::format_of(medium);
        if (medium.skip || !format) {
            warn(fmt::format("the server has a medium that is not known here: {} {}", medium.type,
                             medium.maps.empty() ? "" : medium.maps.front().encoding));
            continue;
        }
        auto& number = numbers.at(static_cast<std::size_t>(format->kind));
        const auto added = reception_.add(*format, media::track_id(format->kind, number), number,
                                          call_->way() != RtspWay::udp);
        if (added) {
            ++number;
            media_.push_back(*added);
            urls.push_back(rtsp::resolve_control(base, medium.control().value_or("")));
        }
    }
    if (urls.empty()) {
        return call_->lose({"the server has nothing in a format that is known here"});
    }
    if (const auto done = call_->set_up(std::move(urls), false); !done) {
        call_->lose(done);
    }
}

void RtspSource::take(std::size_t stream, SharedBytes packet)
{
    if (stream < media_.size()) {
        heard_ = Clock::now();
        first_ = first_.value_or(heard_);
        reception_.feed(media_[stream], std::move(packet), heard_);
    }
}

void RtspSource::report(Clock::time_point now)
{
    reception_.tick(now);
    while (const auto each = reception_.take_report()) {
        for (std::size_t i = 0; i < media_.size(); ++i) {
            if (media_[i] == each->medium) {
                call_->send(i, true, each->bytes);
            }
        }
    }
}

net::awaitable<std::optional<media::Item>> RtspSource::next()
{
    const auto call = call_;
    for (;;) {
        bytes_ = call->bytes_in();
        if (auto item = reception_.next()) {
            co_return item;
        }
        if (stopping_ || call->over()) {
            break;
        }
        if (Clock::now() - heard_ > limits_.silence) {
            call->lose({"nothing has come for too long"});
            break;
        }
        bool ended = !media_.empty();
        for (const auto medium : media_) {
            ended = ended && reception_.ended(medium);
        }
        if (ended) {
            break; // It said goodbye.
        }
        co_await call->rung().wait();
    }
    if (!stopping_) {
        outcome_ = call->outcome();
    }
    call->leave();
    co_return std::nullopt;
}

void RtspSource::stop()
{
    stopping_ = true;
    if (call_) {
        call_->leave();
    }
}

} // namespace millrace::clients
