#include <millrace/clients/url.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

namespace millrace::clients {
namespace {

struct Known {
    Scheme scheme;
    std::string_view name;
    std::uint16_t port;
    std::string_view form; ///< What such a URL looks like.
};
constexpr std::array kKnown{
    Known{Scheme::rtmp, "rtmp", 1935, "rtmp://HOST[:PORT]/APP/NAME"},
    Known{Scheme::rtmps, "rtmps", 443, "rtmps://HOST[:PORT]/APP/NAME"},
    Known{Scheme::rtmpe, "rtmpe", 1935, "rtmpe://HOST[:PORT]/APP/NAME"},
    Known{Scheme::rtmpt, "rtmpt", 80, "rtmpt://HOST[:PORT]/APP/NAME"},
    Known{Scheme::rtmpte, "rtmpte", 80, "rtmpte://HOST[:PORT]/APP/NAME"},
    Known{Scheme::rtmpts, "rtmpts", 443, "rtmpts://HOST[:PORT]/APP/NAME"},
    Known{Scheme::http, "http", 80, "http://HOST[:PORT]/APP/NAME.flv"},
    Known{Scheme::https, "https", 443, "https://HOST[:PORT]/APP/NAME.flv"},
    Known{Scheme::ws, "ws", 80, "ws://HOST[:PORT]/APP/NAME.flv"},
    Known{Scheme::wss, "wss", 443, "wss://HOST[:PORT]/APP/NAME.flv"},
    Known{Scheme::udp, "udp", 0, "udp://[@]HOST:PORT[?iface=NAME&ttl=N]"},
    Known{Scheme::rtsp, "rtsp", 554, "rtsp://HOST[:PORT]/APP/NAME"},
    Known{Scheme::rtspt, "rtspt", 554, "rtspt://HOST[:PORT]/APP/NAME"},
    Known{Scheme::rtsph, "rtsph", 80, "rtsph://HOST[:PORT]/APP/NAME"},
    Known{Scheme::rtsps, "rtsps", 322, "rtsps://HOST[:PORT]/APP/NAME"},
};

const Known& known(Scheme scheme)
{
    return *std::ranges::find(kKnown, scheme, &Known::scheme);
}

[[noreturn]] void wrong(std::string_view text, std::string_view what)
{
    throw std::runtime_error{fmt::format("{} {}", text.empty() ? "the URL" : text, what)};
}

[[noreturn]] void wrong(std::string_view text, std::string_view what, const Known& scheme)
{
    wrong(text, fmt::format("{}: expected {}", what, scheme.form));
}

const Known& scheme_of(std::string_view text, std::string_view name)
{
    const auto* found = std::ranges::find(kKnown, name, &Known::name);
    if (found == kKnown.end()) {
        std::string names;
        for (const auto& each : kKnown) {
            names += (names.empty() ? "" : ", ") + std::string{each.name};
        }
        wrong(text, fmt::format("has the scheme '{}', which is not known: known are {}", name, names));
    }
    return *found;
}

std::uint16_t port_of(std::string_view text, std::string_view digits)
{
    unsigned port = 0;
    const auto* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, port);
    if (error != std::errc{} || stop != end || port == 0 || port > UINT16_MAX) {
        wrong(text, fmt::format("has the port '{}', which is no number from 1 to 65535", digits));
    }
    return static_cast<std::uint16_t>(port);
}

/// Cuts `text` in two at the first `mark`; the second part is empty when there is none.
std::pair<std::string_view, std::string_view> cut(std::string_view text, std::string_view mark)
{
    const auto at = text.find(mark);
    if (at == std::string_view::npos) {
        return {text, {}};
    }
    return {text.substr(0, at), text.substr(at + mark.size())};
}

/// authority := [user [":" password] "@"] (host | "[" address "]") [":" port]
void read_authority(std::string_view text, std::string_view authority, const Known& scheme, Url& url)
{
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
        const auto [user, password] = cut(authority.substr(0, at), ":");
        url.user = user;
        url.password = password;
        authority.remove_prefix(at + 1);
    }
    std::string_view rest;
    if (authority.starts_with('[')) {
        const auto end = authority.find(']');
        if (end == std::string_view::npos) {
            wrong(text, "has an address that begins with '[' and never ends");
        }
        url.host = authority.substr(1, end - 1);
        rest = authority.substr(end + 1);
        if (!rest.empty() && rest.front() != ':') {
            wrong(text, fmt::format("has '{}' behind its address", rest));
        }
    } else {
        const auto colon = std::min(authority.find(':'), authority.size());
        url.host = authority.substr(0, colon);
        rest = authority.substr(colon);
    }
    const bool udp = scheme.scheme == Scheme::udp;
    if (url.host.empty() && !udp) {
        wrong(text, "has no host", scheme);
    }
    if (rest.empty() && udp) {
        wrong(text, "has no port", scheme);
    }
    url.port = rest.empty() ? scheme.port : port_of(text, rest.substr(1));
}

