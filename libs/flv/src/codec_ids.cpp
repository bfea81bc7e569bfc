#include "codec_ids.hpp"

#include <algorithm>
#include <array>

namespace millrace::flv {
namespace {

using media::Codec;
using media::Kind;

// Enhanced RTMP v2, "Enhanced Video" and "Enhanced Audio".
constexpr std::array<FourCc, 6> kVideo{{
    {code_of("avc1"), Codec::h264, true},
    {code_of("hvc1"), Codec::h265, true},
    {code_of("vvc1"), Codec::opaque, true},
    {code_of("av01"), Codec::av1, false},
    {code_of("vp09"), Codec::vp9, false},
    {code_of("vp08"), Codec::vp8, false},
}};
constexpr std::array<FourCc, 6> kAudio{{
    {code_of("mp4a"), Codec::aac, false},
    {code_of("Opus"), Codec::opus, false},
    {code_of("fLaC"), Codec::flac, false},
    {code_of("ac-3"), Codec::ac3, false},
    {code_of("ec-3"), Codec::eac3, false},
    {code_of(".mp3"), Codec::mp3, false},
}};

constexpr unsigned kOfAudio = 8; ///< The first bit of a FourCC of sound.

/// Sound format with the bits of its rate, size and channels, for a codec that comes from elsewhere.
std::uint32_t usual_audio_byte(const media::Track& track)
{
    const unsigned rate = track.sample_rate >= 44100 ? 3 : track.sample_rate >= 22050 ? 2 : 1;
    const unsigned stereo = track.channels == 1 ? 0 : 1;
    switch (track.codec) {
    case Codec::aac: return 0xaf; // by convention, whatever the real format
    case Codec::mp3: return 0x22U | rate << 2U | stereo;
    case Codec::g711a: return 0x72U | stereo;
    case Codec::g711u: return 0x82U | stereo;
    case Codec::speex: return 0xb6;
    default: return 0;
    }
}

std::uint32_t usual_video_byte(const media::Track& track)
{
    switch (track.codec) {
    case Codec::h264: return kAvc;
    case Codec::h263: return 2;
    case Codec::vp6: return 4;
    default: return 0;
    }
}

/// Whether FLV itself means this codec by this origin. Other containers keep names of their own in it.
bool names(std::uint32_t origin, const media::Track& track)
{
    if (is_enhanced(origin)) {
        return four_cc(track.kind, origin).codec == track.codec;
    }
    if (track.kind == Kind::video) {
        return origin < 0x10 && legacy_video_codec(origin) == track.codec;
    }
    return legacy_audio_codec(origin >> 4U) == track.codec;
}

} // namespace

// FLV 10.1 §E.4.3.1, CodecID.
Codec legacy_video_codec(unsigned id)
{
    switch (id) {
    case 2: return Codec::h263;
    case 4: return Codec::vp6;
    case kAvc: return Codec::h264;
    case kHevc: return Codec::h265; // Quirk: HEVC in the layout of AVC under a number of its own.
    default: return Codec::opaque;
    }
}

// FLV 10.1 §E.4.2.1, SoundFormat.
Codec legacy_audio_codec(unsigned format)
{
    switch (format) {
    case 0:
    case 3: return Codec::pcm;
    case 2:
    case 14: return Codec::mp3;
    case 7: return Codec::g711a;
    case 8: return Codec::g711u;
    case kAac: return Codec::aac;
    case 11: return Codec::speex;
    default: return Codec::opaque;
    }
}

FourCc four_cc(Kind kind, std::uint32_t wanted)
{
    const auto& all = kind == Kind::video ? kVideo : kAudio;
    const auto found = std::ranges::find(all, wanted, &FourCc::code);
    return found != all.end() ? *found : FourCc{.code = wanted};
}

std::uint32_t legacy_byte(const media::Track& track)
{
    return track.kind == Kind::video ? usual_video_byte(track) : usual_audio_byte(track);
}

std::uint32_t four_cc_of(const media::Track& track)
{
    if (is_enhanced(track.origin) && names(track.origin, track)) {
        return track.origin;
    }
    const auto& all = track.kind == Kind::video ? kVideo : kAudio;
    const auto found = std::ranges::find(all, track.codec, &FourCc::codec);
    return found != all.end() && found->codec != Codec::opaque ? found->code : 0;
}

unsigned four_cc_bit(Kind kind, std::uint32_t wanted)
{
    const auto& all = kind == Kind::video ? kVideo : kAudio;
    const auto found = std::ranges::find(all, wanted, &FourCc::code);
    const auto place = static_cast<unsigned>(std::distance(all.begin(), found));
    return 1U << (kind == Kind::video ? place : place + kOfAudio);
}

std::uint32_t legacy_four_cc_bits()
{
    return four_cc_bit(Kind::video, code_of("avc1")) | four_cc_bit(Kind::audio, code_of("mp4a")) |
           four_cc_bit(Kind::audio, code_of(".mp3"));
}

std::uint32_t origin_of(const media::Track& track)
{
    if (names(track.origin, track)) {
        return track.origin;
    }
    const auto byte = legacy_byte(track);
    return byte != 0 ? byte : four_cc_of(track);
}

} // namespace millrace::flv
