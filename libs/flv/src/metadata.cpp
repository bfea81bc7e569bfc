#include "codec_ids.hpp"
#include <millrace/amf/amf0.hpp>
#include <millrace/flv/body.hpp>

namespace millrace::flv {
namespace {

using media::Kind;

/// The values with an object in the place of an ECMA array made one.
SharedBytes with_ecma_array(const SharedBytes& values)
{
    constexpr std::uint8_t kEcmaArray = 0x08;
    if (values.empty() || values.data()[0] == kEcmaArray) {
        return values;
    }
    auto read = amf::read_amf0(values, {.items = 32768, .values = 70000});
    if (!read || read->front().as<amf::Object>() == nullptr) {
        return values;
    }
    read->front() = amf::EcmaArray{read->front().members()};
    return SharedBytes{amf::write_amf0(*read)};
}

/// The number of a codec as onMetaData gives it: of FLV, or a FourCC (Enhanced RTMP v2, "Enhanced
/// onMetaData").
std::uint32_t codec_id(const media::Track& track)
{
    const auto origin = origin_of(track);
    return is_enhanced(origin) ? origin : track.kind == Kind::video ? origin & 15U : origin >> 4U;
}

void add_video(amf::Members& members, const media::Track& track)
{
    if (track.width > 0 && track.height > 0) {
        members.emplace_back("width", track.width);
        members.emplace_back("height", track.height);
    }
    if (track.fps > 0) {
        members.emplace_back("framerate", track.fps);
    }
    members.emplace_back("videocodecid", codec_id(track));
}

void add_audio(amf::Members& members, const media::Track& track)
{
    if (track.sample_rate > 0) {
        members.emplace_back("audiosamplerate", track.sample_rate);
    }
    if (track.channels > 0) {
        members.emplace_back("audiochannels", track.channels);
        members.emplace_back("stereo", track.channels > 1);
    }
    members.emplace_back("audiosamplesize", 16);
    members.emplace_back("audiocodecid", codec_id(track));
}

} // namespace

Body write_metadata(const media::Metadata& metadata)
{
    return {.type = TagType::script,
            .lead = amf::write_amf0({std::string_view{metadata.name}}),
            .payload = metadata.name == "onMetaData" ? with_ecma_array(metadata.values) : metadata.values};
}

media::Metadata make_metadata(const std::vector<media::Track>& tracks)
{
    amf::Members members;
    bool video = false;
    bool audio = false;
    for (const auto& track : tracks) {
        if (track.kind == Kind::video && !std::exchange(video, true)) {
            add_video(members, track);
        } else if (track.kind == Kind::audio && !std::exchange(audio, true)) {
            add_audio(members, track);
        }
    }
    members.emplace_back("encoder", "Millrace");
    return {.name = "onMetaData",
            .values = SharedBytes{amf::write_amf0({amf::EcmaArray{std::move(members)}})}};
}

} // namespace millrace::flv
