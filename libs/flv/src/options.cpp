#include "codec_ids.hpp"
#include <millrace/flv/options.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace millrace::flv {
namespace {

using media::Kind;

constexpr std::uint32_t bits_of(Kind kind)
{
    return kind == Kind::video ? 0x00ffU : 0xff00U;
}

std::optional<std::uint8_t> number_of(std::string_view text)
{
    std::uint8_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional{number} : std::nullopt;
}

void apply(Options& options, std::string_view name, std::string_view value)
{
    if (name == "tracks" && value == "all") {
        options.multitrack = true;
        options.nanoseconds = true;
        options.takes = FourCcs::all();
    } else if (name == "tracks" && value == "default") {
        options.multitrack = false;
    } else if (name == "video_track") {
        options.video = number_of(value);
    } else if (name == "audio_track") {
        options.audio = number_of(value);
    } else if (name == "legacy_hevc") {
        options.legacy_hevc = value == "1";
    }
}

} // namespace

FourCcs FourCcs::unannounced()
{
    return FourCcs{kAll & ~legacy_four_cc_bits()};
}

void FourCcs::add_all(Kind kind)
{
    bits_ |= bits_of(kind);
}

void FourCcs::add_unannounced(Kind kind)
{
    bits_ |= bits_of(kind) & unannounced().bits_;
}

void FourCcs::add(std::string_view code)
{
    if (code == "*") {
        bits_ = kAll;
    }
    if (code.size() != 4) {
        return;
    }
    for (const auto kind : {Kind::video, Kind::audio}) {
        const auto known = four_cc_bit(kind, code_of(code));
        bits_ |= known != four_cc_bit(kind, 0) ? known : 0U;
    }
}

bool FourCcs::has(Kind kind, std::uint32_t code) const
{
    return (bits_ & four_cc_bit(kind, code)) != 0;
}

Options Options::plain()
{
    return {.multitrack = false, .nanoseconds = false, .takes = FourCcs::unannounced()};
}

std::string Options::key() const
{
    if (*this == plain()) {
        return {};
    }
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "/%s%s%s%04x", multitrack ? "m" : "", nanoseconds ? "n" : "",
                  legacy_hevc ? "h" : "", static_cast<unsigned>(takes.bits()));
    std::string key{text.data()};
    if (video) {
        key += "v" + std::to_string(*video);
    }
    if (audio) {
        key += "a" + std::to_string(*audio);
    }
    return key;
}

Options with_query(Options options, std::string_view query)
{
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const auto pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (const auto equals = pair.find('='); equals != std::string_view::npos) {
            apply(options, pair.substr(0, equals), pair.substr(equals + 1));
        }
    }
    return options;
}

} // namespace millrace::flv
