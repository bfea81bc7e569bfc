// Fragmented MP4 as HLS and DASH take it: an initialisation segment, then fragments (ISO/IEC 14496-12 §8.8,
// ISO/IEC 23000-19).
#pragma once

#include <millrace/media/container.hpp>

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace millrace::mp4 {

/// A track as it stands in fragments.
struct FragmentTrack {
    std::uint32_t id = 1; ///< track_ID.
    media::Track track;
    std::uint32_t timescale = 90000; ///< Units a second of all its times; see timescale_of().
    std::uint32_t bitrate = 0;       ///< Bits a second; 0 when not known.
};

/// Units a second in which a track's times are whole: its sampling rate for sound, 90000 for a picture.
std::uint32_t timescale_of(const media::Track& track);

/// Why a track cannot stand in fragments, in words; empty when it can. Sound whose description stands in its
/// frames (MP3, AC-3) can only once fill_from_frame() has seen one.
std::string_view why_not_in_fragments(const media::Track& track);

/// Sets what a track's description in MP4 needs and only a frame tells: `dac3`, `dec3`, rates, channels. Does
/// nothing where nothing is missing.
void fill_from_frame(media::Track& track, ByteView frame);

/// `ftyp` and `moov` without samples. Expects: why_not_in_fragments() is empty for each track.
Bytes write_initialisation(std::span<const FragmentTrack> tracks);

/// One access unit in a fragment; times in units of the track's timescale.
struct FragmentSample {
    SharedBytes payload;
    std::uint32_t duration = 0;
    std::int32_t composition = 0;
    bool key = true;

    friend bool operator==(const FragmentSample&, const FragmentSample&) = default;
};

/// Consecutive samples of one track.
struct FragmentRun {
    std::uint32_t id = 1; ///< track_ID.
    media::Kind kind = media::Kind::video;
    std::uint64_t begin = 0; ///< Decode time of the first sample.
    std::vector<FragmentSample> samples;
};

/// Timed metadata beside the samples (ISO/IEC 23009-1 §5.10.3.3, version 1).
struct FragmentEvent {
    std::string_view scheme;
    std::uint32_t timescale = 90000;
    std::uint64_t time = 0; ///< Presentation time, in units of `timescale`.
    std::uint32_t id = 0;
    ByteView message;
};

/// `styp`, which begins a segment.
SharedBytes segment_type();
/// `emsg`, which stands before a fragment.
SharedBytes write_event(const FragmentEvent& event);
/// Appends `moof` and `mdat`; payloads are shared, never copied.
void write_fragment(std::uint32_t sequence, std::span<const FragmentRun> runs, media::Pieces& out);

/// An access unit as MP4 wants it: AV1 without its temporal delimiter (AV1 in ISOBMFF §2.4); others as they
/// are.
SharedBytes sample_payload(media::Codec codec, SharedBytes payload);

} // namespace millrace::mp4
