#include <millrace/rtsp/message.hpp>
#include <millrace/rtsp/url.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace millrace::rtsp {
namespace {

struct Scheme {
    std::string_view name;
    std::uint16_t port;
};
constexpr std::array kSchemes{Scheme{"rtsp", 554}, Scheme{"rtsps", 322}, Scheme{"rtspu", 554}};

std::uint16_t port_of(std::string_view scheme)
{
    const auto* found = std::ranges::find(kSchemes, scheme, &Scheme::name);
    return found == kSchemes.end() ? std::uint16_t{0} : found->port;
}

std::string lower(std::string_view text)
{
    std::string small{text};
    std::ranges::transform(small, small.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return small;
}

bool read_authority(std::string_view text, Url& url)
{
    if (const auto at = text.rfind('@'); at != std::string_view::npos) {
        const auto user = text.substr(0, at);
        const auto colon = std::min(user.find(':'), user.size());
        url.user = user.substr(0, colon);
        url.password = colon < user.size() ? user.substr(colon + 1) : std::string_view{};
        text.remove_prefix(at + 1);
    }
    const bool numeric = text.starts_with('[');
    const auto end = numeric ? text.find(']') : std::min(text.find(':'), text.size());
    if (end == std::string_view::npos) {
        return false;
    }
    url.host = text.substr(numeric ? 1 : 0, end - (numeric ? 1 : 0));
    auto rest = text.substr(numeric ? end + 1 : end);
    url.port = port_of(url.scheme);
    if (rest.size() > 1 && rest.front() == ':') {
        rest.remove_prefix(1);
        const auto [stop, error] = std::from_chars(rest.data(), rest.data() + rest.size(), url.port);
        return error == std::errc{} && stop == rest.data() + rest.size() && url.port != 0;
    }
    return rest.empty() || rest == ":";
}

std::string_view strip_slashes(std::string_view text)
{
    while (text.starts_with('/')) {
        text.remove_prefix(1);
    }
    while (text.ends_with('/')) {
        text.remove_suffix(1);
    }
    return text;
}

/// The number of a last segment such as "trackID=1".
std::optional<int> track_number(std::string_view segment)
{
    const auto name = lower(segment);
    for (const std::string_view known : {"trackid=", "streamid=", "stream=", "track"}) {
        if (!name.starts_with(known)) {
            continue;
        }
        const auto digits = std::string_view{name}.substr(known.size());
        int number = 0;
        const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (error == std::errc{} && stop == digits.data() + digits.size() && number >= 0 && number < 256) {
            return number;
        }
    }
    return std::nullopt;
}

/// Takes the track's segment off the end of a path or a query.
std::optional<int> take_track(std::string_view& text)
{
    auto whole = text;
    while (whole.ends_with('/')) {
        whole.remove_suffix(1);
    }
    const auto slash = whole.rfind('/');
    const auto last = slash == std::string_view::npos ? whole : whole.substr(slash + 1);
    const auto number = track_number(last);
    if (number && slash != std::string_view::npos) {
        text = whole.substr(0, slash);
        return number;
    }
    return std::nullopt;
}

} // namespace

std::string Url::authority() const
{
    const auto number = std::to_string(port);
    return host.find(':') == std::string::npos ? host + ":" + number : "[" + host + "]:" + number;
}

std::string Url::text() const
{
    auto where = authority();
    if (port == port_of(scheme)) {
        where.resize(where.rfind(':'));
    }
    return scheme + "://" + where + path + (query.empty() ? "" : "?" + query);
}

Result<Url> read_url(std::string_view text)
{
    const auto colon = text.find("://");
    Url url;
    if (colon != std::string_view::npos) {
        url.scheme = lower(text.substr(0, colon));
    }
    const bool clean = std::ranges::none_of(text, [](unsigned char c) { return c < ' ' || c == 0x7F; });
    if (port_of(url.scheme) == 0 || !clean) {
        return Unexpected{Errc::bad_uri, "RFC 2326 §3.2"};
    }
    auto rest = text.substr(colon + 3);
    const auto question = rest.find('?');
    if (question != std::string_view::npos) {
        url.query = rest.substr(question + 1);
        rest = rest.substr(0, question);
    }
    const auto slash = std::min(rest.find('/'), rest.size());
    url.path = rest.substr(slash);
    if (!read_authority(rest.substr(0, slash), url) || url.host.empty()) {
        return Unexpected{Errc::bad_uri, "RFC 2326 §3.2"};
    }
    return url;
}

std::string percent_decode(std::string_view text)
{
    std::string plain;
    plain.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned value = 0;
        if (text[i] == '%' && i + 2 < text.size()) {
            const auto* digits = text.data() + i + 1;
            const auto [stop, error] = std::from_chars(digits, digits + 2, value, 16);
            if (error == std::errc{} && stop == digits + 2) {
                plain.push_back(static_cast<char>(value));
                i += 2;
                continue;
            }
        }
        plain.push_back(text[i]);
    }
    return plain;
}

