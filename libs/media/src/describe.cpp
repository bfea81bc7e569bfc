#include <millrace/codec/aac.hpp>
#include <millrace/codec/ac3.hpp>
#include <millrace/codec/av1.hpp>
#include <millrace/codec/flac.hpp>
#include <millrace/codec/h264.hpp>
#include <millrace/codec/h265.hpp>
#include <millrace/codec/mp3.hpp>
#include <millrace/codec/opus.hpp>
#include <millrace/codec/vp8.hpp>
#include <millrace/codec/vp9.hpp>
#include <millrace/media/describe.hpp>

#include <algorithm>

namespace millrace::media {
namespace {

bool describe_h264(Track& track)
{
    const auto config = codec::h264::read_config(track.config);
    if (!config) {
        return false;
    }
    track.codec_string = codec::h264::codec_string(*config);
    if (config->sps.empty()) {
        return true;
    }
    if (const auto sps = codec::h264::read_sps(config->sps.front())) {
        track.width = sps->width;
        track.height = sps->height;
        track.fps = sps->fps > 0 ? sps->fps : track.fps;
    }
    return true;
}

bool describe_h265(Track& track)
{
    using codec::h265::NalType;
    const auto config = codec::h265::read_config(track.config);
    if (!config) {
        return false;
    }
    track.codec_string = codec::h265::codec_string(*config);
    const auto found = std::ranges::find_if(config->units, [](const Bytes& unit) {
        return !unit.empty() && codec::h265::type_of(unit) == NalType::sps;
    });
    if (found == config->units.end()) {
        return true;
    }
    if (const auto sps = codec::h265::read_sps(*found)) {
        track.width = sps->width;
        track.height = sps->height;
    }
    return true;
}

bool describe_av1(Track& track)
{
    if (track.config.empty()) {
        return true;
    }
    const auto config = codec::av1::read_config(track.config);
    if (!config) {
        return false;
    }
    track.codec_string = codec::av1::codec_string(*config);
    if (config->width > 0) {
        track.width = config->width;
        track.height = config->height;
    }
    return true;
}

bool describe_vp9(Track& track)
{
    if (track.config.empty()) {
        return true;
    }
    const auto config = codec::vp9::read_config(track.config);
    if (!config) {
        return false;
    }
    track.codec_string = codec::vp9::codec_string(*config);
    return true;
}

bool describe_aac(Track& track)
{
    const auto config = codec::aac::read_config(track.config);
    if (!config) {
        return false;
    }
    track.codec_string = codec::aac::codec_string(*config);
    track.sample_rate = config->sample_rate;
    track.channels = config->channels > 0 ? config->played_channels() : track.channels;
    return true;
}

bool describe_opus(Track& track)
{
    track.codec_string = "opus";
    track.sample_rate = codec::opus::kSampleRate;
    if (track.config.empty()) {
        return true;
    }
    const auto head = codec::opus::read_head(track.config);
    if (!head) {
        return false;
    }
    track.channels = head->channels;
    return true;
}

bool describe_flac(Track& track)
{
    track.codec_string = "fLaC";
    if (track.config.empty()) {
        return true;
    }
    const auto info = codec::flac::read_stream_info(track.config);
    if (!info) {
        return false;
    }
    track.sample_rate = info->sample_rate;
    track.channels = info->channels;
    return true;
}

} // namespace

bool describe(Track& track)
{
    switch (track.codec) {
    case Codec::h264: return describe_h264(track);
    case Codec::h265: return describe_h265(track);
    case Codec::av1: return describe_av1(track);
    case Codec::vp9: return describe_vp9(track);
    case Codec::aac: return describe_aac(track);
    case Codec::opus: return describe_opus(track);
    case Codec::flac: return describe_flac(track);
    case Codec::vp8: track.codec_string = "vp8"; return true;
    case Codec::mp3: track.codec_string = "mp4a.40.34"; return true;
    case Codec::ac3: track.codec_string = "ac-3"; return true;
    case Codec::eac3: track.codec_string = "ec-3"; return true;
    default: return true;
    }
}

void describe_by_frame(Track& track, ByteView frame)
{
    switch (track.codec) {
    case Codec::mp3:
        if (const auto header = codec::mp3::read_header(frame)) {
            track.sample_rate = header->sample_rate;
            track.channels = header->channels;
        }
        break;
    case Codec::ac3:
    case Codec::eac3:
        if (const auto header = codec::ac3::read_header(frame)) {
            track.sample_rate = header->sample_rate;
            track.channels = header->channels;
        }
        break;
    case Codec::vp8:
        if (const auto header = codec::vp8::read_header(frame); header && header->key) {
            track.width = header->width;
            track.height = header->height;
        }
        break;
    case Codec::opus:
        if (track.channels == 0 && !frame.empty()) {
            track.channels = codec::opus::channels(frame);
        }
        break;
    default: break;
    }
}

bool needs_config(Codec codec)
{
    return codec == Codec::h264 || codec == Codec::h265 || codec == Codec::aac;
}

} // namespace millrace::media
