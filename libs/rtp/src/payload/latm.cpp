#include "latm.hpp"

#include "aac.hpp"
#include "texts.hpp"
#include <millrace/codec/aac.hpp>
#include <millrace/codec/bits.hpp>
#include <millrace/media/describe.hpp>

#include <algorithm>

namespace millrace::rtp {
namespace {

constexpr unsigned kHeadBits = 15; ///< Before the AudioSpecificConfig, in version 0.
constexpr unsigned kTailBits = 13; ///< Length type, fullness, no other data, no checksum.

Bytes copy_bits(codec::BitReader& in, std::size_t count)
{
    Bytes out;
    codec::BitWriter writer{out};
    while (count > 0) {
        const auto part = static_cast<unsigned>(std::min<std::size_t>(count, 8));
        writer.bits(in.bits(part), part);
        count -= part;
    }
    return out;
}

/// Of a plain AudioSpecificConfig, with the extension that may stand behind it.
std::size_t plain_config_bits(ByteView config)
{
    constexpr std::size_t kPlain = 16;
    constexpr std::uint32_t kSync = 0x2b7;
    codec::BitReader in{config};
    in.skip(kPlain);
    if (in.bits(11) != kSync) {
        return kPlain;
    }
    in.skip(5);
    in.skip(in.flag() ? 4 : 0); // the extension's rate
    return in.position();
}

} // namespace

// mux := version:u1 same-framing:u1 frames-1:u6 programs-1:u4 layers-1:u3 config length-type:u3 fullness:u8
//        other:u1 checksum:u1
std::optional<StreamMux> read_stream_mux(ByteView bytes)
{
    codec::BitReader in{bytes};
    const bool version = in.flag();
    const bool same_framing = in.flag();
    StreamMux mux{.frames = in.bits(6) + 1};
    const bool several = in.bits(4) != 0 || in.bits(3) != 0;
    if (version || !same_framing || several || !in.ok()) {
        return std::nullopt;
    }
    // What stands behind the config is read with it: no reader looks so far.
    auto rest = copy_bits(in, in.remaining());
    rest.resize(rest.size() + 4);
    const auto config = codec::aac::read_config(rest);
    if (!config) {
        return std::nullopt;
    }
    // Quirk: GStreamer's StreamMuxConfig ends before its buffer fullness does.
    const auto config_bits = plain_config_bits(rest);
    mux.cut = bytes.size() * 8 < kHeadBits + config_bits + kTailBits;
    mux.config = config->channel_config > 0 ? codec::aac::write_config(*config) : rest;
    return mux;
}

Bytes write_stream_mux(ByteView config)
{
    Bytes bytes;
    codec::BitWriter out{bytes};
    out.bits(1U << 13U, kHeadBits); // same framing, one frame, one program, one layer
    codec::BitReader in{config};
    while (in.remaining() >= 8) {
        out.bits(in.bits(8), 8);
    }
    out.bits(0, 3);
    out.bits(0xff, 8);
    out.bits(0, 2);
    return bytes;
}

LatmDepacketizer::LatmDepacketizer(const Format& format, media::Track track, const Limits& limits)
    : track_{std::move(track)}, limits_{limits},
      clock_rate_{format.clock_rate}, in_band_{format.parameters.number("cpresent").value_or(1) != 0}
{
    const auto text = format.parameters.get("config");
    const auto bytes = text ? from_hex(*text) : std::nullopt;
    const auto mux = bytes ? read_stream_mux(*bytes) : std::nullopt;
    if (!mux) {
        if (!in_band_) {
            stats_.quirks.add(Quirk::config_missing);
            known_ = true; // made up from rate and channels
        }
    } else {
        known_ = true;
        frames_ = mux->frames;
        track_.config = SharedBytes{Bytes{mux->config}};
        if (mux->cut) {
            stats_.quirks.add(Quirk::config_cut);
        }
    }
    media::describe(track_);
    duration_ = aac_duration(track_.config, clock_rate_);
}

void LatmDepacketizer::feed(const Packet& packet, std::int64_t timestamp, bool lost)
{
    if (packet.payload.empty()) {
        stats_.quirks.add(Quirk::empty_payload);
        return;
    }
    if (begun_ && (lost || timestamp != timestamp_)) {
        if (timestamp == timestamp_) {
            damaged_ = true;
        } else {
            ++stats_.damaged; // its end never came
            element_.clear();
            damaged_ = false;
        }
    }
    begun_ = true;
    timestamp_ = timestamp;
    if (element_.size() + packet.payload.size() > limits_.unit_bytes) {
        ++stats_.oversize;
        damaged_ = true;
    }
    if (!damaged_) {
        const auto data = packet.payload.view();
        element_.insert(element_.end(), data.begin(), data.end());
    }
    if (packet.marker) {
        if (damaged_) {
            ++stats_.damaged;
        } else {
            take_element(element_);
        }
        element_.clear();
        begun_ = false;
        damaged_ = false;
    }
}

// element := [same:u1 mux] (ff:u8* length:u8 unit)*frames        same and mux: when the config is in band
void LatmDepacketizer::take_element(ByteView element)
{
    Bytes aligned;
    if (in_band_) {
        codec::BitReader bits{element};
        if (!bits.flag()) {
            // A configuration in band ends where only its content tells: plain ones of two bytes are read.
            const auto all = copy_bits(bits, bits.remaining());
            const auto mux = read_stream_mux(all);
            if (!mux || mux->config.size() != 2) {
                ++stats_.bad;
                return;
            }
            known_ = true;
            frames_ = mux->frames;
            track_.config = SharedBytes{Bytes{mux->config}};
            media::describe(track_);
            duration_ = aac_duration(track_.config, clock_rate_);
            bits = codec::BitReader{element};
            bits.skip(1 + kHeadBits + 16 + kTailBits);
        }
        aligned = copy_bits(bits, bits.remaining());
        element = aligned;
    }
    if (!known_) {
        return;
    }
    ByteReader in{element};
    for (unsigned i = 0; i < frames_; ++i) {
        std::size_t size = 0;
        std::uint8_t part = 0xff;
        while (part == 0xff && in.ok() && !in.at_end()) {
            part = in.u8();
            size += part;
        }
        const auto unit = in.bytes(size);
        if (!in.ok()) {
            ++stats_.bad;
            return;
        }
        if (unit.empty()) {
            stats_.quirks.add(Quirk::empty_unit);
            continue;
        }
        if (!told_) {
            told_ = true;
            give(track_);
        }
        give(Unit{.track = track_.id,
                  .kind = media::Kind::audio,
                  .timestamp = timestamp_ + std::int64_t{i} * duration_,
                  .payload = SharedBytes::copy_of(unit)});
    }
}

void LatmPacketizer::packetize(const media::Frame& frame, std::uint32_t timestamp, PayloadSink& sink)
{
    if (frame.payload.empty()) {
        return;
    }
    Bytes element(frame.payload.size() / 255, 0xff);
    element.push_back(static_cast<std::uint8_t>(frame.payload.size() % 255));
    const auto payload = frame.payload.view();
    element.insert(element.end(), payload.begin(), payload.end());
    for (auto left = ByteView{element}; !left.empty();) {
        const auto data = left.first(std::min(most_, left.size()));
        left = left.subspan(data.size());
        sink.add(timestamp, left.empty(), {&data, 1});
    }
}

} // namespace millrace::rtp
