#include "payload/aac.hpp"
#include "payload/catalogue.hpp"
#include "payload/h264.hpp"
#include "payload/h265.hpp"
#include "payload/texts.hpp"
#include <millrace/codec/aac.hpp>
#include <millrace/codec/opus.hpp>
#include <millrace/media/describe.hpp>
#include <millrace/rtp/format.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace millrace::rtp {
namespace {

using media::Codec;

constexpr std::string_view kClause = "RFC 3551 §6";
constexpr std::uint8_t kFirstDynamic = 96;

std::optional<std::uint8_t> payload_type_of(const std::string& format)
{
    unsigned value = 0;
    const auto [end, error] = std::from_chars(format.data(), format.data() + format.size(), value);
    if (error != std::errc{} || end != format.data() + format.size() || value > 127) {
        return std::nullopt;
    }
    return static_cast<std::uint8_t>(value);
}

/// What RTP adds to a track beside its codec's name.
void add_parameters(Format& format, const media::Track& track)
{
    switch (format.payload) {
    case Payload::h264: format.parameters = h264_parameters(track.config); break;
    case Payload::h265: format.parameters = h265_parameters(track.config); break;
    case Payload::aac: format.parameters = aac_parameters(track.config); break;
    case Payload::opus:
        if (track.channels == 2) {
            format.parameters.add("sprop-stereo", "1");
        }
        break;
    default: break;
    }
}

/// Of a sound whose AudioSpecificConfig nobody told: AAC LC.
Bytes made_up_config(const Format& format)
{
    const auto channels = std::clamp<std::uint32_t>(format.channels, 1, 7);
    return codec::aac::write_config({.core_rate = format.clock_rate,
                                     .sample_rate = format.clock_rate,
                                     .channel_config = static_cast<std::uint8_t>(channels),
                                     .channels = channels});
}

Bytes opus_head(std::uint32_t channels)
{
    Bytes head;
    ByteWriter out{head};
    out.text("OpusHead");
    out.u8(1);
    out.u8(static_cast<std::uint8_t>(channels));
    out.u16le(0);
    out.u32le(codec::opus::kSampleRate);
    out.u16le(0);
    out.u8(0);
    return head;
}

Bytes config_of(const Format& format)
{
    switch (format.payload) {
    case Payload::h264: return h264_config(format.parameters);
    case Payload::h265: return h265_config(format.parameters);
    case Payload::aac: {
        const auto text = format.parameters.get("config");
        auto config = text ? from_hex(*text).value_or(Bytes{}) : Bytes{};
        return codec::aac::read_config(config) ? config : made_up_config(format);
    }
    case Payload::opus: {
        const auto stereo = format.parameters.number("sprop-stereo");
        return opus_head(stereo && *stereo == 0 ? 1 : 2);
    }
    default: return {};
    }
}

/// What clock and channels of a format tell of a sound.
void add_sound(media::Track& track, const Format& format)
{
    if (format.payload == Payload::g722) {
        track.sample_rate = 16000; // although its clock runs at 8000
    } else if (format.clock_rate != 90000) {
        track.sample_rate = format.clock_rate;
    }
    track.channels = format.channels > 0 ? format.channels : format.clock_rate != 90000 ? 1 : 0;
}

} // namespace

Result<Format> format_of(const sdp::Media& media)
{
    for (const auto& text : media.formats) {
        const auto type = payload_type_of(text);
        const auto* map = type ? media.map(*type) : nullptr;
        if (media.skip || map == nullptr || map->clock_rate == 0) {
            continue;
        }
        if (const auto* entry = find_encoding(map->encoding)) {
            Format format{.payload = entry->payload,
                          .kind = entry->kind,
                          .payload_type = *type,
                          .clock_rate = map->clock_rate,
                          .channels = map->channels,
                          .parameters = media.parameters(*type),
                          .feedback = media.feedback()};
            if (format.payload == Payload::g722) {
                format.clock_rate = 8000; // RFC 3551 §4.5.2, whatever an SDP says
            }
            return format;
        }
    }
    return Unexpected{Errc::unsupported_format, kClause};
}

