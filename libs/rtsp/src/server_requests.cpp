// What can be told of a request without knowing what there is: whether it is one, and whether it may be now.
#include <millrace/rtsp/server.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace millrace::rtsp {
namespace {

/// What Require may name (RFC 2326 §12.32, §C.3).
constexpr std::array<std::string_view, 2> kFeatures{"play.basic", "con.persistent"};

std::vector<std::string_view> split(std::string_view text, std::string_view marks)
{
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of(marks), text.size());
        if (const auto part = trim(text.substr(0, end)); !part.empty()) {
            parts.push_back(part);
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

std::string unknown_features(std::string_view required)
{
    std::string unknown;
    for (const auto feature : split(required, ",")) {
        if (std::ranges::find(kFeatures, feature) == kFeatures.end()) {
            unknown += (unknown.empty() ? "" : ", ") + std::string{feature};
        }
    }
    return unknown;
}

bool accepts_sdp(std::string_view accept)
{
    const auto types = split(accept, ",");
    return types.empty() || std::ranges::any_of(types, [](std::string_view type) {
               type = trim(type.substr(0, type.find(';')));
               return same_name(type, "application/sdp") || type == "*/*" || same_name(type, "application/*");
           });
}

/// A number such as "-1.5"; none when it is none, or not finite.
std::optional<double> decimal(std::string_view text)
{
    double value = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc{} && stop == text.data() + text.size();
    return whole && std::isfinite(value) && std::abs(value) <= 1000 ? std::optional{value} : std::nullopt;
}

bool needs_session(Method method)
{
    return method == Method::play || method == Method::record || method == Method::pause ||
           method == Method::teardown;
}

} // namespace

std::string Server::public_methods() const
{
    return "OPTIONS, DESCRIBE, ANNOUNCE, SETUP, PLAY, PAUSE, RECORD, TEARDOWN, GET_PARAMETER, "
           "SET_PARAMETER";
}

/// False: it was refused.
bool Server::check(Ask& ask)
{
    const auto& version = ask.request.version;
    if (version != "RTSP/1.0") {
        // GStreamer asks in RTSP/2.0 first and goes on in 1.0.
        refuse(505, version + " is not spoken here: expected RTSP/1.0");
        return false;
    }
    if (options_.strict && ask.request.headers.find("CSeq") == nullptr) {
        refuse(400, "the request has no CSeq");
        return false;
    }
    if (ask.method == Method::unknown || ask.method == Method::redirect) {
        refuse(501, ask.request.method + " is not implemented", {{"Allow", public_methods()}});
        return false;
    }
    if (const auto unknown = unknown_features(ask.request.headers.list("Require")); !unknown.empty()) {
        refuse(551, "features that are required are not supported: " + unknown, {{"Unsupported", unknown}});
        return false;
    }
    if (ask.uri != "*") {
        auto url = read_url(ask.uri);
        if (!url) {
            refuse(400, url.error().message());
            return false;
        }
        ask.url = std::move(*url);
        ask.target = target_of(ask.url);
    } else if (ask.method != Method::options && ask.method != Method::get_parameter &&
               ask.method != Method::set_parameter) {
        refuse(400, "'*' is a URL for OPTIONS alone");
        return false;
    }
    return check_session(ask) && check_body(ask);
}

bool Server::check_session(Ask& ask)
{
    const auto given = ask.request.headers.value("Session");
    const auto id = trim(given.substr(0, given.find(';')));
    if (id.empty()) {
        if (needs_session(ask.method)) {
            const int status = sessions_.empty() ? 455 : 454;
            refuse(status, "there is no Session in the request; SETUP gives one",
                   status == 455 ? Headers{{"Allow", "OPTIONS, DESCRIBE, ANNOUNCE, SETUP"}} : Headers{});
            return false;
        }
        locate(ask);
        return ask.method != Method::setup || check_setup(ask);
    }
    auto* session = book_.find(id);
    if (session == nullptr) {
        if (ask.method == Method::options) {
            return true;
        }
        ask.elsewhere = id;
        return true;
    }
    if (session->connection != 0 && session->connection != options_.connection) {
        refuse(454, "the session's packets go through another connection, which alone may control it");
        return false;
    }
    ask.session = session->id;
    sessions_[session->id] = true;
    session->heard = now_;
    locate(ask);
    return (ask.method != Method::setup || check_setup(ask)) && check_state(ask) && check_times(ask);
}

/// Which stream and which track it is about.
void Server::locate(Ask& ask)
{
    if (!controls_.empty()) {
        if (const auto place = track_of(ask.uri, controls_)) {
            const bool aggregate = ask.target.full == described_ && ask.method != Method::setup;
            ask.track = aggregate ? std::nullopt : std::optional{static_cast<int>(*place)};
        }
    } else {
        ask.track = ask.target.track;
    }
    if (const auto* session = book_.find(ask.session)) {
        // Quirk: GStreamer resolves a relative control so that the stream's name and query are lost.
        ask.target.path = session->path;
        ask.target.query = session->query;
        return;
    }
    if (!controls_.empty()) {
        if (ask.method == Method::setup) {
            ask.target.path = described_;
        }
        return;
    }
    const bool cut = ask.target.track && described_.starts_with(ask.target.path + "/") &&
                     described_.find('/', ask.target.path.size() + 1) == std::string::npos;
    if (cut && ask.method == Method::setup) {
        count("url_without_name");
        ask.target.path = described_;
    }
}

bool Server::check_setup(Ask& ask)
{
    ask.transports = read_transports(ask.request.headers.list("Transport"));
    if (ask.transports.empty()) {
        refuse(400, make_error_code(Errc::bad_transport).message());
        return false;
    }
    const auto* session = book_.find(ask.session);
    if (session == nullptr) {
        if (sessions_.size() >= limits_.sessions) {
            refuse(453, "this connection has as many sessions as it may have");
            return false;
        }
        return true;
    }
    const auto url = target_of(ask.url);
    const bool same = url.path == session->path || url.full == session->path ||
                      session->path.starts_with(url.path + "/") || session->record;
    if (!same) {
        refuse(459, "the session is of " + session->path + ": another presentation needs its own");
        return false;
    }
    if (session->streams.empty()) {
        return true;
    }
    const bool tcp = session->interleaved();
    const bool multicast = session->multicast();
    std::erase_if(ask.transports, [&](const Transport& transport) {
        return (transport.lower == Lower::tcp) != tcp || (transport.multicast != multicast && !tcp);
    });
    if (ask.transports.empty()) {
        refuse(461, "all streams of a session are carried alike");
        return false;
    }
    return true;
}

bool Server::check_state(Ask& ask)
{
    const auto* session = book_.find(ask.session);
    const bool wrong_mode = session->record ? ask.method == Method::play : ask.method == Method::record;
    if (wrong_mode) {
        refuse(405, session->record ? "the session was set up to record" : "the session was set up to play",
               {{"Allow", public_methods()}});
        return false;
    }
    if (ask.method != Method::setup && session->streams.empty() && needs_session(ask.method) &&
        ask.method != Method::teardown) {
        refuse(455, "nothing is set up", {{"Allow", "OPTIONS, SETUP, TEARDOWN"}});
        return false;
    }
    // A new stream of a session that plays would change what plays.
    auto state = session->state();
    if (ask.method != Method::setup && ask.track) {
        const auto stream = session->streams.find(*ask.track);
        if (stream == session->streams.end()) {
            if (needs_session(ask.method)) {
                refuse(404, "that stream is not set up in this session");
                return false;
            }
        } else {
            state = stream->second.state;
        }
    }
    if (!next_state(state, ask.method)) {
        std::string allow = "OPTIONS, GET_PARAMETER, SET_PARAMETER";
        for (const auto method :
             {Method::setup, Method::play, Method::record, Method::pause, Method::teardown}) {
            if (next_state(state, method)) {
                allow.append(", ").append(name(method));
            }
        }
        refuse(455, std::string{name(ask.method)} + " is not valid while " + std::string{name(state)},
               {{"Allow", allow}});
        return false;
    }
    return true;
}

bool Server::check_times(Ask& ask)
{
    const auto& headers = ask.request.headers;
    const bool timed =
        ask.method == Method::play || ask.method == Method::pause || ask.method == Method::record;
    if (!timed) {
        return true;
    }
    if (const auto* text = headers.find("Range")) {
        auto range = read_range(*text);
        if (!range) {
            const bool unknown = range.error() == make_error_code(Errc::unknown_unit);
            refuse(unknown ? 501 : 457, range.error().message());
            return false;
        }
        ask.range = *range;
    }
    const std::pair<std::string_view, std::optional<double>*> factors[]{{"Scale", &ask.scale},
                                                                        {"Speed", &ask.speed}};
    for (const auto& [name, into] : factors) {
        if (const auto* text = headers.find(name)) {
            *into = decimal(trim(*text));
            const bool good = *into && (name == "Scale" ? **into != 0 : **into > 0);
            if (!good) {
                refuse(400, std::string{name} + " is no number that can be played at");
                return false;
            }
        }
    }
    return true;
}

bool Server::check_body(Ask& ask)
{
    const auto& headers = ask.request.headers;
    const auto type = trim(headers.value("Content-Type").substr(0, headers.value("Content-Type").find(';')));
    const auto encoding = headers.value("Content-Encoding");
    if (!ask.request.body.empty() && !encoding.empty() && !same_name(encoding, "identity")) {
        refuse(415, "a body must not be encoded");
        return false;
    }
    if (ask.method == Method::announce && !same_name(type, "application/sdp")) {
        refuse(415, "ANNOUNCE is understood with application/sdp alone");
        return false;
    }
    if (ask.method == Method::describe && !accepts_sdp(headers.list("Accept"))) {
        refuse(406, "descriptions are given as application/sdp alone");
        return false;
    }
    const bool parameters = ask.method == Method::get_parameter || ask.method == Method::set_parameter;
    if (parameters && !ask.request.body.empty()) {
        if (!type.empty() && !same_name(type, "text/parameters") && !same_name(type, "text/plain")) {
            refuse(415, "parameters are understood as text/parameters alone");
            return false;
        }
        for (const auto line : split(ask.request.body, "\r\n")) {
            ask.parameters.emplace_back(line);
        }
    }
    return true;
}

/// True: it was answered here.
bool Server::answer_alone(const Ask& ask)
{
    if (!ask.elsewhere.empty()) {
        return false;
    }
    const bool ping = (ask.method == Method::get_parameter || ask.method == Method::set_parameter) &&
                      ask.parameters.empty();
    if (ask.method != Method::options && !ping) {
        return false;
    }
    Response response;
    if (ask.method == Method::options) {
        response.headers.add("Public", public_methods());
    }
    if (!ask.session.empty()) {
        response.headers.add("Session", ask.session);
    }
    answer(std::move(response));
    return true;
}

} // namespace millrace::rtsp
