#include "codec_ids.hpp"
#include "tag.hpp"
#include <millrace/amf/amf0.hpp>
#include <millrace/flv/error.hpp>
#include <millrace/flv/file.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace millrace::flv {
namespace {

constexpr std::uint32_t kMaxHeaderBytes = 65536;
constexpr std::size_t kMostGiven = 16384; ///< Of the source's own metadata.
constexpr amf::Limits kLimits{.items = 32768, .values = 70000};
constexpr double kMaxSeconds = 1e7;

/// Members that we set, or that are wrong in any other file.
constexpr std::array<std::string_view, 14> kOfTheFile{
    "duration", "filesize",  "keyframes",   "hasKeyframes",        "canSeekToEnd",
    "datasize", "videosize", "audiosize",   "lasttimestamp",       "lastkeyframetimestamp",
    "hasVideo", "hasAudio",  "hasMetadata", "lastkeyframelocation"};
constexpr std::string_view kConfigs = "sequenceheaders";

bool of_the_file(std::string_view name)
{
    return name == kConfigs || std::ranges::find(kOfTheFile, name) != kOfTheFile.end();
}

bool is_key(unsigned frame_type)
{
    return frame_type == 1 || frame_type == 4;
}

/// Enhanced RTMP v2, "Extended VideoTagHeader".
void glance_enhanced(Glance& seen, unsigned first, ByteReader in)
{
    constexpr unsigned kStart = 0;
    constexpr unsigned kFrames = 1;
    constexpr unsigned kFramesX = 3;
    constexpr unsigned kMultitrack = 6;
    constexpr unsigned kModEx = 7;
    auto packet = first & 15U;
    if (packet == kMultitrack) {
        if (in.peek() >> 4U == 0) {
            return; // One track, which is not the first one.
        }
        packet = in.peek() & 15U;
    } else if (packet == kFrames && four_cc(media::Kind::video, in.u32()).composition) {
        seen.composition = in.s24();
    }
    seen.config = packet == kStart;
    seen.key_frame =
        is_key(first >> 4U & 7U) && (packet == kFrames || packet == kFramesX || packet == kModEx);
}

amf::Value places_value(const std::vector<Place>& places, std::size_t step)
{
    amf::StrictArray positions;
    amf::StrictArray times;
    for (std::size_t i = 0; i < places.size(); i += step) {
        positions.emplace_back(static_cast<double>(places[i].position));
        times.emplace_back(places[i].time / 1000.0);
    }
    return amf::Object{.members = {{"filepositions", std::move(positions)}, {"times", std::move(times)}}};
}

/// onMetaData's own object, whatever the source made it.
amf::Value read_object(const media::Metadata& metadata)
{
    amf::Amf0Reader in{metadata.values, kLimits};
    auto value = in.next();
    return value ? std::move(*value) : amf::Value{};
}

amf::Members given_members(const media::Head& source)
{
    const auto given = std::ranges::find(source.metadata, "onMetaData", &media::Metadata::name);
    const bool usable = given != source.metadata.end() && given->values.size() <= kMostGiven;
    auto value = read_object(usable ? *given : make_metadata(source.tracks));
    amf::Members kept;
    for (const auto& [name, member] : value.members()) {
        if (!of_the_file(name)) {
            kept.emplace_back(name, member);
        }
    }
    return kept;
}

Bytes write_values(const amf::Members& members, const FileFacts& facts, std::size_t step)
{
    amf::Members all{{"duration", static_cast<double>(facts.duration.count()) / 1000.0},
                     {"filesize", static_cast<double>(facts.bytes)}};
    all.insert(all.end(), members.begin(), members.end());
    all.emplace_back("hasVideo", facts.has_video);
    all.emplace_back("hasAudio", facts.has_audio);
    all.emplace_back("hasMetadata", true);
    all.emplace_back("hasKeyframes", !facts.keys.empty());
    all.emplace_back("canSeekToEnd", facts.ends_with_key);
    all.emplace_back("datasize", static_cast<double>(facts.audio_bytes + facts.video_bytes));
    all.emplace_back("videosize", static_cast<double>(facts.video_bytes));
    all.emplace_back("audiosize", static_cast<double>(facts.audio_bytes));
    all.emplace_back("lasttimestamp", facts.last_timestamp / 1000.0);
    if (!facts.keys.empty()) {
        all.emplace_back("lastkeyframetimestamp", facts.keys.back().time / 1000.0);
        all.emplace_back("lastkeyframelocation", static_cast<double>(facts.keys.back().position));
    }
    if (!facts.configs.empty() && facts.configs.size() <= kMostGiven / 32) {
        all.emplace_back(std::string{kConfigs}, places_value(facts.configs, 1));
    }
    if (!facts.keys.empty()) {
        all.emplace_back("keyframes", places_value(facts.keys, step));
    }
    return amf::write_amf0({"onMetaData", amf::EcmaArray{std::move(all)}});
}

std::vector<Place> read_places(const amf::Value* object, std::uint64_t file_bytes)
{
    const auto list = [object](std::string_view name) -> const amf::StrictArray* {
        const auto* member = object == nullptr ? nullptr : object->find(name);
        return member == nullptr ? nullptr : member->as<amf::StrictArray>();
    };
    const auto* positions = list("filepositions");
    const auto* times = list("times");
    if (positions == nullptr || times == nullptr || positions->size() != times->size()) {
        return {};
    }
    std::vector<Place> places;
    for (std::size_t i = 0; i < positions->size(); ++i) {
        const double position = (*positions)[i].number_or(-1);
        const double time = (*times)[i].number_or(-1);
        const bool real = position >= kFileHeadBytes && position < static_cast<double>(file_bytes) &&
                          time >= 0 && time <= kMaxSeconds;
        if (!real) {
            return {};
        }
        const Place place{static_cast<std::uint32_t>(std::llround(time * 1000) & 0xffffffff),
                          static_cast<std::uint64_t>(position)};
        if (!places.empty() && (place.time < places.back().time || place.position < places.back().position)) {
            return {};
        }
        places.push_back(place);
    }
    return places;
}

} // namespace

