#include "parse_attributes.hpp"

#include <algorithm>

namespace millrace::hls {
namespace {

constexpr std::uint64_t kMostNumber = std::uint64_t{1} << 62U; ///< So that counting on never wraps.

class Category : public std::error_category {
public:
    const char* name() const noexcept override { return "hls"; }

    std::string message(int code) const override
    {
        switch (static_cast<ParseErrc>(code)) {
        case ParseErrc::not_a_playlist: return "not a playlist: the first line must be #EXTM3U";
        case ParseErrc::too_long: return "a playlist of more lines, or longer ones, than are read";
        case ParseErrc::mixed: return "a playlist with tags of both kinds: of segments and of variants";
        case ParseErrc::no_target_duration: return "a playlist of segments without EXT-X-TARGETDURATION";
        case ParseErrc::bad_value: return "a tag with a value that cannot be read";
        }
        return "unknown playlist error";
    }
};

std::optional<SegmentKey> read_key(std::string_view list, bool& good)
{
    const auto method = attribute(list, "METHOD");
    good = good && method.has_value();
    if (!method || *method == "NONE") {
        return std::nullopt;
    }
    SegmentKey key{.method = std::string{*method}, .uri = std::string{attribute(list, "URI").value_or("")}};
    if (const auto iv = attribute(list, "IV")) {
        key.iv = parse_iv(*iv);
        good = good && key.iv.has_value();
    }
    good = good && !key.uri.empty();
    return key;
}

/// What the lines so far have said.
class Parser {
public:
    explicit Parser(const ParseLimits& limits) : limits_{limits} {}

    Result<> line(std::string_view line);
    Result<AnyPlaylist> finish();

private:
    bool read_media_tag(std::string_view name, std::string_view value);
    bool read_master_tag(std::string_view name, std::string_view value);
    void read_variant(std::string_view list);
    void read_sound(std::string_view list);
    Result<> add_uri(std::string_view uri);

