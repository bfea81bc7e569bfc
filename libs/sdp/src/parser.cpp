#include "lines.hpp"
#include "text.hpp"

#include <algorithm>

namespace millrace::sdp {
namespace {

/// RFC 3551 §6, tables 4 and 5.
const std::vector<RtpMap>& static_maps()
{
    static const std::vector<RtpMap> kMaps{
        {0, "PCMU", 8000, 1},   {3, "GSM", 8000, 1},    {4, "G723", 8000, 1},   {5, "DVI4", 8000, 1},
        {6, "DVI4", 16000, 1},  {7, "LPC", 8000, 1},    {8, "PCMA", 8000, 1},   {9, "G722", 8000, 1},
        {10, "L16", 44100, 2},  {11, "L16", 44100, 1},  {12, "QCELP", 8000, 1}, {13, "CN", 8000, 1},
        {14, "MPA", 90000, 0},  {15, "G728", 8000, 1},  {16, "DVI4", 11025, 1}, {17, "DVI4", 22050, 1},
        {18, "G729", 8000, 1},  {25, "CelB", 90000, 0}, {26, "JPEG", 90000, 0}, {28, "nv", 90000, 0},
        {31, "H261", 90000, 0}, {32, "MPV", 90000, 0},  {33, "MP2T", 90000, 0}, {34, "H263", 90000, 0},
    };
    return kMaps;
}

constexpr std::uint8_t kFirstDynamic = 96;

/// Reads lines into a description; which section a line belongs to is what stood before it.
class Parser {
public:
    explicit Parser(const Limits& limits) : limits_{limits} {}

    Result<Description> parse(std::string_view text)
    {
        if (text.size() > limits_.bytes) {
            return Unexpected{Errc::too_big, "RFC 8866 §5"};
        }
        while (const auto line = take_line(text, out_.quirks)) {
            if (auto taken = take(*line); !taken) {
                return Unexpected{taken.error()};
            }
        }
        if (!known_line_) {
            return Unexpected{Errc::not_sdp, "RFC 8866 §5"};
        }
        finish();
        return std::move(out_);
    }

private:
    Section& section() { return out_.media.empty() ? static_cast<Section&>(out_) : out_.media.back(); }

    Result<> take(const Line& line)
    {
        known_line_ = true;
        switch (line.letter) {
        case 'v': seen_ |= 1U; break;
        case 'o':
            seen_ |= 2U;
            out_.origin = read_origin(line.value, out_.quirks);
            break;
        case 's':
            seen_ |= 4U;
            out_.name = std::string{line.value};
            break;
        case 'i':
            if (out_.media.empty()) {
                out_.information = std::string{line.value};
            }
            break;
        case 't': take_time(line.value); break;
        case 'c': take_connection(line.value); break;
        case 'b':
            if (const auto bandwidth = read_bandwidth(line.value, out_.quirks);
                bandwidth && section().bandwidths.size() < 16) {
                section().bandwidths.push_back(*bandwidth);
            }
            break;
        case 'm': return take_media(line.value);
        case 'a': return take_attribute(line.value);
        case 'u':
        case 'e':
        case 'p':
        case 'r':
        case 'z':
        case 'k': break; // of no use here
        default: out_.quirks.add(Quirk::unknown_line); break;
        }
        return {};
    }

    void take_time(std::string_view value)
    {
        seen_ |= 8U;
        if (attributes_ > 0) {
            out_.quirks.add(Quirk::line_order); // Quirk: attributes before t=.
        }
        out_.time = std::string{trimmed(value)};
        auto left = value;
        const bool numbers = number<std::uint64_t>(take_word(left)) && number<std::uint64_t>(trimmed(left));
        if (!numbers) {
            out_.quirks.add(Quirk::odd_time); // Quirk: `t=now-`.
        }
    }

    void take_connection(std::string_view value)
    {
        if (attributes_ > 0) {
            out_.quirks.add(Quirk::line_order); // Quirk: c= after a=.
        }
        const auto connection = read_connection(value, out_.quirks);
        if (connection && !section().connection) {
            section().connection = connection;
        } else if (connection) {
            out_.quirks.add(Quirk::odd_connection); // Quirk: a second c=.
        }
    }

    Result<> take_media(std::string_view value)
    {
        if (out_.media.size() >= limits_.media) {
            return Unexpected{Errc::too_many_media, "RFC 8866 §5.14"};
        }
        out_.media.push_back(read_media(value, out_.quirks));
        attributes_ = 0;
        return {};
    }

