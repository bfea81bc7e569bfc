#include "auth_text.hpp"
#include <millrace/rtsp/client.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace millrace::rtsp {

Client::Client(Options options, Clock::time_point now, RandomFill random)
    : Client{std::move(options), now, std::move(random), Limits{}}
{
}

Client::Client(Options options, Clock::time_point now, RandomFill random, Limits limits)
    : options_{std::move(options)}, limits_{limits}, random_{std::move(random)},
      reader_{MessageReader::Role::client, limits.messages}, base_{options_.url.text()}, now_{now}, pinged_{
                                                                                                        now}
{
    send(Method::options, base_);
}

Result<> Client::feed(ByteView bytes, Clock::time_point now)
{
    if (closed_) {
        return Unexpected{Errc::disconnected};
    }
    now_ = now;
    const auto fed = reader_.feed(bytes);
    while (auto message = reader_.next()) {
        if (auto* frame = std::get_if<Frame>(&*message)) {
            take(std::move(*frame));
        } else if (const auto* request = std::get_if<Request>(&*message)) {
            take(*request);
        } else if (const auto taken = take(std::get<Response>(*message)); !taken) {
            closed_ = true;
            return taken;
        }
    }
    closed_ = closed_ || !fed;
    return fed;
}

std::optional<ClientEvent> Client::next_event()
{
    if (events_.empty()) {
        return std::nullopt;
    }
    std::optional<ClientEvent> event{std::move(events_.front())};
    events_.pop_front();
    return event;
}

Bytes Client::take_output()
{
    return std::exchange(out_, {});
}

Clock::time_point Client::deadline() const
{
    if (closed_) {
        return Clock::time_point::max();
    }
    auto due = step_ == Step::running ? pinged_ + std::min(timeout_ / 2, limits_.keep_alive)
                                      : Clock::time_point::max();
    for (const auto& asked : asked_) {
        if (asked.awaited) {
            due = std::min(due, asked.at + limits_.answer);
        }
    }
    return due;
}

Result<> Client::tick(Clock::time_point now)
{
    now_ = now;
    for (const auto& asked : asked_) {
        if (asked.awaited && now >= asked.at + limits_.answer && !closed_) {
            closed_ = true;
            return Unexpected{Errc::answer_timeout};
        }
    }
    if (step_ == Step::running && now >= pinged_ + std::min(timeout_ / 2, limits_.keep_alive)) {
        pinged_ = now;
        // Quirk: some cameras never answer, and take no ping on another URL than the base.
        send(can_get_parameter_ ? Method::get_parameter : Method::options, aggregate(), {}, {}, false);
    }
    return {};
}

void Client::close()
{
    if (!closed_ && !session_.empty()) {
        send(Method::teardown, aggregate());
    }
    closed_ = true;
}

std::string Client::aggregate() const
{
    return base_;
}

void Client::send(Method method, std::string_view uri, Headers headers, std::string_view body, bool awaited)
{
    Request request{.method = std::string{name(method)}, .uri = std::string{uri}};
    request.headers = std::move(headers);
    request.body = body;
    send(std::move(request), false, awaited);
}

void Client::send(Request request, bool authorized, bool awaited)
{
    if (closed_) {
        return;
    }
    Headers headers{{"CSeq", std::to_string(++cseq_)}, {"User-Agent", options_.agent}};
    if (!session_.empty()) {
        headers.add("Session", session_);
    }
    if (!challenges_.empty()) {
        std::array<std::uint8_t, 8> cnonce{};
        random_(cnonce);
        headers.add("Authorization", authorize(challenges_, percent_decode(options_.url.user),
                                               percent_decode(options_.url.password), request.method,
                                               request.uri, hex(cnonce), ++nonce_uses_));
    }
    for (const auto& [key, value] : request.headers) {
        headers.add(key, value);
    }
    auto whole = request;
    whole.headers = std::move(headers);
    write(out_, whole);
    if (asked_.size() >= limits_.unanswered) {
        asked_.pop_front(); // A ping that was never answered.
    }
    asked_.push_back({cseq_, std::move(request), authorized, awaited, now_});
}

