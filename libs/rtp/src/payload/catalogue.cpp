#include "catalogue.hpp"

#include <algorithm>
#include <array>

namespace millrace::rtp {
namespace {

using media::Codec;
using media::Kind;

constexpr std::array<Entry, 20> kEntries{{
    {Payload::h264, "H264", Kind::video, Codec::h264, 90000, 0, false, true},
    {Payload::h265, "H265", Kind::video, Codec::h265, 90000, 0, false, true},
    {Payload::aac, "MPEG4-GENERIC", Kind::audio, Codec::aac, 0, 44100, true, true},
    {Payload::latm, "MP4A-LATM", Kind::audio, Codec::aac, 0, 44100, true, false},
    {Payload::opus, "opus", Kind::audio, Codec::opus, 48000, 48000, true, true},
    {Payload::g711u, "PCMU", Kind::audio, Codec::g711u, 0, 8000, true, true},
    {Payload::g711a, "PCMA", Kind::audio, Codec::g711a, 0, 8000, true, true},
    {Payload::g722, "G722", Kind::audio, Codec::g722, 8000, 16000, true, true},
    {Payload::l16, "L16", Kind::audio, Codec::pcm, 0, 44100, true, true},
    {Payload::mpa, "MPA", Kind::audio, Codec::mp3, 90000, 44100, false, true},
    {Payload::ac3, "ac3", Kind::audio, Codec::ac3, 0, 48000, true, true},
    {Payload::eac3, "eac3", Kind::audio, Codec::eac3, 0, 48000, true, true},
    {Payload::mp2t, "MP2T", Kind::video, Codec::opaque, 90000, 0, false, false},
    {Payload::vp8, "VP8", Kind::video, Codec::vp8, 90000, 0, false, true},
    {Payload::vp9, "VP9", Kind::video, Codec::vp9, 90000, 0, false, true},
    {Payload::av1, "AV1", Kind::video, Codec::av1, 90000, 0, false, true},
    {Payload::jpeg, "JPEG", Kind::video, Codec::jpeg, 90000, 0, false, false},
    {Payload::h263, "H263", Kind::video, Codec::h263_itu, 90000, 0, false, false},
    {Payload::h263_1998, "H263-1998", Kind::video, Codec::h263_itu, 90000, 0, false, false},
    {Payload::h263_1998, "H263-2000", Kind::video, Codec::h263_itu, 90000, 0, false, false},
}};

} // namespace

const Entry* find_encoding(std::string_view encoding)
{
    const auto* found = std::ranges::find_if(
        kEntries, [&](const Entry& entry) { return sdp::same_name(entry.encoding, encoding); });
    return found == kEntries.end() ? nullptr : found;
}

const Entry* find_codec(media::Codec codec)
{
    const auto* found = std::ranges::find_if(
        kEntries, [&](const Entry& entry) { return entry.sent && entry.codec == codec; });
    return found == kEntries.end() ? nullptr : found;
}

const Entry& entry_of(Payload payload)
{
    return *std::ranges::find(kEntries, payload, &Entry::payload);
}

} // namespace millrace::rtp