    ParseLimits limits_;
    MediaPlaylist media_;
    MultivariantPlaylist master_;
    bool is_media_ = false;
    bool is_master_ = false;
    bool good_ = true;
    bool has_target_ = false;
    // Of the segment whose URI comes next:
    std::optional<std::chrono::nanoseconds> duration_;
    std::optional<ParsedRange> range_;
    bool gap_ = false;
    // Of all that follow:
    std::optional<SegmentKey> key_;
    std::optional<SegmentMap> map_;
    std::uint64_t number_ = 0;
    std::uint64_t discontinuity_ = 0;
    std::optional<ListedVariant> variant_;
};

bool Parser::read_media_tag(std::string_view name, std::string_view value)
{
    if (name == "EXTINF") {
        duration_ = parse_seconds(value.substr(0, value.find(',')));
        good_ = good_ && duration_ && duration_->count() >= 0;
    } else if (name == "EXT-X-TARGETDURATION") {
        // Quirk: some servers write it with a fraction.
        const auto target = parse_seconds(value);
        good_ = good_ && target && target->count() > 0;
        media_.target = std::chrono::ceil<std::chrono::seconds>(target.value_or(std::chrono::nanoseconds{0}));
        has_target_ = true;
    } else if (name == "EXT-X-MEDIA-SEQUENCE") {
        // It must stand before the first segment (RFC 8216 §4.3.3.2); elsewhere it means nothing.
        const auto number = parse_number(value);
        good_ = good_ && number.has_value() && *number < kMostNumber;
        number_ = media_.segments.empty() ? number.value_or(0) : number_;
    } else if (name == "EXT-X-DISCONTINUITY-SEQUENCE") {
        const auto number = parse_number(value);
        good_ = good_ && number.has_value() && *number < kMostNumber;
        discontinuity_ = media_.segments.empty() ? number.value_or(0) : discontinuity_;
    } else if (name == "EXT-X-DISCONTINUITY") {
        ++discontinuity_;
    } else if (name == "EXT-X-BYTERANGE") {
        range_ = parse_range(value);
        good_ = good_ && range_.has_value();
    } else if (name == "EXT-X-KEY") {
        key_ = read_key(value, good_);
    } else if (name == "EXT-X-MAP") {
        map_ = SegmentMap{.uri = std::string{attribute(value, "URI").value_or("")}, .range = {}, .key = key_};
        if (const auto range = attribute(value, "BYTERANGE")) {
            const auto parsed = parse_range(*range);
            good_ = good_ && parsed.has_value();
            map_->range =
                parsed ? std::optional{ByteRange{parsed->offset.value_or(0), parsed->bytes}} : std::nullopt;
        }
        good_ = good_ && !map_->uri.empty();
    } else if (name == "EXT-X-GAP") {
        gap_ = true;
    } else if (name == "EXT-X-ENDLIST") {
        media_.ended = true;
    } else if (name == "EXT-X-PLAYLIST-TYPE") {
        media_.vod = value == "VOD";
    } else if (name == "EXT-X-SERVER-CONTROL") {
        media_.can_block = attribute(value, "CAN-BLOCK-RELOAD") == "YES";
    } else if (name == "EXT-X-START") {
        media_.start_offset = parse_seconds(attribute(value, "TIME-OFFSET").value_or(""));
    } else {
        return false;
    }
    return name != "EXT-X-START";
}

void Parser::read_variant(std::string_view list)
{
    ListedVariant variant;
    variant.bandwidth = parse_number(attribute(list, "BANDWIDTH").value_or("")).value_or(0);
    variant.codecs = attribute(list, "CODECS").value_or("");
    variant.audio = attribute(list, "AUDIO").value_or("");
    const auto size = attribute(list, "RESOLUTION").value_or("");
    if (const auto cross = size.find('x'); cross != std::string_view::npos) {
        variant.width = static_cast<std::uint32_t>(parse_number(size.substr(0, cross)).value_or(0));
        variant.height = static_cast<std::uint32_t>(parse_number(size.substr(cross + 1)).value_or(0));
    }
    variant_ = std::move(variant);
}

void Parser::read_sound(std::string_view list)
{
    if (attribute(list, "TYPE") != "AUDIO" || master_.sounds.size() >= limits_.variants) {
        return;
    }
    master_.sounds.push_back({.group = std::string{attribute(list, "GROUP-ID").value_or("")},
                              .name = std::string{attribute(list, "NAME").value_or("")},
                              .uri = std::string{attribute(list, "URI").value_or("")},
                              .is_default = attribute(list, "DEFAULT") == "YES"});
}

bool Parser::read_master_tag(std::string_view name, std::string_view value)
{
    if (name == "EXT-X-STREAM-INF") {
        read_variant(value);
    } else if (name == "EXT-X-MEDIA") {
        read_sound(value);
    } else if (name != "EXT-X-I-FRAME-STREAM-INF" && name != "EXT-X-SESSION-DATA" &&
               name != "EXT-X-SESSION-KEY" && name != "EXT-X-CONTENT-STEERING") {
        return false;
    }
    return true;
}

Result<> Parser::add_uri(std::string_view uri)
{
    if (variant_) {
        variant_->uri = uri;
        if (master_.variants.size() < limits_.variants) {
            master_.variants.push_back(std::move(*variant_));
        }
        variant_.reset();
        return {};
    }
    if (!duration_) {
        return {}; // a line of no playlist: what it belongs to was not told
    }
    ListedSegment segment{.number = number_++,
                          .discontinuity = discontinuity_,
                          .uri = std::string{uri},
                          .duration = *duration_,
                          .range = {},
                          .key = key_,
                          .map = map_,
                          .gap = gap_};
    if (range_) {
        // Without an offset, it goes on where the range before ended (RFC 8216 §4.3.2.2).
        const auto* last = media_.segments.empty() ? nullptr : &media_.segments.back();
        const bool goes_on = last != nullptr && last->range && last->uri == uri;
        if (!range_->offset && !goes_on) {
            return Unexpected{ParseErrc::bad_value, "RFC 8216 §4.3.2.2"};
        }
        segment.range = ByteRange{range_->offset ? *range_->offset : last->range->offset + last->range->bytes,
                                  range_->bytes};
    }
    media_.segments.push_back(std::move(segment));
    duration_.reset();
    range_.reset();
    gap_ = false;
    return {};
}

Result<> Parser::line(std::string_view line)
{
    if (line.empty()) {
        return {};
    }
    if (line.front() != '#') {
        return add_uri(line);
    }
    if (!line.starts_with("#EXT")) {
        return {};
    }
    const auto colon = std::min(line.find(':'), line.size());
    const auto name = line.substr(1, colon - 1);
    const auto value = colon < line.size() ? line.substr(colon + 1) : std::string_view{};
    is_media_ = read_media_tag(name, value) || is_media_;
    is_master_ = read_master_tag(name, value) || is_master_;
    return {};
}

Result<AnyPlaylist> Parser::finish()
{
    if (is_media_ && is_master_) {
        return Unexpected{ParseErrc::mixed, "RFC 8216 §4.1"};
    }
    if (!good_) {
        return Unexpected{ParseErrc::bad_value, "RFC 8216 §4.3"};
    }
    if (is_master_) {
        return AnyPlaylist{std::move(master_)};
    }
    if (!has_target_) {
        return Unexpected{ParseErrc::no_target_duration, "RFC 8216 §4.3.3.1"};
    }
    media_.next_number = number_;
    return AnyPlaylist{std::move(media_)};
}

} // namespace

std::error_code make_error_code(ParseErrc code)
{
    static const Category kCategory;
    return {static_cast<int>(code), kCategory};
}

Result<AnyPlaylist> parse_playlist(std::string_view text, const ParseLimits& limits)
{
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    // Quirk: some files begin with a byte order mark, which RFC 8216 §4.1 forbids.
    if (text.starts_with(kByteOrderMark)) {
        text.remove_prefix(kByteOrderMark.size());
    }
    if (!text.starts_with("#EXTM3U")) {
        return Unexpected{ParseErrc::not_a_playlist, "RFC 8216 §4.3.1.1"};
    }
    Parser parser{limits};
    std::size_t lines = 0;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) {
            line.remove_suffix(1);
        }
        if (++lines > limits.lines || line.size() > limits.line_bytes) {
            return Unexpected{ParseErrc::too_long, "RFC 8216 §4.1"};
        }
        if (const auto read = parser.line(line); !read) {
            return Unexpected{read.error()};
        }
    }
    return parser.finish();
}

} // namespace millrace::hls
