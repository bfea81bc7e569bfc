#include <millrace/relay/url_template.hpp>

#include <algorithm>
#include <stdexcept>

namespace millrace::relay {
namespace {

constexpr std::string_view kMarks[] = {"{stream}", "{app}", "{name}"};
constexpr std::size_t kMostName = 255;

bool is_plain(std::string_view name)
{
    const auto odd = [](unsigned char c) {
        return c <= ' ' || c == 0x7F ||
               std::string_view{"?#%&{}*\\\"<>"}.find(static_cast<char>(c)) != std::string_view::npos;
    };
    const auto path = '/' + std::string{name} + '/';
    return name.size() <= kMostName && std::ranges::none_of(name, odd) &&
           path.find("/../") == std::string::npos && path.find("//") == std::string::npos;
}

/// RFC 3986 §2.1, for what is no ASCII: RTMP has names as they are, HTTP only ASCII.
std::string escaped(std::string_view text)
{
    std::string out;
    for (const unsigned char c : text) {
        if (c < 0x80) {
            out.push_back(static_cast<char>(c));
        } else {
            out.append({'%', "0123456789ABCDEF"[c >> 4U], "0123456789ABCDEF"[c & 15U]});
        }
    }
    return out;
}

void replace_all(std::string& text, std::string_view mark, std::string_view by)
{
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + by.size())) {
        text.replace(at, mark.size(), by);
    }
}

} // namespace

UrlTemplate::UrlTemplate(std::string text) : text_{std::move(text)}
{
    const auto begin = text_.find("://");
    path_ = begin == std::string::npos ? text_.size() : std::min(text_.find('/', begin + 3), text_.size());
    has_star_ = text_.find('*', path_) != std::string::npos;
    auto rest = text_.substr(path_);
    for (const auto mark : kMarks) {
        replace_all(rest, mark, "");
    }
    if (rest.find_first_of("{}") != std::string::npos) {
        throw std::runtime_error{"the URL has braces around something else than {stream}, {app} or {name}"};
    }
    const auto parsed = fill("app/name", "name");
    if (parsed->host.find_first_of("*{}") != std::string::npos) {
        throw std::runtime_error{
            "the URL has a star or braces before its path; they may stand behind the host only"};
    }
    scheme_ = parsed->scheme;
}

std::optional<clients::Url> UrlTemplate::fill(std::string_view stream, std::string_view star) const
{
    if (!is_plain(stream)) {
        return std::nullopt;
    }
    const auto colon = std::min(text_.find("://"), text_.size());
    const bool raw = std::string_view{text_}.substr(0, colon).starts_with("rtmp");
    const auto put = [&](std::string_view part) { return raw ? std::string{part} : escaped(part); };
    const auto slash = stream.rfind('/');
    auto rest = text_.substr(path_);
    replace_all(rest, "*", put(star));
    replace_all(rest, "{stream}", put(stream));
    replace_all(rest, "{app}", put(stream.substr(0, slash)));
    replace_all(rest, "{name}", put(stream.substr(slash + 1)));
    return clients::parse_url(text_.substr(0, path_) + rest);
}

std::string UrlTemplate::shown() const
{
    auto url = clients::parse_url(text_.substr(0, path_) + "/app/name");
    const auto end = std::min(text_.find('?'), text_.size());
    url.path = path_ < end ? text_.substr(path_ + 1, end - path_ - 1) : std::string{};
    return url.shown();
}

} // namespace millrace::relay
