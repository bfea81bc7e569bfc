#include <millrace/rtmp/capabilities.hpp>

#include <algorithm>

namespace millrace::rtmp {
namespace {

using media::Kind;

// FourCcInfoMask
constexpr unsigned kCanDecode = 1;
constexpr unsigned kCanForward = 4;

// CapsExMask
constexpr unsigned kReconnect = 1;
constexpr unsigned kMultitrack = 2;
constexpr unsigned kModEx = 4;
constexpr unsigned kTimestampNanoOffset = 8;

bool is_four_cc(std::string_view text)
{
    return text == "*" ||
           (text.size() == 4 && std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; }));
}

unsigned mask_of(const amf::Value& value)
{
    const double number = value.number_or(0);
    return number >= 1 && number <= 0xffff ? static_cast<unsigned>(number) : 0U;
}

bool read_list(const amf::Value* value, Capabilities& capabilities)
{
    const auto* list = value != nullptr ? value->as<amf::StrictArray>() : nullptr;
    if (list == nullptr) {
        return false;
    }
    for (const auto& code : *list) {
        auto& known = capabilities.four_cc_list;
        if (known.size() < Capabilities::kMostCodecs && is_four_cc(code.text()) &&
            std::ranges::find(known, code.text()) == known.end()) {
            known.emplace_back(code.text());
            capabilities.takes.add(code.text());
        }
    }
    return true;
}

bool read_map(const amf::Value* value, Kind kind, Capabilities& capabilities)
{
    if (value == nullptr || (value->as<amf::Object>() == nullptr && value->as<amf::EcmaArray>() == nullptr)) {
        return false;
    }
    std::size_t count = 0;
    for (const auto& [code, mask] : value->members()) {
        if ((mask_of(mask) & (kCanDecode | kCanForward)) == 0 || ++count > Capabilities::kMostCodecs) {
            continue;
        }
        if (code == "*") {
            capabilities.takes.add_all(kind);
        } else {
            capabilities.takes.add(code);
        }
    }
    return true;
}

} // namespace

Capabilities read_capabilities(const amf::Value& object)
{
    Capabilities capabilities{.takes = flv::FourCcs::none()};
    const bool list = read_list(object.find("fourCcList"), capabilities);
    const bool video = read_map(object.find("videoFourCcInfoMap"), Kind::video, capabilities);
    const bool audio = read_map(object.find("audioFourCcInfoMap"), Kind::audio, capabilities);
    const auto* caps = object.find("capsEx");
    const auto mask = caps != nullptr ? mask_of(*caps) : 0U;
    capabilities.codecs = list || video || audio;
    capabilities.announced = capabilities.codecs || mask != 0;
    capabilities.reconnect = (mask & kReconnect) != 0;
    capabilities.multitrack = (mask & kMultitrack) != 0;
    capabilities.mod_ex = (mask & kModEx) != 0;
    capabilities.nanoseconds = (mask & kTimestampNanoOffset) != 0;
    for (const auto& [kind, told] : {std::pair{Kind::video, list || video}, {Kind::audio, list || audio}}) {
        if (!told && capabilities.multitrack) {
            capabilities.takes.add_all(kind); // several tracks of codecs that it did not name
        } else if (!told) {
            capabilities.takes.add_unannounced(kind);
        }
    }
    return capabilities;
}

amf::Members our_capabilities()
{
    const unsigned caps = kMultitrack | kModEx | kTimestampNanoOffset | kReconnect;
    const amf::Object every{.members = {{"*", kCanForward}}};
    return {{"videoFourCcInfoMap", every}, {"audioFourCcInfoMap", every}, {"capsEx", caps}};
}

flv::Options options_for(const Capabilities& capabilities)
{
    auto options = flv::Options::plain();
    options.multitrack = capabilities.multitrack;
    options.nanoseconds = capabilities.mod_ex;
    options.takes = capabilities.takes;
    return options;
}

} // namespace millrace::rtmp