Result<> Client::take(const Response& response)
{
    if (response.status < 200) {
        return {};
    }
    std::uint32_t cseq = 0;
    const auto text = response.headers.value("CSeq");
    const bool told = std::from_chars(text.data(), text.data() + text.size(), cseq).ec == std::errc{};
    const auto found = told ? std::ranges::find(asked_, cseq, [](const Asked& asked) { return asked.cseq; })
                            : asked_.begin();
    if (found == asked_.end()) {
        count("unexpected_response");
        return {};
    }
    if (!told) {
        count("response_without_cseq");
    }
    const auto asked = *found;
    asked_.erase(found);
    if (!asked.awaited) {
        return {}; // Whatever a camera says to a ping.
    }
    if (response.status == 401 && authorize_again(asked, response)) {
        return {};
    }
    return answered(method_of(asked.request.method), asked, response);
}

/// Answers a challenge, when there is something to answer it with.
bool Client::authorize_again(const Asked& asked, const Response& response)
{
    std::vector<Challenge> challenges;
    bool stale = false;
    for (const auto& [name, value] : response.headers) {
        if (same_name(name, "WWW-Authenticate")) {
            challenges.push_back(read_challenge(value));
            stale = stale || challenges.back().stale;
        }
    }
    const bool can = std::ranges::any_of(challenges, &Challenge::known);
    if (!can || options_.url.user.empty() || (asked.authorized && !stale) ||
        (asked.authorized && nonce_uses_ > 64)) {
        return false;
    }
    challenges_ = std::move(challenges);
    nonce_uses_ = 0;
    send(asked.request, true, asked.awaited);
    return true;
}

Result<> Client::refuse(const Response& response)
{
    if (response.status >= 300 && response.status < 400) {
        if (const auto* location = response.headers.find("Location")) {
            events_.emplace_back(Redirected{*location});
            closed_ = true;
            return {};
        }
    }
    auto reason = response.reason.empty() ? std::string{reason_of(response.status)} : response.reason;
    const bool text = response.headers.value("Content-Type").starts_with("text/plain");
    if (text && response.body.size() < 300) {
        reason += ": " + response.body.substr(0, response.body.find_first_of("\r\n"));
    }
    events_.emplace_back(Refused{response.status, std::move(reason)});
    closed_ = true;
    return {};
}

Result<> Client::answered(Method method, const Asked& asked, const Response& response)
{
    const bool good = response.status < 300;
    switch (method) {
    case Method::options:
        if (good) {
            can_get_parameter_ = response.headers.list("Public").find("GET_PARAMETER") != std::string::npos;
        }
        // Quirk: some cameras refuse OPTIONS and take all else.
        step_ = Step::describing;
        if (options_.role == Role::play) {
            send(Method::describe, base_, {{"Accept", "application/sdp"}});
        } else {
            send(Method::announce, base_, {{"Content-Type", "application/sdp"}}, options_.sdp);
        }
        return {};
    case Method::describe:
    case Method::announce: {
        if (!good) {
            return refuse(response);
        }
        // RFC 2326 §C.1.1.
        auto base = response.headers.value("Content-Base");
        if (base.empty()) {
            base = response.headers.value("Content-Location");
        }
        if (base.find("://") != std::string_view::npos && method == Method::describe) {
            base_ = base;
        }
        step_ = Step::described;
        events_.emplace_back(Described{response.body, base_});
        return {};
    }
    case Method::setup:
        if (response.status == 461) {
            drop_session();
            step_ = Step::described;
            events_.emplace_back(TransportRefused{});
            return {};
        }
        if (!good) {
            return refuse(response);
        }
        take_setup(response);
        return {};
    case Method::play:
    case Method::record: {
        if (!good) {
            return refuse(response);
        }
        Started started{.infos = read_rtp_info(response.headers.list("RTP-Info"))};
        if (const auto range = read_range(response.headers.value("Range"))) {
            started.range = *range;
        }
        const auto scale = response.headers.value("Scale");
        std::from_chars(scale.data(), scale.data() + scale.size(), started.scale);
        step_ = Step::running;
        pinged_ = now_;
        events_.emplace_back(std::move(started));
        return {};
    }
    case Method::pause:
        if (good) {
            events_.emplace_back(Paused{});
        }
        return good ? Result<>{} : refuse(response);
    default: static_cast<void>(asked); return {};
    }
}

const std::map<std::string_view, std::uint64_t>& Client::counters()
{
    for (const auto& [name, count] : reader_.counters()) {
        counters_[name] = count;
    }
    return counters_;
}

} // namespace millrace::rtsp
