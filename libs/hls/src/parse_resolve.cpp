#include <millrace/hls/parse.hpp>

#include <algorithm>

namespace millrace::hls {
namespace {

/// The segments "." and ".." of a path, gone (RFC 3986 §5.2.4).
std::string without_dots(std::string_view path)
{
    std::vector<std::string_view> kept;
    const bool folder = path.ends_with("/") || path.ends_with("/.") || path.ends_with("/..");
    while (!path.empty()) {
        path.remove_prefix(path.front() == '/' ? 1 : 0);
        const auto end = std::min(path.find('/'), path.size());
        const auto part = path.substr(0, end);
        path.remove_prefix(end);
        if (part == "..") {
            if (!kept.empty()) {
                kept.pop_back();
            }
        } else if (part != "." && !(part.empty() && path.empty())) {
            kept.push_back(part);
        }
    }
    std::string out;
    for (const auto part : kept) {
        out.append("/").append(part);
    }
    return out.empty() || folder ? out + "/" : out;
}

bool has_scheme(std::string_view reference)
{
    const auto colon = reference.find(':');
    const auto other = reference.find_first_of("/?#");
    return colon != std::string_view::npos && colon > 0 && colon < other;
}

} // namespace

std::string resolve(std::string_view base, std::string_view reference)
{
    reference = reference.substr(0, reference.find('#'));
    if (has_scheme(reference)) {
        return std::string{reference};
    }
    const auto scheme = std::min(base.find("://"), base.size());
    if (reference.starts_with("//")) {
        return std::string{base.substr(0, scheme)} + ":" + std::string{reference};
    }
    const auto path = std::min(base.find_first_of("/?#", std::min(scheme + 3, base.size())), base.size());
    const auto query = std::min(base.find_first_of("?#", path), base.size());
    const std::string origin{base.substr(0, path)};
    if (reference.empty()) {
        return std::string{base.substr(0, base.find('#'))};
    }
    if (reference.front() == '?') {
        return std::string{base.substr(0, query)} + std::string{reference};
    }
    const auto mark = std::min(reference.find('?'), reference.size());
    const auto own = reference.substr(0, mark);
    const auto folder = base.substr(path, query - path);
    const auto slash = folder.rfind('/');
    const auto whole = own.starts_with("/")
                           ? std::string{own}
                           : std::string{folder.substr(0, slash == std::string_view::npos ? 0 : slash)} +
                                 "/" + std::string{own};
    return origin + without_dots(whole) + std::string{reference.substr(mark)};
}

} // namespace millrace::hls
