// What there is to play, as an SDP says it; and what is announced.
#pragma once

#include <millrace/media/track.hpp>
#include <millrace/rtp/format.hpp>
#include <millrace/rtsp/url.hpp>
#include <millrace/sdp/description.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace millrace::doors {

/// Whether RTP can carry a track; else why it is left out.
std::string why_left_out(const media::Track& track);

struct DescriptionInput {
    rtsp::Url url; ///< As the client asked.
    std::string address;
    std::string name;
    std::vector<media::Track> tracks;
    std::string range = "npt=now-"; ///< Of the session.
};

/// The SDP; empty when RTP can carry none of the tracks.
std::string describe(const DescriptionInput& input);

/// One announced medium.
struct Announced {
    std::string control;
    std::optional<rtp::Format> format; ///< None: not one that we know; what comes is dropped.
    media::TrackId id = 0;
    std::uint8_t number = 0;
    std::string name; ///< Of the codec, for people.
};

struct Announcement {
    std::vector<Announced> media;
    std::map<std::string, std::uint64_t> tolerated; ///< What is odd in it.
};
/// None: not an SDP, or nothing in it that we know; `why` says what.
std::optional<Announcement> read_announcement(std::string_view text, std::string& why);

} // namespace millrace::doors
