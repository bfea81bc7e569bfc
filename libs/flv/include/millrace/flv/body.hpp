// FLV tag bodies, which are RTMP's audio, video and data messages too (FLV 10.1 §E.4.2 to E.4.4, Enhanced
// RTMP v2).
#pragma once

#include <millrace/base/result.hpp>
#include <millrace/media/container.hpp>

#include <deque>
#include <map>
#include <optional>

namespace millrace::flv {

enum class TagType : std::uint8_t { audio = 8, video = 9, script = 18 };

/// A body in two pieces: what stands before the payload, made here, and the payload as it is shared.
struct Body {
    TagType type = {};
    Bytes lead;
    SharedBytes payload;
};

/// Turns tag bodies into tracks, metadata and frames, for RTMP messages and FLV tags alike. Payloads are
/// slices of the bodies, never copies (but for Annex B payloads, a publisher's mistake, which are rewritten).
///
/// A track has the id that media::track_id() makes of its kind and number, script data the id 2. Codecs that
/// are not known pass as opaque tracks; broken bodies, and frames that come before a configuration without
/// which nobody could decode them, are dropped and counted. Of a body with several tracks each is taken by
/// itself, the default track first.
///
/// A frame's body is given back byte by byte by write_body(), but for these: the wrapper @setDataFrame is
/// taken off; of Enhanced RTMP, a composition offset of zero is left out (CodedFramesX), several tracks in
/// one body become several bodies, and what is not known of ModEx is left out.
class BodyReader {
public:
    /// What was tolerated or dropped, by name: "annex_b_payload", "truncated_body", "frame_before_config", …
    using Counters = std::map<std::string_view, std::uint64_t>;

    /// How much one source may make us hold.
    struct Limits {
        std::size_t tracks = 16; ///< Of picture and sound together.
    };

    BodyReader();
    explicit BodyReader(Limits limits);
    ~BodyReader();
    BodyReader(BodyReader&&) noexcept;
    BodyReader& operator=(BodyReader&&) noexcept;

    /// Takes one body. `timestamp` is in milliseconds, modulo 2^32; frames have it as it stands, unwrapped by
    /// nobody.
    void feed(TagType type, std::uint32_t timestamp, const SharedBytes& body);
    std::optional<media::Item> next();

    const Counters& counters() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// How the bodies of a track begin.
struct Form {
    std::uint32_t origin = 0; ///< FLV's first byte, or the FourCC of Enhanced RTMP.
    bool numbered = false;    ///< With the track's number (multitrack, OneTrack). Takes a FourCC.
    /// With the part of the presentation time that milliseconds do not hold (ModEx). Takes a FourCC.
    bool nanoseconds = false;

    friend bool operator==(const Form&, const Form&) = default;
};

/// The form that says all of a track: the track's origin; for a track that comes from elsewhere, AVC, AAC and
/// MP3 as FLV always had them and newer codecs by their FourCC; a number for all but the default tracks.
Form whole_form(const media::Track& track);

/// The body of a frame of that track.
Body write_body(const media::Track& track, const media::Frame& frame, const Form& form);
Body write_body(const media::Track& track, const media::Frame& frame);
/// The sequence header of a track; none when its codec needs none.
std::optional<Body> write_config(const media::Track& track, const Form& form);
std::optional<Body> write_config(const media::Track& track);
/// The colour of a picture as metadata packet; without a colour, that it is not told any more. None in forms
/// that have none.
std::optional<Body> write_colour(const media::Track& track, const Form& form);
/// The channel layout of a sound; none without one, and in forms that have none.
std::optional<Body> write_layout(const media::Track& track, const Form& form);
/// A script body. onMetaData is written as an ECMA array, which FFmpeg demands.
Body write_metadata(const media::Metadata& metadata);
/// onMetaData for a stream whose source gave none, made from its tracks.
media::Metadata make_metadata(const std::vector<media::Track>& tracks);

} // namespace millrace::flv
