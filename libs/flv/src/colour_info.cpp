#include "colour_info.hpp"

#include <millrace/amf/amf0.hpp>

#include <array>
#include <cmath>

namespace millrace::flv {
namespace {

using media::Colour;
using Field = std::optional<double> Colour::*;

constexpr std::string_view kName = "colorInfo";

struct Member {
    std::string_view group;
    std::string_view name;
    Field field;
};

constexpr std::string_view kConfig = "colorConfig";
constexpr std::string_view kLight = "hdrCll";
constexpr std::string_view kDisplay = "hdrMdcv";

constexpr std::array kMembers{
    Member{kConfig, "bitDepth", &Colour::bit_depth},
    Member{kConfig, "colorPrimaries", &Colour::primaries},
    Member{kConfig, "transferCharacteristics", &Colour::transfer},
    Member{kConfig, "matrixCoefficients", &Colour::matrix},
    Member{kLight, "maxFall", &Colour::max_fall},
    Member{kLight, "maxCLL", &Colour::max_cll},
    Member{kDisplay, "redX", &Colour::red_x},
    Member{kDisplay, "redY", &Colour::red_y},
    Member{kDisplay, "greenX", &Colour::green_x},
    Member{kDisplay, "greenY", &Colour::green_y},
    Member{kDisplay, "blueX", &Colour::blue_x},
    Member{kDisplay, "blueY", &Colour::blue_y},
    Member{kDisplay, "whitePointX", &Colour::white_x},
    Member{kDisplay, "whitePointY", &Colour::white_y},
    Member{kDisplay, "maxLuminance", &Colour::max_luminance},
    Member{kDisplay, "minLuminance", &Colour::min_luminance},
};

ColourInfo colour_of(const amf::Value& value)
{
    ColourInfo info{.what = ColourInfo::What::told};
    for (const auto& [group, name, field] : kMembers) {
        const auto* in = value.find(group);
        const auto* number = in != nullptr ? in->find(name) : nullptr;
        const auto* told = number != nullptr ? number->as<double>() : nullptr;
        if (told != nullptr && std::isfinite(*told)) {
            info.colour.*field = *told;
        }
    }
    if (info.colour == Colour{}) {
        info.what = ColourInfo::What::reset; // {} and undefined say the same
    }
    return info;
}

} // namespace

// metadata := (name:string value)*     of which one is known: colorInfo
ColourInfo read_colour_info(ByteView amf0)
{
    amf::Amf0Reader in{amf0};
    ColourInfo info{.what = ColourInfo::What::unknown};
    if (in.at_end()) {
        return {};
    }
    while (!in.at_end()) {
        const auto name = in.next();
        if (!name || name->as<std::string>() == nullptr) {
            return {};
        }
        const auto value = in.next();
        if (!value) {
            return {};
        }
        if (name->text() == kName) {
            info = colour_of(*value);
        }
    }
    return info;
}

Bytes write_colour_info(const std::optional<Colour>& colour)
{
    if (!colour) {
        return amf::write_amf0({kName, amf::Undefined{}});
    }
    amf::Object whole;
    for (const auto group : {kConfig, kLight, kDisplay}) {
        amf::Object object;
        for (const auto& member : kMembers) {
            if (const auto& number = *colour.*member.field; member.group == group && number) {
                object.members.emplace_back(member.name, *number);
            }
        }
        if (!object.members.empty()) {
            whole.members.emplace_back(group, std::move(object));
        }
    }
    return amf::write_amf0({kName, std::move(whole)});
}

} // namespace millrace::flv
