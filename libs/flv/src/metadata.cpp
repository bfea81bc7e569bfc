#include "metadata.hpp"

#include "codec_ids.hpp"
#include "script.hpp"
#include <millrace/amf/amf0.hpp>
#include <millrace/flv/delivery.hpp>

#include <algorithm>
#include <array>

namespace millrace::flv {
namespace {

using amf::Members;
using media::Kind;
using media::Track;

constexpr amf::Limits kLimits{.items = 32768, .values = 70000};

/// The values with an object in the place of an ECMA array made one.
SharedBytes with_ecma_array(const SharedBytes& values)
{
    constexpr std::uint8_t kEcmaArray = 0x08;
    if (values.empty() || values.data()[0] == kEcmaArray) {
        return values;
    }
    auto read = amf::read_amf0(values, kLimits);
    if (!read || read->front().as<amf::Object>() == nullptr) {
        return values;
    }
    read->front() = amf::EcmaArray{read->front().members()};
    return SharedBytes{amf::write_amf0(*read)};
}

/// The number of a codec as onMetaData gives it: of FLV, or a FourCC (Enhanced RTMP v2, "Enhanced
/// onMetaData").
std::uint32_t codec_id(Kind kind, const Form& form)
{
    return is_enhanced(form.origin) ? form.origin
           : kind == Kind::video    ? form.origin & 15U
                                    : form.origin >> 4U;
}

void add_video(Members& members, const Track& track, const Form& form)
{
    if (track.width > 0 && track.height > 0) {
        members.emplace_back("width", track.width);
        members.emplace_back("height", track.height);
    }
    if (track.fps > 0) {
        members.emplace_back("framerate", track.fps);
    }
    members.emplace_back("videocodecid", codec_id(Kind::video, form));
}

void add_audio(Members& members, const Track& track, const Form& form)
{
    if (track.sample_rate > 0) {
        members.emplace_back("audiosamplerate", track.sample_rate);
    }
    if (track.channels > 0) {
        members.emplace_back("audiochannels", track.channels);
        members.emplace_back("stereo", track.channels > 1);
    }
    members.emplace_back("audiosamplesize", 16);
    members.emplace_back("audiocodecid", codec_id(Kind::audio, form));
}

void add(Members& members, const Track& track, const Form& form)
{
    track.kind == Kind::video ? add_video(members, track, form) : add_audio(members, track, form);
}

void set(Members& members, std::string_view name, amf::Value value)
{
    const auto at = std::ranges::find(members, name, &Members::value_type::first);
    if (at != members.end()) {
        at->second = std::move(value);
    } else {
        members.emplace_back(std::string{name}, std::move(value));
    }
}

/// What the top of onMetaData tells of one kind's default track.
constexpr std::array<std::string_view, 5> kOfVideo{"width", "height", "framerate", "videodatarate",
                                                   "videocodecid"};
constexpr std::array<std::string_view, 6> kOfAudio{"audiosamplerate", "audiosamplesize", "audiochannels",
                                                   "stereo",          "audiodatarate",   "audiocodecid"};

/// Makes the top tell of the track that goes out in the place of the default one, from what the source told
/// of it and from what we know.
void tell_instead(Members& members, const OutgoingTrack& going)
{
    const auto kind = going.track->kind;
    Members told;
    const auto map = std::ranges::find(members, kind == Kind::video ? kVideoTracks : kAudioTracks,
                                       &Members::value_type::first);
    if (map != members.end()) {
        for (const auto& [name, values] : map->second.members()) {
            if (track_number(name) == going.track->number) {
                told = values.members();
            }
        }
    }
    const std::span<const std::string_view> names =
        kind == Kind::video ? std::span<const std::string_view>{kOfVideo} : kOfAudio;
    std::erase_if(members,
                  [&](const auto& member) { return std::ranges::find(names, member.first) != names.end(); });
    add(members, *going.track, going.form);
    for (auto& [name, value] : told) {
        if (std::ranges::find(names, name) != names.end()) {
            set(members, name, std::move(value));
        }
    }
}

/// One kind's part of the metadata.
void adapt(Members& members, Kind kind, const std::vector<Track>& all,
           const std::vector<OutgoingTrack>& going)
{
    const auto is_of_kind = [kind](const OutgoingTrack& out) { return out.track->kind == kind; };
    const auto first = std::ranges::find_if(going, is_of_kind);
    const std::string_view id_name = kind == Kind::video ? "videocodecid" : "audiocodecid";
    if (first == going.end()) {
        if (std::ranges::find(all, kind, &Track::kind) != all.end()) {
            std::erase_if(members, [&](const auto& member) { return member.first == id_name; });
        }
    } else if (!first->form.numbered) {
        if (first->track->number > 0) {
            tell_instead(members, *first);
        }
        const auto id = std::ranges::find(members, id_name, &Members::value_type::first);
        if (id != members.end() && id->second.as<double>() != nullptr) {
            id->second = codec_id(kind, first->form);
        }
    }
    if (std::ranges::none_of(going, [&](const auto& out) { return is_of_kind(out) && out.form.numbered; })) {
        const auto map_name = kind == Kind::video ? kVideoTracks : kAudioTracks;
        std::erase_if(members, [&](const auto& member) { return member.first == map_name; });
    }
}

} // namespace

Body write_metadata(const media::Metadata& metadata)
{
    return {.type = TagType::script,
            .lead = amf::write_amf0({std::string_view{metadata.name}}),
            .payload = metadata.name == "onMetaData" ? with_ecma_array(metadata.values) : metadata.values};
}

media::Metadata made(const std::vector<OutgoingTrack>& tracks)
{
    Members members;
    amf::Object video;
    amf::Object audio;
    for (const auto& [track, form] : tracks) {
        if (track->kind == Kind::data) {
            continue;
        }
        if (!form.numbered) {
            add(members, *track, form);
        } else {
            amf::Object info;
            add(info.members, *track, form);
            (track->kind == Kind::video ? video : audio)
                .members.emplace_back(std::to_string(track->number), std::move(info));
        }
    }
    members.emplace_back("encoder", "Millrace");
    if (!video.members.empty()) {
        members.emplace_back(std::string{kVideoTracks}, std::move(video));
    }
    if (!audio.members.empty()) {
        members.emplace_back(std::string{kAudioTracks}, std::move(audio));
    }
    return {.name = "onMetaData",
            .values = SharedBytes{amf::write_amf0({amf::EcmaArray{std::move(members)}})}};
}

media::Metadata make_metadata(const std::vector<media::Track>& tracks)
{
    const auto choices = choose(tracks, Options{});
    std::vector<OutgoingTrack> going;
    for (const auto& choice : choices) {
        if (choice.form) {
            going.push_back({&choice.track, *choice.form});
        }
    }
    return made(going);
}

SharedBytes adapted(const SharedBytes& values, const std::vector<Track>& all,
                    const std::vector<OutgoingTrack>& going)
{
    auto read = amf::read_amf0(values, kLimits);
    if (!read || read->empty() || read->front().as<amf::EcmaArray>() == nullptr) {
        return values;
    }
    amf::EcmaArray changed{read->front().members()};
    adapt(changed.members, Kind::video, all, going);
    adapt(changed.members, Kind::audio, all, going);
    if (changed.members == read->front().members()) {
        return values;
    }
    read->front() = std::move(changed);
    return SharedBytes{amf::write_amf0(*read)};
}

} // namespace millrace::flv
