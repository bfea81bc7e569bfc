#include "text.hpp"
#include <millrace/sdp/attributes.hpp>

#include <algorithm>

namespace millrace::sdp {
namespace {

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

} // namespace

bool same_name(std::string_view a, std::string_view b)
{
    return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<std::string_view> Parameters::get(std::string_view name) const
{
    const auto found =
        std::ranges::find_if(list_, [&](const auto& each) { return same_name(each.first, name); });
    if (found == list_.end()) {
        return std::nullopt;
    }
    return found->second;
}

std::optional<std::uint32_t> Parameters::number(std::string_view name) const
{
    const auto value = get(name);
    return value ? sdp::number<std::uint32_t>(trimmed(*value)) : std::nullopt;
}

// rtpmap := payload-type SP encoding "/" clock-rate ["/" channels]
std::optional<RtpMap> read_rtpmap(std::string_view value, QuirkCounts& quirks)
{
    const auto type = number<std::uint8_t>(take_word(value));
    // Quirk: rtpmap with blanks at its end.
    const auto rest = trimmed(value);
    if (rest.size() != value.size()) {
        quirks.add(Quirk::odd_rtpmap);
    }
    auto left = rest;
    RtpMap map{.payload_type = type.value_or(0), .encoding = std::string{trimmed(take_until(left, "/"))}};
    // Quirk: rtpmap without a clock, or with a clock of 0: the medium cannot be played.
    map.clock_rate = number<std::uint32_t>(trimmed(take_until(left, "/"))).value_or(0);
    map.channels = number<std::uint32_t>(trimmed(left)).value_or(0);
    if (!type || *type > 127 || map.encoding.empty()) {
        quirks.add(Quirk::odd_rtpmap);
        return std::nullopt;
    }
    if (map.clock_rate == 0) {
        quirks.add(Quirk::odd_rtpmap);
    }
    return map;
}

// fmtp := payload-type SP [name ["=" value]] *(";" [name ["=" value]])
std::optional<Fmtp> read_fmtp(std::string_view value, QuirkCounts& quirks)
{
    const auto type = number<std::uint8_t>(take_word(value));
    if (!type || *type > 127) {
        quirks.add(Quirk::odd_fmtp);
        return std::nullopt;
    }
    // Quirk: fmtp with blanks at either end, and a trailing `;`.
    auto left = trimmed(value);
    bool odd = left.size() != value.size() || (!left.empty() && left.back() == ';');
    Fmtp fmtp{.payload_type = *type};
    while (!left.empty()) {
        auto parameter = trimmed(take_until(left, ";"));
        if (parameter.empty() || parameter == "=") {
            odd = true;
            continue;
        }
        const auto name = trimmed(take_until(parameter, "="));
        fmtp.parameters.add(std::string{name}, std::string{trimmed(parameter)});
    }
    if (odd) {
        quirks.add(Quirk::odd_fmtp);
    }
    return fmtp;
}

// source-filter := [SP] mode SP nettype SP address-type SP destination 1*(SP source)
std::optional<SourceFilter> read_source_filter(std::string_view value)
{
    const auto parts = words(value);
    if (parts.size() < 5 || (!same_name(parts[0], "incl") && !same_name(parts[0], "excl"))) {
        return std::nullopt;
    }
    return SourceFilter{.include = same_name(parts[0], "incl"),
                        .destination = std::string{parts[3]},
                        .sources = {parts.begin() + 4, parts.end()}};
}

// crypto := tag SP suite SP "inline:" key ["|" lifetime] ["|" mki] *(SP session-parameter)
std::optional<Crypto> read_crypto(std::string_view value)
{
    constexpr std::string_view kInline = "inline:";
    const auto tag = number<std::uint32_t>(take_word(value));
    const auto suite = take_word(value);
    auto key = take_word(value);
    if (!tag || suite.empty() || !key.starts_with(kInline)) {
        return std::nullopt;
    }
    key.remove_prefix(kInline.size());
    key = take_until(key, ";"); // further keys are for rekeying by MKI
    Crypto crypto{.tag = *tag, .suite = std::string{suite}, .key = std::string{take_until(key, "|")}};
    while (!key.empty()) {
        const auto part = take_until(key, "|");
        (part.find(':') == std::string_view::npos ? crypto.lifetime : crypto.mki) = std::string{part};
    }
    crypto.session_parameters = std::string{trimmed(value)};
    if (crypto.key.empty()) {
        return std::nullopt;
    }
    return crypto;
}

std::string to_string(const RtpMap& map)
{
    auto text = std::to_string(map.payload_type) + " " + map.encoding + "/" + std::to_string(map.clock_rate);
    return map.channels > 0 ? text + "/" + std::to_string(map.channels) : text;
}

std::string to_string(const Fmtp& fmtp)
{
    auto text = std::to_string(fmtp.payload_type);
    char separator = ' ';
    for (const auto& [name, value] : fmtp.parameters.list()) {
        text += separator + name;
        if (!value.empty()) {
            text += "=" + value;
        }
        separator = ';';
    }
    return text;
}

std::string to_string(const SourceFilter& filter)
{
    const bool ip6 = filter.destination.find(':') != std::string::npos ||
                     (!filter.sources.empty() && filter.sources[0].find(':') != std::string::npos);
    auto text = std::string{filter.include ? " incl IN " : " excl IN "} + (ip6 ? "IP6 " : "IP4 ") +
                filter.destination;
    for (const auto& source : filter.sources) {
        text += " " + source;
    }
    return text;
}

std::string to_string(const Crypto& crypto)
{
    auto text = std::to_string(crypto.tag) + " " + crypto.suite + " inline:" + crypto.key;
    for (const auto* part : {&crypto.lifetime, &crypto.mki}) {
        text += part->empty() ? "" : "|" + *part;
    }
    return crypto.session_parameters.empty() ? text : text + " " + crypto.session_parameters;
}

} // namespace millrace::sdp
