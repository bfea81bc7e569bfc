#include "body_state.hpp"
#include "enhanced.hpp"
#include "legacy.hpp"
#include <millrace/codec/h264.hpp>
#include <millrace/codec/nal.hpp>
#include <millrace/media/describe.hpp>

#include <algorithm>

namespace millrace::flv {

using media::Codec;
using media::Kind;
using media::Track;

namespace {

/// Where the record of H.264 or H.265 tells the size of its lengths (ISO/IEC 14496-15 §5.3.3.1, §8.3.3.1).
std::size_t length_size(const Track& track)
{
    const std::size_t at = track.codec == Codec::h264 ? 4 : 21;
    return at < track.config.size() ? (track.config.data()[at] & 3U) + 1U : 4U;
}

bool has_nal_units(Codec codec)
{
    return codec == Codec::h264 || codec == Codec::h265;
}

} // namespace

void BodyReader::State::take(Kind kind, std::uint32_t timestamp, Part part)
{
    switch (part.what) {
    case Part::What::config: take_config(kind, std::move(part)); break;
    case Part::What::frame: take_frame(kind, timestamp, std::move(part)); break;
    case Part::What::colour: take_colour(part); break;
    case Part::What::layout: take_layout(part); break;
    case Part::What::silence: take_silence(timestamp, part.number); break;
    case Part::What::dropped: count(part.reason); break;
    case Part::What::nothing: break;
    }
}

void BodyReader::State::repair_config(Part& part)
{
    if (part.codec != Codec::h264 || !codec::looks_like_annex_b(part.payload, 4)) {
        return;
    }
    // Quirk: some encoders send their parameter sets with start codes instead of a configuration record.
    if (const auto config = codec::h264::make_config(codec::split_annex_b(part.payload))) {
        Bytes record;
        ByteWriter out{record};
        codec::h264::write(out, *config);
        part.payload = SharedBytes{std::move(record)};
        count("annex_b_config");
    }
}

void BodyReader::State::take_config(Kind kind, Part part)
{
    if (part.payload.empty()) {
        count(
            "empty_config"); // Quirk: FFmpeg announces codecs that need none, and AV1 ahead of the real one.
        return;
    }
    repair_config(part);
    const auto id = media::track_id(kind, part.number);
    const auto* before = find(id);
    const bool same_codec =
        before != nullptr && before->own.codec == part.codec && before->own.origin == part.origin;
    if (same_codec && before->own.config == part.payload) {
        count("repeated_config"); // Quirk: encoders and relays send configurations again and again.
        return;
    }
    Track track{.id = id,
                .kind = kind,
                .number = part.number,
                .codec = part.codec,
                .config = part.payload,
                .origin = part.origin};
    if (!media::describe(track)) {
        count("bad_config");
        return;
    }
    if (has_room(id)) {
        tell(std::move(track));
    }
}

void BodyReader::State::repair_payload(const Track& track, Part& part)
{
    const auto size = length_size(track);
    if (!has_nal_units(track.codec) || !codec::looks_like_annex_b(part.payload, size)) {
        return;
    }
    // Quirk: some encoders put start codes where the lengths of NAL units belong.
    part.payload = SharedBytes{codec::join_length_prefixed(codec::split_annex_b(part.payload), size)};
    count("annex_b_payload");
}

void BodyReader::State::take_frame(Kind kind, std::uint32_t timestamp, Part part)
{
    if (!knows_track_of(kind, part)) {
        return;
    }
    const auto id = media::track_id(kind, part.number);
    repair_payload(find(id)->own, part);
    if (part.payload.empty()) {
        count("empty_video");
        return;
    }
    items.emplace_back(media::Frame{.track = id,
                                    .kind = kind,
                                    .key = part.key,
                                    .disposable = part.disposable,
                                    .dts = media_ms(timestamp),
                                    .composition = part.composition,
                                    .payload = std::move(part.payload)});
}

/// An audio body without any byte, or an end of sequence, stands for silence (FLV sends it where the sound
/// pauses).
void BodyReader::State::take_silence(std::uint32_t timestamp, std::uint8_t number)
{
    const auto id = media::track_id(Kind::audio, number);
    if (find(id) == nullptr) {
        count("frame_before_config");
        return;
    }
    items.emplace_back(
        media::Frame{.track = id, .kind = Kind::audio, .key = true, .dts = media_ms(timestamp)});
}

void BodyReader::State::take_metadata(Script script)
{
    if (metadata == script.metadata) {
        count("repeated_metadata"); // Quirk: GStreamer sends the same onMetaData many times, with running
                                    // timestamps.
        return;
    }
    metadata = script.metadata;
    hints = std::move(script.hints);
    items.emplace_back(std::move(script.metadata));
    for (const auto& track : known) {
        tell_again(track.first);
    }
}

void BodyReader::State::take_script(std::uint32_t timestamp, const SharedBytes& body)
{
    auto script = read_script(body);
    for (const auto& [name, times] : script.tolerated) {
        counters[name] += times;
    }
    switch (script.what) {
    case Script::What::metadata: take_metadata(std::move(script)); break;
    case Script::What::cleared: metadata.reset(); break;
    case Script::What::dropped: count(script.reason); break;
    case Script::What::data:
        constexpr auto kId = static_cast<media::TrackId>(Kind::data);
        if (!data) {
            items.emplace_back(Track{.id = kId, .kind = Kind::data, .codec = Codec::script});
        }
        data = true;
        items.emplace_back(media::Frame{.track = kId,
                                        .kind = Kind::data,
                                        .key = true,
                                        .dts = media_ms(timestamp),
                                        .payload = std::move(script.body)});
        break;
    }
}

BodyReader::BodyReader() : BodyReader{Limits{}} {}
BodyReader::BodyReader(Limits limits) : state_{std::make_unique<State>(limits)} {}
BodyReader::~BodyReader() = default;
BodyReader::BodyReader(BodyReader&&) noexcept = default;
BodyReader& BodyReader::operator=(BodyReader&&) noexcept = default;

void BodyReader::feed(TagType type, std::uint32_t timestamp, const SharedBytes& body)
{
    auto& state = *state_;
    if (type == TagType::script) {
        return state.take_script(timestamp, body);
    }
    const auto kind = type == TagType::video ? Kind::video : Kind::audio;
    if (body.empty()) {
        return kind == Kind::video ? state.count("empty_video") : state.take_silence(timestamp, 0);
    }
    auto& parts = state.parts;
    parts.clear();
    const auto first = body.data()[0];
    if (kind == Kind::video) {
        enhanced::is_video(first) ? enhanced::read_video(body, parts)
                                  : parts.push_back(legacy::read_video(body));
    } else {
        enhanced::is_audio(first) ? enhanced::read_audio(body, parts)
                                  : parts.push_back(legacy::read_audio(body));
    }
    // The default track first: readers begin with it.
    std::ranges::stable_sort(parts, {}, &Part::number);
    for (auto& part : parts) {
        state.take(kind, timestamp, std::move(part));
    }
}

std::optional<media::Item> BodyReader::next()
{
    auto& items = state_->items;
    if (items.empty()) {
        return std::nullopt;
    }
    auto item = std::move(items.front());
    items.pop_front();
    return item;
}

const BodyReader::Counters& BodyReader::counters() const
{
    return state_->counters;
}

} // namespace millrace::flv
