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
/// The video track has id 0, the audio track 1, script data 2. Codecs that are not known pass as opaque
/// tracks; broken bodies, and frames that come before a configuration without which nobody could decode them,
/// are dropped and counted. A frame's body is given back byte by byte by write_body(), with two exceptions:
/// the wrapper @setDataFrame is taken off, and an Enhanced RTMP frame whose composition offset is zero is
/// written without it (CodedFramesX).
class BodyReader {
public:
    /// What was tolerated or dropped, by name: "annex_b_payload", "truncated_body", "frame_before_config", …
    using Counters = std::map<std::string_view, std::uint64_t>;

    BodyReader();
    ~BodyReader();
    BodyReader(BodyReader&&) noexcept;
    BodyReader& operator=(BodyReader&&) noexcept;

    /// Takes one body. `timestamp` is in milliseconds, modulo 2^32; frames have it as it stands, unwrapped by
    /// nobody.
    void feed(TagType type, std::uint32_t timestamp, SharedBytes body);
    std::optional<media::Item> next();

    const Counters& counters() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// The body of a frame of that track, in the form that the track's origin names; a track that comes from
/// elsewhere gets the usual one: AVC, AAC and MP3 as FLV always had them, newer codecs by their FourCC.
Body write_body(const media::Track& track, const media::Frame& frame);
/// The sequence header of a track; none when its codec needs none.
std::optional<Body> write_config(const media::Track& track);
/// A script body. onMetaData is written as an ECMA array, which FFmpeg demands.
Body write_metadata(const media::Metadata& metadata);
/// onMetaData for a stream whose source gave none, made from its tracks.
media::Metadata make_metadata(const std::vector<media::Track>& tracks);

} // namespace millrace::flv
