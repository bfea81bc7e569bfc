// Script bodies: AMF0 values of which the first is a name (FLV 10.1 §E.4.4).
#pragma once

#include <millrace/amf/amf0.hpp>
#include <millrace/media/container.hpp>

#include <map>
#include <optional>

namespace millrace::flv {

/// What onMetaData tells about a track; 0 where it does not.
struct Hints {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    double fps = 0;
    std::uint32_t sample_rate = 0;
    std::uint32_t channels = 0;
};

/// Of all tracks that it tells about: the default ones at its top, others in maps (Enhanced RTMP v2,
/// "Enhanced onMetaData").
using HintsByTrack = std::map<media::TrackId, Hints>;

constexpr std::string_view kVideoTracks = "videoTrackIdInfoMap";
constexpr std::string_view kAudioTracks = "audioTrackIdInfoMap";

/// The number that a member of such a map stands for.
std::optional<std::uint8_t> track_number(std::string_view name);

struct Script {
    enum class What : std::uint8_t {
        metadata, ///< `metadata` and `hints` are set.
        data,     ///< `body` is a frame of the data track.
        cleared,  ///< The publisher takes its metadata back.
        dropped,  ///< `reason` says why.
    };

    What what = What::dropped;
    media::Metadata metadata;
    HintsByTrack hints;
    SharedBytes body; ///< Without the publisher's wrapper.
    std::string_view reason;
    amf::Amf0Reader::Counters tolerated; ///< While its values were read.
};

Script read_script(const SharedBytes& body);

} // namespace millrace::flv