std::optional<Glance> glance(ByteView begin)
{
    ByteReader in{begin};
    const auto head = read_tag_head(in);
    const auto type = static_cast<TagType>(head.type);
    const bool known = type == TagType::audio || type == TagType::video || type == TagType::script;
    if (!in.ok() || !known || head.stream != 0) {
        return std::nullopt;
    }
    Glance seen{.type = type, .size = head.size, .timestamp = head.timestamp};
    if (head.size == 0 || in.at_end() || type == TagType::script) {
        return seen;
    }
    const unsigned first = in.u8();
    const unsigned second = in.peek();
    if (type == TagType::audio) {
        const unsigned format = first >> 4U;
        seen.config = (format == kAac && second == 0) || (format == 9 && (first & 15U) == 0);
    } else if ((first & 0x80U) != 0) {
        glance_enhanced(seen, first, in);
    } else if (const auto codec = first & 15U; codec == kAvc || codec == kHevc) {
        in.skip(1);
        seen.config = second == 0;
        seen.key_frame = second == 1 && is_key(first >> 4U);
        seen.composition = second == 1 ? in.s24() : 0;
    } else {
        seen.key_frame = is_key(first >> 4U);
    }
    return seen;
}

// header := "FLV" version:u8 flags:u8 offset:u32
Result<std::uint64_t> first_tag(ByteView begin)
{
    ByteReader in{begin};
    const auto signature = in.text(3);
    in.skip(2);
    const auto offset = in.u32();
    if (!in.ok() || signature != "FLV") {
        return Unexpected{Error{Errc::not_flv, "FLV 10.1 §E.2"}};
    }
    if (offset < kHeaderBytes || offset > kMaxHeaderBytes) {
        return Unexpected{Error{Errc::bad_header, "FLV 10.1 §E.2"}};
    }
    return std::uint64_t{offset} + kBackPointerBytes;
}

Bytes write_file_head(const media::Head& source, const FileFacts& facts, std::size_t room)
{
    const auto data_bytes = room - kFileHeadBytes - kTagHeadBytes - kBackPointerBytes;
    auto members = given_members(source);
    auto values = write_values(members, facts, 1);
    for (std::size_t step = 2; values.size() > data_bytes && step <= facts.keys.size() * 2; step *= 2) {
        values = write_values(members, facts, step);
    }
    if (values.size() > data_bytes) {
        values = write_values({}, FileFacts{.duration = facts.duration, .bytes = facts.bytes}, 1);
    }
    values.resize(data_bytes); // Zeros behind the values: nobody reads on there.

    Bytes head;
    head.reserve(room);
    ByteWriter out{head};
    const bool known = facts.has_audio || facts.has_video;
    out.text("FLV");
    out.u8(1);
    out.u8(static_cast<std::uint8_t>((facts.has_audio || !known ? 4U : 0U) |
                                     (facts.has_video || !known ? 1U : 0U)));
    out.u32(kHeaderBytes);
    out.u32(0);
    const TagHead tag{.type = static_cast<std::uint8_t>(TagType::script),
                      .size = static_cast<std::uint32_t>(data_bytes)};
    write(out, tag);
    out.bytes(values);
    out.u32(static_cast<std::uint32_t>(tag.tag_bytes()));
    return head;
}

std::vector<Place> read_keys(const media::Metadata& metadata, std::uint64_t file_bytes)
{
    const auto object = read_object(metadata);
    return read_places(object.find("keyframes"), file_bytes);
}

std::vector<Place> read_configs(const media::Metadata& metadata, std::uint64_t file_bytes)
{
    const auto object = read_object(metadata);
    return read_places(object.find(kConfigs), file_bytes);
}

std::optional<std::chrono::milliseconds> read_duration(const media::Metadata& metadata)
{
    const auto object = read_object(metadata);
    const auto* member = object.find("duration");
    const double seconds = member == nullptr ? 0 : member->number_or(0);
    if (!(seconds > 0 && seconds <= kMaxSeconds)) {
        return std::nullopt;
    }
    const std::chrono::milliseconds duration{std::llround(seconds * 1000)};
    return duration.count() > 0 ? std::optional{duration} : std::nullopt;
}

media::Metadata for_stream(const media::Metadata& metadata, std::chrono::milliseconds duration)
{
    amf::Members kept{{"duration", static_cast<double>(duration.count()) / 1000.0}};
    const auto object = read_object(metadata);
    for (const auto& [name, member] : object.members()) {
        if (!of_the_file(name)) {
            kept.emplace_back(name, member);
        }
    }
    return {.name = metadata.name, .values = SharedBytes{amf::write_amf0({amf::EcmaArray{std::move(kept)}})}};
}

} // namespace millrace::flv
