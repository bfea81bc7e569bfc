#include <millrace/hls/directives.hpp>

#include <charconv>

namespace millrace::hls {
namespace {

/// Segments and seconds of parts that a request may be ahead (rfc8216bis §6.2.5.2).
constexpr std::uint64_t kAheadSegments = 2;
constexpr std::uint64_t kAheadParts = 3;

bool read_number(std::string_view text, std::optional<std::uint64_t>& into)
{
    std::uint64_t value = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (into || text.empty() || error != std::errc{} || stop != end) {
        return false;
    }
    into = value;
    return true;
}

/// How many parts ahead of the newest may be asked for.
std::uint64_t parts_ahead(Nanoseconds target)
{
    constexpr Nanoseconds kSecond = std::chrono::seconds{1};
    if (target <= Nanoseconds{0} || target >= kSecond) {
        return kAheadParts;
    }
    return kAheadParts * static_cast<std::uint64_t>(kSecond / target);
}

} // namespace

std::optional<Directives> read_directives(std::string_view query)
{
    Directives found;
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const auto pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        const auto equals = std::min(pair.find('='), pair.size());
        const auto name = pair.substr(0, equals);
        const auto value = pair.substr(std::min(equals + 1, pair.size()));
        if ((name == "_HLS_msn" && !read_number(value, found.msn)) ||
            (name == "_HLS_part" && !read_number(value, found.part))) {
            return std::nullopt;
        }
        found.skip = found.skip || (name == "_HLS_skip" && (value == "YES" || value == "v2"));
    }
    if (found.part && !found.msn) {
        return std::nullopt;
    }
    return found;
}

Edge edge_of(const Rendition& rendition, Nanoseconds part_target, bool ended)
{
    Edge edge{.part_target = part_target, .ended = ended};
    if (rendition.listed().empty()) {
        return edge;
    }
    const auto& last = rendition.listed().back();
    edge.open = last.closed ? last.msn + 1 : last.msn;
    if (part_target > Nanoseconds{0}) {
        edge.parts = last.closed ? 0 : last.parts.size();
        const auto* before = rendition.find(edge.open - 1);
        edge.parts_before = before != nullptr ? before->parts.size() : 0;
    }
    return edge;
}

Verdict judge(const Directives& asked, const Edge& edge)
{
    if (edge.ended || !asked.msn) {
        return Verdict::now;
    }
    const auto msn = *asked.msn;
    if (msn < edge.open) {
        const bool next = msn + 1 == edge.open && asked.part && *asked.part >= edge.parts_before;
        return next && edge.parts == 0 ? Verdict::wait : Verdict::now;
    }
    if (msn > edge.open + kAheadSegments) {
        return Verdict::bad;
    }
    if (!asked.part) {
        return Verdict::wait;
    }
    const auto newest = msn == edge.open ? edge.parts : 0;
    if (*asked.part >= newest + parts_ahead(edge.part_target)) {
        return Verdict::bad;
    }
    return msn == edge.open && *asked.part < edge.parts ? Verdict::now : Verdict::wait;
}

} // namespace millrace::hls