void check_ttl(std::string_view text, const Url& url)
{
    constexpr int kMost = 255;
    const auto ttl = query_value(url.query, "ttl");
    int number = 0;
    const auto [end, error] = std::from_chars(ttl.data(), ttl.data() + ttl.size(), number);
    const bool good =
        error == std::errc{} && end == ttl.data() + ttl.size() && number >= 1 && number <= kMost;
    if (!ttl.empty() && !good) {
        wrong(text, fmt::format("has the ttl '{}', which is no number from 1 to 255", ttl));
    }
}

void check_rtmp_path(std::string_view text, const Url& url, const Known& scheme)
{
    const auto slash = url.path.rfind('/');
    if (slash == std::string::npos || slash + 1 == url.path.size()) {
        wrong(text, "has no stream name", scheme);
    }
    if (slash == 0 || url.path.front() == '/') {
        wrong(text, "has an empty application name", scheme);
    }
}

} // namespace

std::string_view query_value(std::string_view query, std::string_view name)
{
    while (!query.empty()) {
        const auto [pair, rest] = cut(query, "&");
        query = rest;
        if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
            return pair.substr(name.size() + 1);
        }
    }
    return {};
}

std::string_view name(Scheme scheme)
{
    return known(scheme).name;
}

Url parse_url(std::string_view text)
{
    if (std::ranges::any_of(text, [](unsigned char c) { return c <= ' ' || c == 0x7F; })) {
        wrong(text, "has a space or a control character in it");
    }
    const auto colon = text.find("://");
    if (colon == std::string_view::npos) {
        wrong(text, "has no scheme", kKnown.front());
    }
    const auto& scheme = scheme_of(text, text.substr(0, colon));
    Url url{.scheme = scheme.scheme};
    const auto [place, query] = cut(text.substr(colon + 3), "?");
    const auto [authority, path] = cut(place, "/");
    url.path = path;
    url.query = query;
    // Without what may be secret: it may end up in a log.
    const auto shown = text.substr(0, std::min(text.find('?'), text.size()));
    const auto spoken = authority.find('@') == std::string_view::npos ? shown : std::string_view{};
    read_authority(spoken, authority, scheme, url);
    if (url.rtmp()) {
        check_rtmp_path(spoken, url, scheme);
    } else if (url.scheme == Scheme::udp) {
        check_ttl(spoken, url);
    } else if (url.path.empty()) {
        wrong(spoken, "has no path", scheme);
    }
    return url;
}

Url parse_url(std::string_view text, bool insecure)
{
    auto url = parse_url(text);
    url.verify = !insecure;
    return url;
}

bool Url::rtmp() const
{
    return scheme <= Scheme::rtmpts;
}

bool Url::rtsp() const
{
    return scheme >= Scheme::rtsp && scheme <= Scheme::rtsps;
}

bool Url::tls() const
{
    return scheme == Scheme::rtsps || scheme == Scheme::rtmps || scheme == Scheme::rtmpts ||
           scheme == Scheme::https || scheme == Scheme::wss;
}

bool Url::tunnelled() const
{
    return scheme == Scheme::rtmpt || scheme == Scheme::rtmpte || scheme == Scheme::rtmpts;
}

bool Url::encrypted() const
{
    return scheme == Scheme::rtmpe || scheme == Scheme::rtmpte;
}

std::string Url::authority() const
{
    const bool numeric = host.find(':') != std::string::npos;
    return numeric ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

std::string Url::app() const
{
    return path.substr(0, path.rfind('/'));
}

std::string Url::name() const
{
    const auto last = path.substr(path.rfind('/') + 1);
    return query.empty() ? last : last + '?' + query;
}

std::string Url::tc_url() const
{
    return fmt::format("{}://{}/{}", clients::name(scheme), authority(), app());
}

std::string Url::target() const
{
    return query.empty() ? '/' + path : fmt::format("/{}?{}", path, query);
}

std::string Url::shown() const
{
    if (scheme == Scheme::udp) {
        return fmt::format("udp://{}", authority());
    }
    auto where = authority();
    if (port == known(scheme).port) {
        where.resize(where.rfind(':'));
    }
    return fmt::format("{}://{}/{}", clients::name(scheme), where, path);
}

} // namespace millrace::clients
