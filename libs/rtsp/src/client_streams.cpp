// How a client sets streams up, and what it hears from the server by itself.
#include <millrace/rtsp/client.hpp>

#include <algorithm>
#include <charconv>

namespace millrace::rtsp {

void Client::setup(std::vector<Wanted> wanted)
{
    if (step_ != Step::described || closed_) {
        return;
    }
    wanted_ = std::move(wanted);
    if (wanted_.size() > limits_.streams) {
        wanted_.resize(limits_.streams);
    }
    next_ = 0;
    step_ = Step::setting_up;
    channels_.clear();
    set_up_next();
}

void Client::set_up_next()
{
    if (next_ < wanted_.size()) {
        const auto& [url, transport] = wanted_[next_];
        // Quirk: mode=play breaks some servers; it is the default anyway.
        send(Method::setup, url, {{"Transport", write(transport)}});
        return;
    }
    step_ = Step::starting;
    if (options_.role == Role::publish) {
        send(Method::record, aggregate(), {{"Range", "npt=0.000-"}});
        return;
    }
    const TimeRange all{.begin = TimeRange::Time{0}};
    send(Method::play, aggregate(), {{"Range", write(options_.range.value_or(all))}});
}

void Client::take_setup(const Response& response)
{
    const auto given = response.headers.value("Session");
    const auto semicolon = std::min(given.find(';'), given.size());
    session_ = trim(given.substr(0, semicolon));
    constexpr std::string_view kTimeout = "timeout=";
    if (const auto at = given.find(kTimeout, semicolon); at != std::string_view::npos) {
        unsigned seconds = 0;
        const auto digits = given.substr(at + kTimeout.size());
        if (std::from_chars(digits.data(), digits.data() + digits.size(), seconds).ec == std::errc{} &&
            seconds > 0 && seconds < 86400) {
            timeout_ = std::chrono::seconds{seconds};
        }
    }
    // Quirk: some NVRs answer without a Transport, or with one that says less than we asked: what was asked
    // holds.
    auto transport = wanted_[next_].transport;
    const auto answers = read_transports(response.headers.list("Transport"));
    if (answers.empty()) {
        count("setup_without_transport");
    } else {
        const auto& answer = answers.front();
        transport.server_port = answer.server_port;
        transport.ssrc = answer.ssrc;
        transport.source = answer.source;
        if (answer.multicast) {
            transport.destination = answer.destination;
            transport.port = answer.port;
            transport.ttl = answer.ttl;
        }
        if (answer.interleaved && transport.lower == Lower::tcp) {
            // Quirk: cameras give other channels than were asked for, 4-5 or 8-9 for the second stream.
            if (answer.interleaved != transport.interleaved) {
                count("other_channels");
            }
            transport.interleaved = answer.interleaved;
        }
    }
    wanted_[next_].transport = transport;
    remember_channels(next_, transport);
    events_.emplace_back(StreamSetUp{next_, transport});
    ++next_;
    set_up_next();
}

void Client::remember_channels(std::size_t stream, const Transport& transport)
{
    if (transport.lower != Lower::tcp || !transport.interleaved) {
        return;
    }
    for (const auto channel : {transport.interleaved->rtp, transport.interleaved->rtcp}) {
        const auto number = static_cast<std::uint8_t>(channel);
        channels_[number] = stream;
        reader_.expect_channel(number);
    }
}

/// What was set up cannot stay, since all streams are carried alike.
void Client::drop_session()
{
    if (!session_.empty()) {
        send(Method::teardown, aggregate(), {}, {}, false);
        session_.clear();
    }
}

bool Client::interleaved() const
{
    return !wanted_.empty() && wanted_.front().transport.lower == Lower::tcp;
}

void Client::play(const std::optional<TimeRange>& range, double scale)
{
    Headers headers;
    if (range) {
        headers.add("Range", write(*range));
    }
    if (scale != 1) {
        headers.add("Scale", std::to_string(scale));
    }
    if (step_ == Step::running) {
        send(Method::play, aggregate(), std::move(headers));
    }
}

void Client::pause()
{
    if (step_ == Step::running) {
        send(Method::pause, aggregate());
    }
}

void Client::send(std::size_t stream, bool rtcp, ByteView packet)
{
    if (closed_ || stream >= wanted_.size() || !wanted_[stream].transport.interleaved ||
        packet.size() > UINT16_MAX) {
        return;
    }
    const auto& channels = *wanted_[stream].transport.interleaved;
    write_frame_head(out_, static_cast<std::uint8_t>(rtcp ? channels.rtcp : channels.rtp), packet.size());
    out_.insert(out_.end(), packet.begin(), packet.end());
}

void Client::take(Frame frame)
{
    const auto found = channels_.find(frame.channel);
    if (found == channels_.end()) {
        count("frame_of_unknown_channel");
        return;
    }
    if (step_ != Step::running) {
        // Quirk: some NVRs send media before they answer PLAY.
        count("media_before_play");
    }
    events_.emplace_back(PacketArrived{found->second, std::move(frame.payload)});
}

/// What the server asks of us.
void Client::take(const Request& request)
{
    Response response;
    if (const auto* cseq = request.headers.find("CSeq")) {
        response.headers.add("CSeq", *cseq);
    }
    if (const auto* session = request.headers.find("Session")) {
        response.headers.add("Session", *session);
    }
    const auto method = method_of(request.method);
    switch (method) {
    case Method::options:
        response.headers.add("Public", "OPTIONS, GET_PARAMETER, SET_PARAMETER, REDIRECT, ANNOUNCE, TEARDOWN");
        break;
    case Method::get_parameter:
    case Method::set_parameter:
    case Method::announce: break;
    case Method::redirect:
    case Method::teardown: break;
    default: response.status = 501;
    }
    write(out_, response);
    if (method == Method::redirect) {
        const auto* location = request.headers.find("Location");
        if (location != nullptr) {
            events_.emplace_back(Redirected{*location});
        } else {
            events_.emplace_back(Ended{"the server asked to connect anew"});
        }
        close();
    } else if (method == Method::teardown) {
        events_.emplace_back(Ended{"the server ended the session"});
        session_.clear();
        close();
    }
}

} // namespace millrace::rtsp
