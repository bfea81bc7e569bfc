#include "codec_ids.hpp"

#include <algorithm>
#include <array>

namespace millrace::flv {
namespace {

using media::Codec;
using media::Kind;

constexpr std::uint32_t code(std::string_view text)
{
    std::uint32_t value = 0;
    for (const char c : text) {
        value = value << 8U | static_cast<std::uint8_t>(c);
    }
    return value;
}

// Enhanced RTMP v2, "Enhanced Video" and "Enhanced Audio".
constexpr std::array<FourCc, 6> kVideo{{
    {code("avc1"), Codec::h264, true},
    {code("hvc1"), Codec::h265, true},
    {code("vvc1"), Codec::opaque, true},
    {code("av01"), Codec::av1, false},
    {code("vp09"), Codec::vp9, false},
    {code("vp08"), Codec::vp8, false},
}};
constexpr std::array<FourCc, 6> kAudio{{
    {code("mp4a"), Codec::aac, false},
    {code("Opus"), Codec::opus, false},
    {code("fLaC"), Codec::flac, false},
    {code("ac-3"), Codec::ac3, false},
    {code("ec-3"), Codec::eac3, false},
    {code(".mp3"), Codec::mp3, false},
}};

/// Sound format with the bits of its rate, size and channels, for a codec that comes from elsewhere.
std::uint32_t usual_audio_byte(const media::Track& track)
{
    const unsigned rate = track.sample_rate >= 44100 ? 3 : track.sample_rate >= 22050 ? 2 : 1;
    const unsigned stereo = track.channels == 1 ? 0 : 1;
    switch (track.codec) {
    case Codec::aac:
        return 0xaf; // by convention, whatever the real format
    case Codec::mp3:
        return 0x22U | rate << 2U | stereo;
    case Codec::g711a:
        return 0x72U | stereo;
    case Codec::g711u:
        return 0x82U | stereo;
    case Codec::speex:
        return 0xb6;
    default:
        return 0;
    }
}

std::uint32_t usual_video_byte(const media::Track& track)
{
    switch (track.codec) {
    case Codec::h264:
        return kAvc;
    case Codec::h263:
        return 2;
    case Codec::vp6:
        return 4;
    default:
        return 0;
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
    case 2:
        return Codec::h263;
    case 4:
        return Codec::vp6;
    case kAvc:
        return Codec::h264;
    case kHevc:
        return Codec::h265; // Quirk: HEVC in the layout of AVC under a number of its own.
    default:
        return Codec::opaque;
    }
}

// FLV 10.1 §E.4.2.1, SoundFormat.
Codec legacy_audio_codec(unsigned format)
{
    switch (format) {
    case 0:
    case 3:
        return Codec::pcm;
    case 2:
    case 14:
        return Codec::mp3;
    case 7:
        return Codec::g711a;
    case 8:
        return Codec::g711u;
    case kAac:
        return Codec::aac;
    case 11:
        return Codec::speex;
    default:
        return Codec::opaque;
    }
}

FourCc four_cc(Kind kind, std::uint32_t wanted)
{
    const auto& all = kind == Kind::video ? kVideo : kAudio;
    const auto found = std::ranges::find(all, wanted, &FourCc::code);
    return found != all.end() ? *found : FourCc{.code = wanted};
}

std::uint32_t origin_of(const media::Track& track)
{
    if (names(track.origin, track)) {
        return track.origin;
    }
    const auto byte = track.kind == Kind::video ? usual_video_byte(track) : usual_audio_byte(track);
    if (byte != 0) {
        return byte;
    }
    const auto& all = track.kind == Kind::video ? kVideo : kAudio;
    const auto found = std::ranges::find(all, track.codec, &FourCc::codec);
    return found != all.end() && found->codec != Codec::opaque ? found->code : 0;
}

} // namespace millrace::flv
