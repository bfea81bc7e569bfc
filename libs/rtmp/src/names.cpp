#include "names.hpp"

#include <algorithm>
#include <array>

namespace millrace::rtmp {

namespace {

bool has_control(std::string_view text)
{
    return std::ranges::any_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7F;
    });
}

/// How many bytes follow the first one of a UTF-8 sequence; -1 when none may begin so (RFC 3629 §4).
int utf8_tail(unsigned char first)
{
    if (first < 0x80) {
        return 0;
    }
    if (first >= 0xC2 && first < 0xE0) {
        return 1;
    }
    if (first >= 0xE0 && first < 0xF0) {
        return 2;
    }
    return first >= 0xF0 && first < 0xF5 ? 3 : -1;
}

bool is_utf8(std::string_view text)
{
    while (!text.empty()) {
        const int tail = utf8_tail(static_cast<unsigned char>(text.front()));
        if (tail < 0 || text.size() <= static_cast<std::size_t>(tail)) {
            return false;
        }
        const auto rest = text.substr(1, static_cast<std::size_t>(tail));
        if (!std::ranges::all_of(rest,
                                 [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; })) {
            return false;
        }
        text.remove_prefix(1 + static_cast<std::size_t>(tail));
    }
    return true;
}

bool has_bad_segment(std::string_view path)
{
    while (true) {
        const auto slash = path.find('/');
        const auto segment = path.substr(0, slash);
        if (segment.empty() || segment == "." || segment == "..") {
            return true;
        }
        if (slash == std::string_view::npos) {
            return false;
        }
        path.remove_prefix(slash + 1);
    }
}

std::string_view check(std::string_view path)
{
    if (path.size() > kMaxPath) {
        return "stream name too long: APP/NAME may have 255 bytes";
    }
    if (has_control(path)) {
        return "stream name has control characters";
    }
    if (!is_utf8(path)) {
        return "stream name is not UTF-8";
    }
    if (has_bad_segment(path)) {
        return "stream name has an empty, '.' or '..' segment";
    }
    return {};
}

bool has_pair(std::string_view query, std::string_view pair)
{
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        if (query.substr(0, end) == pair) {
            return true;
        }
        query.remove_prefix(std::min(end + 1, query.size()));
    }
    return false;
}

} // namespace

Split split_query(std::string_view text)
{
    const auto mark = text.find('?');
    if (mark == std::string_view::npos) {
        return {text, {}};
    }
    return {text.substr(0, mark), text.substr(mark + 1)};
}

std::string_view trim_slashes(std::string_view text)
{
    while (text.starts_with('/')) {
        text.remove_prefix(1);
    }
    while (text.ends_with('/')) {
        text.remove_suffix(1);
    }
    return text;
}

std::string_view unquote(std::string_view text)
{
    if (text.size() >= 2 && text.front() == text.back() && (text.front() == '"' || text.front() == '\'')) {
        return text.substr(1, text.size() - 2);
    }
    return text;
}

std::string_view strip_file_prefix(std::string_view name)
{
    constexpr std::array<std::string_view, 3> kPrefixes{"mp4:", "mp3:", "flv:"};
    for (const auto prefix : kPrefixes) {
        if (name.starts_with(prefix)) {
            return name.substr(prefix.size());
        }
    }
    return name;
}

std::string_view file_form(std::string_view name)
{
    constexpr std::size_t kForm = 3;
    return strip_file_prefix(name).size() == name.size() ? std::string_view{} : name.substr(0, kForm);
}

std::string_view app_of(std::string_view tc_url)
{
    auto path = split_query(tc_url).path;
    const auto scheme = path.find("://");
    if (scheme == std::string_view::npos) {
        return {};
    }
    path.remove_prefix(scheme + 3);
    const auto slash = path.find('/');
    return slash == std::string_view::npos ? std::string_view{} : trim_slashes(path.substr(slash));
}

std::string resolve_tc_url(std::string_view base, std::string_view reference)
{
    const auto scheme = base.find("://");
    if (reference.empty() || scheme == std::string_view::npos) {
        return std::string{reference.empty() ? base : reference};
    }
    if (reference.starts_with("//")) {
        return std::string{base.substr(0, scheme + 1)}.append(reference);
    }
    if (reference.starts_with('/')) {
        const auto authority_end = base.find('/', scheme + 3);
        return std::string{base.substr(0, authority_end)}.append(reference);
    }
    return std::string{reference};
}

void merge_query(std::string& into, std::string_view query)
{
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const auto pair = query.substr(0, end);
        if (!pair.empty() && !has_pair(into, pair)) {
            into.append(into.empty() ? "" : "&").append(pair);
        }
        query.remove_prefix(std::min(end + 1, query.size()));
    }
}

StreamName make_path(std::string_view app, std::string_view name)
{
    if (name.empty()) {
        return {.refusal = "stream name missing: use rtmp://HOST/APP/NAME"};
    }
    std::string path{app};
    path.append(app.empty() ? "" : "/").append(name);
    if (path.find('/') == std::string::npos) {
        return {.refusal = "application missing: use rtmp://HOST/APP/NAME"};
    }
    const auto refusal = check(path);
    return {.path = std::move(path), .refusal = refusal};
}

std::string_view check_app(std::string_view app)
{
    return app.empty() ? std::string_view{} : check(app);
}

bool is_clean_text(std::string_view text)
{
    return !has_control(text) && is_utf8(text);
}

} // namespace millrace::rtmp