media::Track track_of(const Format& format, media::TrackId id, std::uint8_t number)
{
    const auto& entry = entry_of(format.payload);
    media::Track track{.id = id, .kind = format.kind, .number = number, .codec = entry.codec};
    track.config = SharedBytes{config_of(format)};
    if (format.kind == media::Kind::audio) {
        add_sound(track, format);
    }
    if (!track.config.empty() || !media::needs_config(track.codec)) {
        media::describe(track);
    }
    return track;
}

namespace {

/// Whether the samples of a track are 16 bits, little endian. FLV's own tell: format 3, and the bit of the
/// size.
bool is_plain_pcm(const media::Track& track)
{
    return track.origin == 0 || ((track.origin >> 4U) == 3 && (track.origin & 2U) != 0);
}

/// A static payload type means exactly one rate and one count of channels.
std::optional<std::uint8_t> static_type_of(const Format& format, std::uint32_t channels)
{
    for (std::uint8_t type = 0; type < 35; ++type) {
        const auto fixed = sdp::static_map(type);
        if (fixed && sdp::same_name(fixed->encoding, entry_of(format.payload).encoding) &&
            fixed->clock_rate == format.clock_rate && (fixed->channels == 0 || fixed->channels == channels)) {
            return type;
        }
    }
    return std::nullopt;
}

/// The sample rate that the RTP clock runs at.
std::uint32_t rate_of(const media::Track& track, const Entry& entry)
{
    const bool telephone = entry.codec == Codec::g711a || entry.codec == Codec::g711u;
    // FLV tells a rate of G.711 that it does not have; it is 8 kHz unless it is a multiple.
    if (track.sample_rate == 0 || (telephone && track.sample_rate % 8000 != 0)) {
        return entry.usual_rate;
    }
    return track.sample_rate;
}

} // namespace

Result<Format> format_for(const media::Track& track)
{
    const auto* entry = find_codec(track.codec);
    if (entry == nullptr || (media::needs_config(track.codec) && track.config.empty()) ||
        (track.codec == Codec::pcm && !is_plain_pcm(track))) {
        return Unexpected{Errc::unsupported_format, kClause};
    }
    Format format{.payload = entry->payload,
                  .kind = entry->kind,
                  .payload_type = static_cast<std::uint8_t>(kFirstDynamic + slot_of(track.id)),
                  .clock_rate = entry->clock_rate};
    if (format.clock_rate == 0) {
        format.clock_rate = rate_of(track, *entry);
    }
    if (format.kind == media::Kind::audio && entry->tells_channels) {
        format.channels = entry->payload == Payload::opus ? 2 : std::max(track.channels, 1U);
    }
    format.payload_type = static_type_of(format, std::max(track.channels, 1U)).value_or(format.payload_type);
    add_parameters(format, track);
    return format;
}

Result<sdp::Media> media_for(const media::Track& track)
{
    const auto format = format_for(track);
    if (!format) {
        return Unexpected{format.error()};
    }
    sdp::Media out;
    out.type = format->kind == media::Kind::audio ? "audio" : "video";
    out.formats = {std::to_string(format->payload_type)};
    sdp::RtpMap map{.payload_type = format->payload_type,
                    .encoding = std::string{entry_of(format->payload).encoding},
                    .clock_rate = format->clock_rate,
                    .channels = format->channels};
    if (format->channels == 1 && format->payload != Payload::aac) {
        map.channels = 0; // not told when there is one
    }
    out.maps.push_back(map);
    if (!format->parameters.empty()) {
        out.fmtps.push_back({format->payload_type, format->parameters});
    }
    if (track.fps > 0) {
        std::array<char, 32> text{};
        std::snprintf(text.data(), text.size(), "%g", track.fps);
        out.set("framerate", text.data());
    }
    return out;
}

} // namespace millrace::rtp
