#include <millrace/rtsp/message.hpp>
#include <millrace/rtsp/transport.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdio>

namespace millrace::rtsp {
namespace {

constexpr std::array<std::string_view, 6> kProfiles{"RTP/AVPF", "RTP/SAVPF",  "RTP/SAVP",
                                                    "RTP/AVP",  "MP2T/H2221", "RAW/RAW"};
constexpr std::size_t kMostSpecs = 32;

bool starts_with_name(std::string_view text, std::string_view name)
{
    return text.size() >= name.size() && same_name(text.substr(0, name.size()), name);
}

bool is_protocol(std::string_view text)
{
    return std::ranges::any_of(kProfiles, [text](std::string_view known) {
        return starts_with_name(text, known.substr(0, known.find('/') + 1));
    });
}

std::string_view unquote(std::string_view text)
{
    text = trim(text);
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
        text = text.substr(1, text.size() - 2);
    }
    return text;
}

// pair := number ["-" number]; a single number n means n and n + 1.
std::optional<Ports> read_ports(std::string_view text)
{
    Ports ports;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, ports.rtp);
    if (error != std::errc{}) {
        return std::nullopt;
    }
    ports.rtcp = static_cast<std::uint16_t>(ports.rtp == 0 ? 0 : ports.rtp + 1);
    if (stop != end && *stop == '-') {
        if (std::from_chars(stop + 1, end, ports.rtcp).ec != std::errc{}) {
            ports.rtcp = static_cast<std::uint16_t>(ports.rtp + 1);
        }
    }
    return ports;
}

template <class Number>
std::optional<Number> read_number(std::string_view text, int base)
{
    text = trim(text);
    Number number{};
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    return error == std::errc{} && stop == text.data() + text.size() ? std::optional{number} : std::nullopt;
}

void read_profile(std::string_view part, Transport& transport)
{
    for (const auto known : kProfiles) {
        if (starts_with_name(part, known)) {
            transport.profile = known;
            const auto rest = part.substr(known.size());
            transport.lower = same_name(rest, "/TCP") ? Lower::tcp : Lower::udp;
            transport.udp_spelled = same_name(rest, "/UDP");
            return;
        }
    }
    transport.profile = part;
}

void read_parameter(std::string_view part, Transport& transport)
{
    const auto equals = std::min(part.find('='), part.size());
    const auto name = trim(part.substr(0, equals));
    const auto value = equals < part.size() ? unquote(part.substr(equals + 1)) : std::string_view{};
    if (same_name(name, "multicast")) {
        transport.multicast = true;
    } else if (same_name(name, "interleaved")) {
        transport.interleaved = read_ports(value);
    } else if (same_name(name, "client_port")) {
        transport.client_port = read_ports(value);
    } else if (same_name(name, "server_port")) {
        transport.server_port = read_ports(value);
    } else if (same_name(name, "port")) {
        transport.port = read_ports(value);
    } else if (same_name(name, "destination")) {
        transport.destination = value;
    } else if (same_name(name, "source")) {
        transport.source = value;
    } else if (same_name(name, "ttl")) {
        transport.ttl = read_number<unsigned>(value, 10);
    } else if (same_name(name, "ssrc")) {
        // Quirk: Hikvision and Dahua pad it with blanks; others write decimals that do not fit: left out.
        transport.ssrc = read_number<std::uint32_t>(value, 16);
    } else if (same_name(name, "mode")) {
        transport.record = same_name(value, "record") || same_name(value, "receive");
    } else if (same_name(name, "append")) {
        transport.append = true;
    }
}

std::optional<Transport> read_spec(std::string_view spec)
{
    Transport transport;
    bool known = false;
    bool unicast = false;
    while (!spec.empty()) {
        // Quirk: Victure separates parameters with commas.
        const auto end = std::min(spec.find_first_of(";,"), spec.size());
        const auto part = trim(spec.substr(0, end));
        spec = end < spec.size() ? spec.substr(end + 1) : std::string_view{};
        unicast = unicast || same_name(part, "unicast");
        if (is_protocol(part)) {
            read_profile(part, transport);
            known = true;
        } else {
            read_parameter(part, transport);
        }
    }
    if (!known) {
        return std::nullopt;
    }
    if (transport.interleaved && transport.interleaved->rtp > 255) {
        transport.interleaved.reset();
    }
    // By the grammar, what names neither is multicast; real clients that name a port mean unicast.
    if (!unicast && !transport.multicast) {
        transport.multicast = transport.lower == Lower::udp && !transport.client_port &&
                              !transport.interleaved && !transport.server_port;
    }
    return transport;
}

std::string text_of(const Ports& ports)
{
    return std::to_string(ports.rtp) + "-" + std::to_string(ports.rtcp);
}

} // namespace

std::vector<Transport> read_transports(std::string_view text)
{
    std::vector<Transport> all;
    std::size_t begin = 0;
    for (std::size_t at = 0; at <= text.size() && all.size() < kMostSpecs; ++at) {
        // A comma ends a specification only when another protocol follows.
        const bool comma = at < text.size() && text[at] == ',' && is_protocol(trim(text.substr(at + 1)));
        if (comma || at == text.size()) {
            if (auto spec = read_spec(text.substr(begin, at - begin))) {
                all.push_back(std::move(*spec));
            }
            begin = at + 1;
        }
    }
    return all;
}

std::string write(const Transport& transport)
{
    std::string text = transport.profile;
    text += transport.lower == Lower::tcp ? "/TCP" : transport.udp_spelled ? "/UDP" : "";
    text += transport.multicast ? ";multicast" : ";unicast";
    const auto add = [&text](std::string_view name, const std::string& value) {
        text.append(";").append(name).append("=").append(value);
    };
    if (!transport.destination.empty()) {
        add("destination", transport.destination);
    }
    if (!transport.source.empty()) {
        add("source", transport.source);
    }
    const std::pair<std::string_view, const std::optional<Ports>&> pairs[]{
        {"interleaved", transport.interleaved},
        {"client_port", transport.client_port},
        {"server_port", transport.server_port},
        {"port", transport.port}};
    for (const auto& [name, ports] : pairs) {
        if (ports) {
            add(name, text_of(*ports));
        }
    }
    if (transport.ttl) {
        add("ttl", std::to_string(*transport.ttl));
    }
    if (transport.ssrc) {
        char digits[9];
        std::snprintf(digits, sizeof digits, "%08X", *transport.ssrc);
        add("ssrc", digits);
    }
    if (transport.record) {
        text += ";mode=record";
    }
    if (transport.append) {
        text += ";append";
    }
    return text;
}

std::optional<Transport> choose(std::span<const Transport> wanted, const TransportOffer& offer)
{
    for (const auto& each : wanted) {
        const bool plain = each.profile == "RTP/AVP" || each.profile == "RTP/AVPF";
        const bool secure = offer.secure_rtp && (each.profile == "RTP/SAVP" || each.profile == "RTP/SAVPF");
        if (!plain && !secure) {
            continue;
        }
        const bool named = !each.destination.empty() || each.port.has_value();
        const bool possible = each.lower == Lower::tcp ? offer.tcp
                              : each.multicast         ? (named ? offer.client_multicast : offer.multicast)
                                                       : offer.udp && each.client_port.has_value();
        if (possible) {
            return each;
        }
    }
    return std::nullopt;
}

} // namespace millrace::rtsp