    Result<> take_attribute(std::string_view value)
    {
        if (++attributes_ > limits_.attributes) {
            return Unexpected{Errc::too_many_lines, "RFC 8866 §5.13"};
        }
        auto left = value;
        const auto name = trimmed(take_until(left, ":"));
        const bool has_value = value.find(':') != std::string_view::npos;
        if (!out_.media.empty() && same_name(name, "rtpmap")) {
            if (auto map = read_rtpmap(left, out_.quirks)) {
                out_.media.back().maps.push_back(std::move(*map));
            }
            return {};
        }
        if (!out_.media.empty() && same_name(name, "fmtp")) {
            if (auto fmtp = read_fmtp(left, out_.quirks)) {
                out_.media.back().fmtps.push_back(std::move(*fmtp));
            }
            return {};
        }
        section().attributes.push_back(
            {std::string{name}, has_value ? std::optional{std::string{trimmed(left)}} : std::nullopt});
        return {};
    }

    void finish()
    {
        for (unsigned bit = 1; bit <= 8; bit <<= 1U) {
            if ((seen_ & bit) == 0) {
                out_.quirks.add(Quirk::missing_line); // Quirk: no v=, o=, s= or t=.
            }
        }
        for (auto& media : out_.media) {
            finish(media);
        }
        share();
        const auto sends = [](const Media& media) { return media.has("sendonly"); };
        if (!out_.media.empty() && std::ranges::all_of(out_.media, sends)) {
            out_.quirks.add(Quirk::all_sendonly);
        }
    }

    void finish(Media& media)
    {
        std::size_t types = 0;
        for (const auto& format : media.formats) {
            const auto type = number<std::uint8_t>(format);
            if (!type || *type > 127) {
                continue;
            }
            ++types;
            if (const auto fixed = static_map(*type); fixed && media.map(*type) == nullptr) {
                out_.quirks.add(Quirk::static_without_rtpmap);
                media.maps.push_back(*fixed);
            }
        }
        // Quirk: Hikvision writes fmtp for another payload type than the only one of its medium.
        if (types == 1 && media.maps.size() == 1 && media.fmtps.size() == 1 &&
            media.fmtps[0].payload_type != media.maps[0].payload_type) {
            out_.quirks.add(Quirk::foreign_fmtp);
            media.fmtps[0].payload_type = media.maps[0].payload_type;
        }
    }

    void share()
    {
        std::vector<std::uint8_t> dynamic;
        for (const auto& media : out_.media) {
            for (const auto& map : media.maps) {
                if (map.payload_type < kFirstDynamic) {
                    continue;
                }
                if (std::ranges::count(dynamic, map.payload_type) > 0) {
                    out_.quirks.add(Quirk::shared_payload_type);
                }
                dynamic.push_back(map.payload_type);
            }
        }
    }

    const Limits& limits_;
    Description out_;
    unsigned seen_ = 0;          ///< v, o, s, t.
    std::size_t attributes_ = 0; ///< Of the section.
    bool known_line_ = false;
};

} // namespace

std::optional<RtpMap> static_map(std::uint8_t payload_type)
{
    const auto& maps = static_maps();
    const auto found = std::ranges::find(maps, payload_type, &RtpMap::payload_type);
    return found == maps.end() ? std::nullopt : std::optional{*found};
}

std::optional<std::string_view> Section::get(std::string_view name) const
{
    const auto found =
        std::ranges::find_if(attributes, [&](const auto& each) { return same_name(each.name, name); });
    if (found == attributes.end()) {
        return std::nullopt;
    }
    return found->value ? std::string_view{*found->value} : std::string_view{};
}

void Section::set(std::string name, std::optional<std::string> value)
{
    const auto found =
        std::ranges::find_if(attributes, [&](const auto& each) { return same_name(each.name, name); });
    if (found != attributes.end()) {
        found->value = std::move(value);
    } else {
        attributes.push_back({std::move(name), std::move(value)});
    }
}

std::optional<SourceFilter> Section::source_filter() const
{
    const auto value = get("source-filter");
    return value ? read_source_filter(*value) : std::nullopt;
}

std::vector<Crypto> Section::cryptos() const
{
    std::vector<Crypto> out;
    for (const auto& each : attributes) {
        if (same_name(each.name, "crypto") && each.value) {
            if (auto crypto = read_crypto(*each.value)) {
                out.push_back(std::move(*crypto));
            }
        }
    }
    return out;
}

bool Media::secure() const
{
    return protocol.find("SAVP") != std::string::npos;
}

bool Media::feedback() const
{
    return protocol.ends_with("AVPF") || has("rtcp-fb");
}

const RtpMap* Media::map(std::uint8_t payload_type) const
{
    const auto found = std::ranges::find(maps, payload_type, &RtpMap::payload_type);
    return found == maps.end() ? nullptr : &*found;
}

const Parameters& Media::parameters(std::uint8_t payload_type) const
{
    static const Parameters kNone;
    const auto found = std::ranges::find(fmtps, payload_type, &Fmtp::payload_type);
    return found == fmtps.end() ? kNone : found->parameters;
}

Result<Description> parse(std::string_view text, const Limits& limits)
{
    return Parser{limits}.parse(text);
}

} // namespace millrace::sdp