std::string resolve_control(std::string_view base, std::string_view control)
{
    control = trim(control);
    if (control.empty() || control == "*") {
        return std::string{base};
    }
    if (control.find("://") != std::string_view::npos) {
        return std::string{control};
    }
    std::string url{base};
    if (!url.ends_with('/') && !control.starts_with('/') && !control.starts_with('?')) {
        url.push_back('/');
    } else if (url.ends_with('/') && (control.starts_with('/') || control.starts_with('?'))) {
        url.pop_back();
    }
    return url.append(control);
}

Target target_of(const Url& url)
{
    std::string_view path{url.path};
    std::string_view query{url.query};
    Target target{.full = percent_decode(strip_slashes(path))};
    // Quirk: ffmpeg and live555 put a relative control behind the whole URL, query and all.
    target.track = take_track(query);
    if (!target.track) {
        target.track = take_track(path);
    }
    while (query.ends_with('/')) {
        query.remove_suffix(1); // Quirk: a Content-Base that ends with a slash comes back with it.
    }
    target.path = percent_decode(strip_slashes(path));
    target.query = query;
    return target;
}

std::optional<std::size_t> track_of(std::string_view uri, std::span<const std::string> controls)
{
    while (uri.ends_with('/')) {
        uri.remove_suffix(1);
    }
    std::optional<std::size_t> found;
    std::size_t longest = 0;
    for (std::size_t i = 0; i < controls.size(); ++i) {
        std::string_view control{controls[i]};
        if (const auto scheme = control.find("://"); scheme != std::string_view::npos) {
            control = control.substr(std::min(control.find('/', scheme + 3), control.size()));
        }
        control = strip_slashes(control);
        if (control.empty() || control == "*" || control.size() <= longest || !uri.ends_with(control)) {
            continue;
        }
        const auto before = uri.substr(0, uri.size() - control.size());
        if (before.ends_with('/') || before.ends_with('?') || control.starts_with('?')) {
            found = i;
            longest = control.size();
        }
    }
    if (found) {
        return found;
    }
    if (const auto url = read_url(uri)) {
        if (const auto number = target_of(*url).track) {
            for (std::size_t i = 0; i < controls.size(); ++i) {
                const auto slash = controls[i].rfind('/');
                const auto last = slash == std::string::npos ? controls[i] : controls[i].substr(slash + 1);
                if (track_number(last) == number) {
                    return i;
                }
            }
        }
    }
    // Quirk: ffmpeg sets up the only track with the URL of the stream itself.
    return controls.size() == 1 ? std::optional<std::size_t>{0} : std::nullopt;
}

std::string track_url(const Url& presentation, int track)
{
    auto url = presentation;
    while (url.path.ends_with('/')) {
        url.path.pop_back();
    }
    while (url.query.ends_with('/')) {
        url.query.pop_back();
    }
    url.path += "/trackID=" + std::to_string(track);
    return url.text();
}

} // namespace millrace::rtsp
