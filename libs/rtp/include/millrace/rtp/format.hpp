// Payload formats: what stands in an SDP for a track, and which track an SDP's medium is.
#pragma once

#include <millrace/media/track.hpp>
#include <millrace/rtp/error.hpp>
#include <millrace/sdp/description.hpp>

#include <string>

namespace millrace::rtp {

enum class Payload : std::uint8_t {
    h264,
    h265,
    aac,  ///< RFC 3640.
    latm, ///< RFC 6416.
    opus,
    g711u,
    g711a,
    g722,
    l16,
    mpa, ///< MPEG audio of any layer, RFC 2250.
    ac3,
    eac3,
    mp2t, ///< A transport stream: one medium, several tracks.
    vp8,
    vp9,
    av1,
    jpeg,
    h263,      ///< RFC 2190.
    h263_1998, ///< RFC 4629.
};

/// How one medium is carried.
struct Format {
    Payload payload = Payload::h264;
    media::Kind kind = media::Kind::video;
    std::uint8_t payload_type = 96;
    std::uint32_t clock_rate = 90000; ///< Of the timestamps; not the sample rate of G.722.
    std::uint32_t channels = 0;       ///< 0 when not told.
    sdp::Parameters parameters;       ///< Of its fmtp.
    bool feedback = false;            ///< PLI and NACK are understood at the other end.

    friend bool operator==(const Format&, const Format&) = default;
};

/// The format of a medium that is received: the first of its payload types that is known here.
/// Errors: unsupported_format.
Result<Format> format_of(const sdp::Media& media);

/// The track that a format's SDP tells; `config` is empty when the stream itself must bring it. Of mp2t: an
/// opaque track, for the stream tells its own.
media::Track track_of(const Format& format, media::TrackId id, std::uint8_t number = 0);

/// The format in which a track is sent; errors: unsupported_format, which is the reason to leave the track
/// out. AAC goes as mpeg4-generic.
Result<Format> format_for(const media::Track& track);

/// The medium of an SDP for a track: `m=`, rtpmap, fmtp with its parameter sets, `a=framerate` when known.
/// `a=control`, connection and bandwidths are the caller's. Errors: unsupported_format.
Result<sdp::Media> media_for(const media::Track& track);

/// The place of a track among the media of a presentation: pictures have even ones, sounds odd ones. Its
/// dynamic payload type is 96 + slot, its interleaved channels are 2 * slot and 2 * slot + 1.
constexpr std::uint8_t slot_of(media::TrackId track)
{
    return static_cast<std::uint8_t>((track / 4U * 2U + track % 4U) & 31U);
}

} // namespace millrace::rtp
