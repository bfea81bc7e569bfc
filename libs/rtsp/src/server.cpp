#include <millrace/rtsp/server.hpp>

#include <algorithm>
#include <charconv>

namespace millrace::rtsp {
namespace {

constexpr std::size_t kMostAsked = 16; ///< Requests of ours without an answer.

int status_of(const Error& error)
{
    if (error == make_error_code(Errc::uri_too_long)) {
        return 414;
    }
    if (error == make_error_code(Errc::body_too_big)) {
        return 413;
    }
    return 400;
}

} // namespace

Server::Server(Options options, SessionBook& book, Clock::time_point now)
    : Server{std::move(options), book, now, Limits{}}
{
}

Server::Server(Options options, SessionBook& book, Clock::time_point now, Limits limits)
    : options_{std::move(options)}, limits_{limits}, book_{book},
      reader_{MessageReader::Role::server, limits.messages}, now_{now}, active_{now}
{
}

Result<> Server::feed(ByteView bytes, Clock::time_point now)
{
    if (closed_) {
        return Unexpected{Errc::disconnected};
    }
    now_ = now;
    bytes_in_ += bytes.size();
    const auto fed = reader_.feed(bytes);
    while (auto message = reader_.next()) {
        if (auto* frame = std::get_if<Frame>(&*message)) {
            take(std::move(*frame));
        } else if (const auto* response = std::get_if<Response>(&*message)) {
            take(*response);
        } else {
            active_ = now;
            ++requests_;
            waiting_.push_back(std::move(std::get<Request>(*message)));
        }
    }
    if (waiting_.size() > limits_.pending) {
        fail(Error{Errc::too_much_pending});
        return Unexpected{Errc::too_much_pending, "Server::Limits::pending"};
    }
    next_request();
    if (!fed) {
        fail(fed.error());
        return Unexpected{fed.error()};
    }
    return {};
}

std::optional<ServerEvent> Server::next_event()
{
    if (events_.empty()) {
        return std::nullopt;
    }
    std::optional<ServerEvent> event{std::move(events_.front())};
    events_.pop_front();
    return event;
}

Bytes Server::take_output()
{
    return std::exchange(out_, {});
}

Clock::time_point Server::deadline() const
{
    if (closed_ || !options_.persistent || !sessions_.empty() || ask_) {
        return Clock::time_point::max();
    }
    return active_ + (requests_ == 0 ? limits_.first : limits_.idle);
}

Result<> Server::tick(Clock::time_point now)
{
    now_ = now;
    if (now < deadline()) {
        return {};
    }
    closed_ = true;
    return Unexpected{Errc::idle_timeout};
}

/// The last words: why nothing more is read.
void Server::fail(const Error& error)
{
    if (!ask_) {
        Response response{.status = status_of(error), .headers = {{"Server", options_.name}}};
        response.headers.add("Connection", "close");
        response.headers.add("Content-Type", "text/plain");
        response.body = error.message() + "\r\n";
        write(out_, response);
    }
    closed_ = true;
}

void Server::take(Frame frame)
{
    auto& channel = channels_[frame.channel];
    auto* session = channel.session.empty() ? nullptr : book_.find(channel.session);
    if (session == nullptr) {
        count("frame_of_unknown_channel");
        return;
    }
    session->heard = now_;
    events_.emplace_back(
        FrameReceived{channel.session, channel.track, channel.rtcp, std::move(frame.payload)});
}

void Server::take(const Response& response)
{
    std::uint32_t cseq = 0;
    const auto text = response.headers.value("CSeq");
    const bool told = std::from_chars(text.data(), text.data() + text.size(), cseq).ec == std::errc{};
    // Quirk: ffmpeg answers what it does not know with 501 and no CSeq: it is the oldest one's answer.
    const auto found = told ? asked_.find(cseq) : asked_.begin();
    if (found == asked_.end()) {
        count("unexpected_response");
        return;
    }
    events_.emplace_back(Replied{found->second, response.status});
    asked_.erase(found);
}

void Server::next_request()
{
    if (pumping_) {
        return;
    }
    pumping_ = true;
    while (!ask_ && !closed_ && !waiting_.empty()) {
        auto request = std::move(waiting_.front());
        waiting_.pop_front();
        take(std::move(request));
    }
    pumping_ = false;
}

void Server::take(Request request)
{
    ask_.emplace();
    ask_->method = method_of(request.method);
    ask_->uri = request.uri;
    ask_->request = std::move(request);
    if (check(*ask_) && !answer_alone(*ask_)) {
        events_.emplace_back(*ask_);
    }
}

void Server::answer(Response response)
{
    if (!ask_) {
        return;
    }
    Response whole{.status = response.status, .reason = std::move(response.reason)};
    const auto& asked = ask_->request.headers;
    if (const auto* cseq = asked.find("CSeq")) {
        whole.headers.add("CSeq", *cseq);
    }
    whole.headers.add("Server", options_.name);
    if (const auto* timestamp = asked.find("Timestamp")) {
        whole.headers.add("Timestamp", *timestamp);
    }
    for (const auto& [name, value] : response.headers) {
        if (!same_name(name, "CSeq") && !same_name(name, "Server") && !same_name(name, "Timestamp") &&
            !same_name(name, "Content-Length")) {
            whole.headers.add(name, value);
        }
    }
    whole.body = std::move(response.body);
    closing_ = closing_ || same_name(asked.value("Connection"), "close");
    if (closing_) {
        whole.headers.set("Connection", "close");
    }
    write(out_, whole);
    ask_.reset();
    // The conversation may go on by datagrams; a connection is done.
    closed_ = closed_ || (closing_ && options_.persistent);
    next_request();
}

void Server::request(Method method, std::string_view uri, Headers headers, std::string_view body)
{
    if (closed_ || !options_.persistent || asked_.size() >= kMostAsked) {
        return;
    }
    Request request{.method = std::string{name(method)}, .uri = std::string{uri}};
    asked_[++cseq_] = method;
    request.headers.add("CSeq", std::to_string(cseq_));
    for (const auto& [key, value] : headers) {
        request.headers.add(key, value);
    }
    request.body = body;
    write(out_, request);
}

void Server::forget(std::string_view session)
{
    for (auto& channel : channels_) {
        if (channel.session == session) {
            channel = {};
        }
    }
    if (const auto found = sessions_.find(session); found != sessions_.end()) {
        sessions_.erase(found);
    }
    active_ = now_;
}

const std::map<std::string_view, std::uint64_t>& Server::counters()
{
    for (const auto& [name, count] : reader_.counters()) {
        counters_[name] = count;
    }
    return counters_;
}

Session* Server::current()
{
    return ask_ ? book_.find(ask_->session) : nullptr;
}

} // namespace millrace::rtsp
