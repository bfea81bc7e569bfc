#include "codec_ids.hpp"
#include "enhanced.hpp"
#include "legacy.hpp"
#include "script.hpp"
#include <millrace/codec/h264.hpp>
#include <millrace/codec/mp3.hpp>
#include <millrace/codec/nal.hpp>
#include <millrace/flv/body.hpp>
#include <millrace/media/describe.hpp>

namespace millrace::flv {
namespace {

using media::Codec;
using media::Kind;
using media::Track;

/// Where the record of H.264 or H.265 tells the size of its lengths (ISO/IEC 14496-15 §5.3.3.1, §8.3.3.1).
std::size_t length_size(const Track& track)
{
    const std::size_t at = track.codec == Codec::h264 ? 4 : 21;
    return at < track.config.size() ? (track.config.data()[at] & 3U) + 1U : 4U;
}

/// What the first frame of an audio track without a configuration tells.
void describe_audio(Track& track, ByteView frame)
{
    if (track.kind == Kind::audio && !is_enhanced(track.origin)) {
        legacy::describe_audio(track);
    }
    if (track.codec != Codec::mp3) {
        return;
    }
    if (const auto header = codec::mp3::read_header(frame)) {
        track.sample_rate = header->sample_rate;
        track.channels = header->channels;
    }
}

bool has_nal_units(Codec codec)
{
    return codec == Codec::h264 || codec == Codec::h265;
}

} // namespace

struct BodyReader::State {
    /// A track as it was told, and without what metadata added to it.
    struct Known {
        Track own;
        Track told;
    };

    void take(Kind kind, std::uint32_t timestamp, Part part);
    void take_config(Kind kind, Part part);
    void take_frame(Kind kind, std::uint32_t timestamp, Part part);
    void take_script(std::uint32_t timestamp, const SharedBytes& body);
    void take_metadata(Script script);
    void take_silence(std::uint32_t timestamp);
    bool knows_track_of(Kind kind, const Part& part);
    void tell(Kind kind, Track own);
    void repair_config(Part& part);
    void repair_payload(const Track& track, Part& part);

    void count(std::string_view name) { ++counters[name]; }
    std::optional<Known>& known(Kind kind) { return kind == Kind::video ? video : audio; }

    std::optional<Known> video;
    std::optional<Known> audio;
    bool data = false; ///< Whether the data track was told.
    std::optional<media::Metadata> metadata;
    Hints hints;
    Counters counters;
    std::deque<media::Item> items;
};

void BodyReader::State::take(Kind kind, std::uint32_t timestamp, Part part)
{
    switch (part.what) {
    case Part::What::config: take_config(kind, std::move(part)); break;
    case Part::What::frame: take_frame(kind, timestamp, std::move(part)); break;
    case Part::What::dropped: count(part.reason); break;
    case Part::What::nothing: break;
    }
}

/// Tells a track when it is new or has changed.
void BodyReader::State::tell(Kind kind, Track own)
{
    auto told = own;
    if (kind == Kind::video) {
        told.width = own.width > 0 ? own.width : hints.width;
        told.height = own.height > 0 ? own.height : hints.height;
        told.fps = own.fps > 0 ? own.fps : hints.fps;
    }
    auto& before = known(kind);
    if (!before || before->told != told) {
        items.emplace_back(told);
    }
    before = Known{std::move(own), std::move(told)};
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
    const auto& before = known(kind);
    const bool same_codec = before && before->own.codec == part.codec && before->own.origin == part.origin;
    if (same_codec && before->own.config == part.payload) {
        count("repeated_config"); // Quirk: encoders and relays send configurations again and again.
        return;
    }
    Track track{.id = static_cast<media::TrackId>(kind),
                .kind = kind,
                .codec = part.codec,
                .config = part.payload,
                .origin = part.origin};
    if (!media::describe(track)) {
        count("bad_config");
        return;
    }
    tell(kind, std::move(track));
}

/// Whether a frame has its track; tells the track when the frame is enough to know it.
bool BodyReader::State::knows_track_of(Kind kind, const Part& part)
{
    const auto& before = known(kind);
    if (before && before->own.codec == part.codec && before->own.origin == part.origin) {
        return true;
    }
    Track track{
        .id = static_cast<media::TrackId>(kind), .kind = kind, .codec = part.codec, .origin = part.origin};
    if (media::needs_config(part.codec)) {
        if (!before || before->own.codec != part.codec) {
            return false;
        }
        track = before->own; // only named otherwise than before
        track.origin = part.origin;
    } else {
        media::describe(track);
        describe_audio(track, part.payload);
    }
    tell(kind, std::move(track));
    return true;
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
        count("frame_before_config");
        return;
    }
    repair_payload(known(kind)->own, part);
    if (part.payload.empty()) {
        count("empty_video");
        return;
    }
    items.emplace_back(media::Frame{.track = static_cast<media::TrackId>(kind),
                                    .kind = kind,
                                    .key = part.key,
                                    .disposable = part.disposable,
                                    .dts = media_ms(timestamp),
                                    .composition = part.composition,
                                    .payload = std::move(part.payload)});
}

/// An audio body without any byte stands for silence (FLV sends it where the sound pauses).
void BodyReader::State::take_silence(std::uint32_t timestamp)
{
    if (!audio) {
        count("frame_before_config");
        return;
    }
    items.emplace_back(
        media::Frame{.track = audio->own.id, .kind = Kind::audio, .key = true, .dts = media_ms(timestamp)});
}

void BodyReader::State::take_metadata(Script script)
{
    if (metadata == script.metadata) {
        count("repeated_metadata"); // Quirk: GStreamer sends the same onMetaData many times, with running
                                    // timestamps.
        return;
    }
    metadata = script.metadata;
    hints = script.hints;
    items.emplace_back(std::move(script.metadata));
    if (video) {
        tell(Kind::video, Track{video->own});
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

BodyReader::BodyReader() : state_{std::make_unique<State>()} {}
BodyReader::~BodyReader() = default;
BodyReader::BodyReader(BodyReader&&) noexcept = default;
BodyReader& BodyReader::operator=(BodyReader&&) noexcept = default;

void BodyReader::feed(TagType type, std::uint32_t timestamp, const SharedBytes& body)
{
    auto& state = *state_;
    switch (type) {
    case TagType::video:
        if (body.empty()) {
            state.count("empty_video");
        } else {
            const bool enhanced = enhanced::is_video(body.data()[0]);
            state.take(Kind::video, timestamp,
                       enhanced ? enhanced::read_video(body) : legacy::read_video(body));
        }
        break;
    case TagType::audio:
        if (body.empty()) {
            state.take_silence(timestamp);
        } else {
            const bool enhanced = enhanced::is_audio(body.data()[0]);
            state.take(Kind::audio, timestamp,
                       enhanced ? enhanced::read_audio(body) : legacy::read_audio(body));
        }
        break;
    case TagType::script: state.take_script(timestamp, body); break;
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
