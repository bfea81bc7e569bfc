#include <millrace/media/track.hpp>

namespace millrace::media {

std::string_view name(Codec codec)
{
    switch (codec) {
    case Codec::opaque: return "unknown";
    case Codec::h264: return "h264";
    case Codec::h265: return "h265";
    case Codec::av1: return "av1";
    case Codec::vp8: return "vp8";
    case Codec::vp9: return "vp9";
    case Codec::vp6: return "vp6";
    case Codec::h263: return "h263";
    case Codec::h263_itu: return "h263_itu";
    case Codec::jpeg: return "jpeg";
    case Codec::aac: return "aac";
    case Codec::mp3: return "mp3";
    case Codec::opus: return "opus";
    case Codec::flac: return "flac";
    case Codec::ac3: return "ac3";
    case Codec::eac3: return "eac3";
    case Codec::g711a: return "g711a";
    case Codec::g711u: return "g711u";
    case Codec::g722: return "g722";
    case Codec::speex: return "speex";
    case Codec::pcm: return "pcm";
    case Codec::script: return "script";
    }
    return "unknown";
}

std::string_view name(Kind kind)
{
    switch (kind) {
    case Kind::video: return "video";
    case Kind::audio: return "audio";
    case Kind::data: return "data";
    }
    return "unknown";
}

} // namespace millrace::media
