#include "description.hpp"

#include <millrace/rtsp/message.hpp>

#include <array>
#include <chrono>

namespace millrace::doors {
namespace {

media::Kind kind_of(const sdp::Media& medium)
{
    return rtsp::same_name(medium.type, "video")   ? media::Kind::video
           : rtsp::same_name(medium.type, "audio") ? media::Kind::audio
                                                   : media::Kind::data;
}

std::string codec_name(const sdp::Media& medium)
{
    return medium.maps.empty() ? medium.type : medium.maps.front().encoding;
}

} // namespace

std::string why_left_out(const media::Track& track)
{
    if (track.kind == media::Kind::data) {
        return "RTP has no place for script data";
    }
    return rtp::media_for(track) ? std::string{}
                                 : "RTP has no payload format for " + std::string{media::name(track.codec)};
}

// The session's `c=` is 0.0.0.0, which the control connection replaces: with a group, VLC insists on
// multicast.
std::string describe(const DescriptionInput& input)
{
    const bool v6 = input.address.find(':') != std::string::npos;
    sdp::Description description;
    const auto now = std::chrono::system_clock::now().time_since_epoch() / std::chrono::seconds{1};
    description.origin.session = std::to_string(now);
    description.origin.version = "1";
    description.origin.ip6 = v6;
    description.origin.address = input.address;
    description.name = input.name;
    description.connection = sdp::Connection{.ip6 = v6, .address = v6 ? "::" : "0.0.0.0"};
    description.set("tool", "Millrace");
    description.set("control", "*");
    description.set("range", input.range);
    for (const auto& track : input.tracks) {
        if (track.kind == media::Kind::data) {
            continue;
        }
        auto medium = rtp::media_for(track);
        if (!medium) {
            continue;
        }
        const int slot = rtp::slot_of(track.id);
        medium->set("control", rtsp::track_url(input.url, slot));
        description.media.push_back(std::move(*medium));
    }
    return description.media.empty() ? std::string{} : sdp::write(description);
}

std::optional<Announcement> read_announcement(std::string_view text, std::string& why)
{
    const auto description = sdp::parse(text);
    if (!description) {
        why = description.error().message();
        return std::nullopt;
    }
    Announcement announcement;
    std::array<std::uint8_t, 3> numbers{};
    bool any = false;
    for (const auto& medium : description->media) {
        Announced announced{.control = std::string{medium.control().value_or("")},
                            .name = codec_name(medium)};
        const auto kind = kind_of(medium);
        if (!medium.skip && kind != media::Kind::data) {
            if (auto format = rtp::format_of(medium)) {
                announced.format = std::move(*format);
                announced.number = numbers.at(static_cast<std::size_t>(kind))++;
                announced.id = media::track_id(announced.format->kind, announced.number);
                any = true;
            }
        }
        announcement.media.push_back(std::move(announced));
    }
    for (std::size_t i = 0; i < sdp::kQuirks; ++i) {
        const auto quirk = static_cast<sdp::Quirk>(i);
        if (const auto count = description->quirks.of(quirk); count > 0) {
            announcement.tolerated["sdp_" + std::string{sdp::name(quirk)}] = count;
        }
    }
    if (!any) {
        why = "the description has no medium in a format that is known here";
        return std::nullopt;
    }
    return announcement;
}

} // namespace millrace::doors
