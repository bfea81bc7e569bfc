#include "lines.hpp"

#include "text.hpp"

#include <algorithm>
#include <array>

namespace millrace::sdp {
namespace {

constexpr std::array<std::string_view, 5> kProtocols{"RTP/AVP", "RTP/AVPF", "RTP/SAVP", "RTP/SAVPF",
                                                     "UDP/TLS/RTP/SAVPF"};

bool looks_like_ip6(std::string_view address)
{
    return std::ranges::count(address, ':') >= 2;
}

/// The beginning of `text` up to and with the end of a line, whichever of CRLF, LF and CR it has.
std::string_view take_raw_line(std::string_view& text, QuirkCounts& quirks)
{
    const auto end = text.find_first_of("\r\n");
    const auto line = text.substr(0, end);
    if (end == std::string_view::npos) {
        text = {};
        return line;
    }
    const bool whole = text.substr(end).starts_with("\r\n");
    if (!whole) {
        quirks.add(Quirk::bare_line_feed); // Quirk: lines that end with LF alone.
    }
    text.remove_prefix(end + (whole ? 2 : 1));
    return line;
}

bool is_group4(std::string_view address)
{
    const auto first = number<unsigned>(address.substr(0, address.find('.')));
    return first && *first >= 224 && *first <= 239 && address.find('.') != std::string_view::npos;
}

} // namespace

std::optional<Line> take_line(std::string_view& text, QuirkCounts& quirks)
{
    while (!text.empty()) {
        auto line = take_raw_line(text, quirks);
        line = line.substr(0, line.find_last_not_of('\0') + 1);
        line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
        if (line.empty()) {
            // Quirk: blank lines between others. One at the end is nobody's business.
            if (!trimmed(text, "\r\n \t").empty()) {
                quirks.add(Quirk::blank_line);
            }
            continue;
        }
        if (line.size() < 2 || line[1] != '=' || line[0] < 'a' || line[0] > 'z') {
            quirks.add(Quirk::unknown_line);
            continue;
        }
        return Line{.letter = line[0], .value = line.substr(2)};
    }
    return std::nullopt;
}

// origin := user SP session SP version SP "IN" SP ("IP4" / "IP6") SP address
// Quirk: `o=-0 0 IN IP4`, user names with blanks, session ids of any kind, glued or missing addresses. The
// fields are found from `IN` on, which all of them have; without it, by their places.
Origin read_origin(std::string_view value, QuirkCounts& quirks)
{
    const auto parts = words(value);
    Origin origin;
    const auto net = static_cast<std::size_t>(
        std::ranges::find_if(parts,
                             [](auto part) { return same_name(part, "IN") || same_name(part, "IP"); }) -
        parts.begin());
    bool odd = parts.size() != 6 || net != 3 || value.find("  ") != std::string_view::npos;
    const auto before = std::min(net, parts.size());
    if (before >= 1) {
        origin.version = std::string{parts[before - 1]};
    }
    if (before >= 2) {
        origin.session = std::string{parts[before - 2]};
    }
    if (before >= 3) {
        origin.user.clear();
        for (std::size_t i = 0; i + 2 < before; ++i) {
            origin.user += (i > 0 ? " " : "") + std::string{parts[i]};
        }
    }
    if (net + 2 < parts.size()) {
        origin.address = std::string{parts[net + 2]};
    }
    const auto type = net + 1 < parts.size() ? parts[net + 1] : std::string_view{};
    origin.ip6 = same_name(type, "IP6") || looks_like_ip6(origin.address);
    odd = odd || (type != "IP4" && type != "IP6") || (net < parts.size() && parts[net] != "IN") ||
          (!origin.ip6 && origin.address.find(':') != std::string::npos);
    for (const auto* each : {&origin.session, &origin.version}) {
        odd = odd || !number<std::uint64_t>(*each);
    }
    if (odd) {
        quirks.add(Quirk::odd_origin);
    }
    return origin;
}

// connection := "IN" SP ("IP4" / "IP6") SP address ["/" ttl] ["/" count]
std::optional<Connection> read_connection(std::string_view value, QuirkCounts& quirks)
{
    auto parts = words(value);
    // Quirk: `c=IN c=IN IP4 0.0.0.0`.
    const auto again = std::ranges::find_if(parts, [](auto part) { return part.starts_with("c="); });
    bool odd = again != parts.end();
    if (odd) {
        parts.erase(parts.begin(), again);
        parts[0].remove_prefix(2);
    }
    // Quirk: `c=SM SM x`, `c=IN`, and others of no known network.
    if (parts.size() < 2 || !(same_name(parts[0], "IN") || same_name(parts[0], "IP"))) {
        quirks.add(Quirk::odd_connection);
        return std::nullopt;
    }
    // Quirk: `c=IN 1.2.3.4`: the type is that of the address. `c=IN IPV4 …`, `c=In IP4 …`: means what it
    // seems to.
    const auto type = parts[1];
    const bool typed = type.size() >= 2 && same_name(type.substr(0, 2), "IP");
    odd = odd || parts.size() != 3 || parts[0] != "IN" || (type != "IP4" && type != "IP6");
    if (odd) {
        quirks.add(Quirk::odd_connection);
    }
    if (typed && parts.size() < 3) {
        return std::nullopt;
    }
    auto address = typed ? parts[2] : type;
    Connection connection;
    connection.address = std::string{take_until(address, "/")};
    connection.ip6 = looks_like_ip6(connection.address);
    if (!address.empty()) {
        const auto first = number<std::uint32_t>(take_until(address, "/"));
        const auto second = number<std::uint32_t>(address);
        if (connection.ip6) {
            connection.count = first.value_or(1);
        } else {
            connection.ttl = static_cast<std::uint8_t>(std::min<std::uint32_t>(first.value_or(1), 255));
            connection.count = second.value_or(1);
        }
    }
    if (connection.address.empty()) {
        return std::nullopt;
    }
    return connection;
}

std::optional<Bandwidth> read_bandwidth(std::string_view value, QuirkCounts& quirks)
{
    const auto type = trimmed(take_until(value, ":"));
    const auto amount = number<std::uint64_t>(trimmed(value));
    if (type.empty() || !amount) {
        quirks.add(Quirk::odd_bandwidth);
        return std::nullopt;
    }
    return Bandwidth{.type = std::string{type}, .value = *amount};
}

// media := type SP port ["/" count] SP protocol 1*(SP format)
Media read_media(std::string_view value, QuirkCounts& quirks)
{
    Media media;
    const auto parts = words(value);
    media.type = std::string{parts.empty() ? std::string_view{"unknown"} : parts[0]};
    auto port = parts.size() > 1 ? parts[1] : std::string_view{};
    media.port = number<std::uint16_t>(take_until(port, "/")).value_or(0);
    media.port_count = std::max<std::uint16_t>(number<std::uint16_t>(port).value_or(1), 1);
    media.protocol = std::string{parts.size() > 2 ? parts[2] : std::string_view{"unknown"}};
    for (std::size_t i = 3; i < parts.size(); ++i) {
        media.formats.emplace_back(parts[i]);
    }
    const bool known =
        std::ranges::any_of(kProtocols, [&](auto each) { return same_name(each, media.protocol); });
    if (!known) {
        quirks.add(Quirk::odd_protocol); // Quirk: `RTP/AVP/TCP`, `MP2T/AVP`.
    }
    const bool numeric = std::ranges::any_of(media.formats, [](const std::string& format) {
        const auto type = number<std::uint8_t>(format);
        return type && *type < 128;
    });
    const bool playable = same_name(media.type, "video") || same_name(media.type, "audio");
    if (!numeric || !playable) {
        // Quirk: media of type `metadata`, `application/TP-LINK` and such, formats like `smart/1/90000`.
        quirks.add(Quirk::unknown_medium);
        media.skip = true;
    }
    return media;
}

bool Connection::multicast() const
{
    return ip6 ? address.size() > 2 && same_name(std::string_view{address}.substr(0, 2), "ff")
               : is_group4(address);
}

} // namespace millrace::sdp
