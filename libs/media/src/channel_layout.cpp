#include <millrace/media/channel_layout.hpp>
#include <millrace/media/colour.hpp>

#include <array>
#include <string_view>

namespace millrace::media {
namespace {

/// Enhanced RTMP v2, "AudioChannel": by number.
constexpr std::array<std::string_view, 24> kSpeakers{"FL",  "FR",  "FC",   "LFE", "BL",  "BR",  "FLC", "FRC",
                                                     "BC",  "SL",  "SR",   "TC",  "TFL", "TFC", "TFR", "TBL",
                                                     "TBC", "TBR", "LFE2", "TSL", "TSR", "BFC", "BFL", "BFR"};

struct Known {
    std::uint32_t mask;
    std::string_view name;
};
constexpr std::array kKnown{
    Known{0x4, "mono"},  Known{0x3, "stereo"}, Known{0xb, "2.1"},   Known{0x7, "3.0"},
    Known{0x33, "quad"}, Known{0x603, "quad"}, Known{0x37, "5.0"},  Known{0x607, "5.0"},
    Known{0x3f, "5.1"},  Known{0x60f, "5.1"},  Known{0x63f, "7.1"},
};

void add(std::string& text, std::string_view speaker)
{
    text += text.empty() ? "" : "+";
    text += speaker;
}

std::string_view speaker_name(std::uint8_t number)
{
    return number < kSpeakers.size()          ? kSpeakers[number]
           : number == ChannelLayout::kUnused ? std::string_view{"unused"}
                                              : std::string_view{"unknown"};
}

} // namespace

std::string name(const ChannelLayout& layout)
{
    std::string text;
    if (layout.order == ChannelLayout::Order::native) {
        for (const auto& [mask, known] : kKnown) {
            if (layout.mask == mask) {
                return std::string{known};
            }
        }
        for (std::uint8_t bit = 0; bit < kSpeakers.size(); ++bit) {
            if ((layout.mask >> bit & 1U) != 0) {
                add(text, kSpeakers[bit]);
            }
        }
    } else if (layout.order == ChannelLayout::Order::custom) {
        for (const auto speaker : layout.speakers) {
            add(text, speaker_name(speaker));
        }
    }
    return text;
}

std::string_view dynamic_range(const Colour& colour)
{
    constexpr double kPq = 16;
    constexpr double kHlg = 18;
    if (!colour.transfer) {
        return {};
    }
    return *colour.transfer == kPq ? "hdr10" : *colour.transfer == kHlg ? "hlg" : "sdr";
}

} // namespace millrace::media
