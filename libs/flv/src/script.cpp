#include "script.hpp"

#include <millrace/amf/amf0.hpp>

#include <cmath>

namespace millrace::flv {
namespace {

constexpr std::string_view kSetDataFrame = "@setDataFrame";
constexpr std::string_view kClearDataFrame = "@clearDataFrame";
constexpr std::string_view kMetadata = "onMetaData";
constexpr std::string_view kSampleAccess = "|RtmpSampleAccess";

/// Room for the key frame index of a file of many hours.
constexpr amf::Limits kLimits{.items = 32768, .values = 70000};

constexpr double kMaxPixels = 65536; ///< In one direction.
constexpr double kMaxFps = 1000;

Script refused(std::string_view reason)
{
    return {.reason = reason};
}

double number_of(const amf::Value& values, std::string_view name, double most)
{
    const auto* value = values.find(name);
    const double number = value != nullptr ? value->number_or(0) : 0;
    return std::isfinite(number) && number > 0 && number <= most ? number : 0;
}

Hints hints_of(const amf::Value& values)
{
    return {.width = static_cast<std::uint32_t>(number_of(values, "width", kMaxPixels)),
            .height = static_cast<std::uint32_t>(number_of(values, "height", kMaxPixels)),
            .fps = number_of(values, "framerate", kMaxFps)};
}

/// Its values, all of them read once, so that nothing broken is passed on to players.
Script read_metadata(amf::Amf0Reader& in, const SharedBytes& body)
{
    Script script{.what = Script::What::metadata};
    script.metadata = {.name = std::string{kMetadata}, .values = body.slice(in.position())};
    bool first = true;
    while (!in.at_end()) {
        const auto value = in.next();
        if (!value) {
            return refused("bad_script");
        }
        if (first) {
            script.hints = hints_of(*value);
        }
        first = false;
    }
    return first ? refused("bad_script") : script;
}

// script := ["@setDataFrame"] name value*
Script read_with(amf::Amf0Reader& in, const SharedBytes& body)
{
    auto name = in.next();
    std::size_t begin = 0;
    if (name && name->text() == kSetDataFrame) {
        begin = in.position();
        name = in.next();
    }
    if (!name || name->as<std::string>() == nullptr) {
        return refused("bad_script");
    }
    const auto text = name->text();
    if (text == kMetadata) {
        return read_metadata(in, body);
    }
    if (text == kSampleAccess) {
        return refused("sample_access");
    }
    if (text == kClearDataFrame) {
        return {.what = Script::What::cleared};
    }
    return {.what = Script::What::data, .body = body.slice(begin)};
}

} // namespace

Script read_script(const SharedBytes& body)
{
    amf::Amf0Reader in{body, kLimits};
    auto script = read_with(in, body);
    script.tolerated = in.counters();
    return script;
}

} // namespace millrace::flv
