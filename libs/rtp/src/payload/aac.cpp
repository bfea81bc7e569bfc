#include "aac.hpp"

#include "texts.hpp"
#include <millrace/codec/aac.hpp>
#include <millrace/codec/bits.hpp>
#include <millrace/media/describe.hpp>

#include <algorithm>
#include <array>

namespace millrace::rtp {
namespace {

constexpr std::size_t kMostUnits = 256; ///< Of one packet.

/// Bytes of an ADTS header at the beginning of a unit; 0 when there is none.
std::size_t adts_bytes(ByteView unit)
{
    if (unit.size() < 7 || unit[0] != 0xff || (unit[1] & 0xf6U) != 0xf0) {
        return 0;
    }
    const std::size_t length = (unit[3] & 3U) << 11U | unsigned{unit[4]} << 3U | unit[5] >> 5U;
    const std::size_t head = (unit[1] & 1U) != 0 ? 7 : 9;
    return length == unit.size() && length > head ? head : 0;
}

} // namespace

std::uint32_t aac_duration(ByteView record, std::uint32_t clock_rate)
{
    const auto config = codec::aac::read_config(record);
    if (!config) {
        return 1024;
    }
    // The flag for short frames stands behind the channels, which only plain configurations have at once.
    const bool plain = record.size() >= 2 && (record[0] >> 3U) < 5;
    const bool short_frames = plain && (record[0] & 7U) != 7 && (record[1] & 4U) != 0;
    const std::uint32_t frame = short_frames ? 960 : 1024;
    return config->sbr && clock_rate == config->sample_rate && clock_rate != config->core_rate ? 2 * frame
                                                                                               : frame;
}

AacDepacketizer::AacDepacketizer(const Format& format, media::Track track, const Limits& limits)
    : track_{std::move(track)}, limits_{limits}
{
    const auto& parameters = format.parameters;
    const auto mode = parameters.get("mode");
    const bool low = mode && sdp::same_name(*mode, "AAC-lbr");
    const auto bits = [&](std::string_view name, unsigned usual) {
        return std::min(parameters.number(name).value_or(usual), 32U);
    };
    size_bits_ = bits("sizelength", low ? 6 : 13);
    index_bits_ = bits("indexlength", low ? 2 : 3);
    delta_bits_ = bits("indexdeltalength", low ? 2 : 3);
    constant_size_ = parameters.number("constantsize").value_or(0);
    if (constant_size_ > 0 && !parameters.get("sizelength")) {
        size_bits_ = 0;
    }
    if (!parameters.get("config")) {
        stats_.quirks.add(Quirk::config_missing); // Quirk: the config is made up from rate and channels.
    }
    duration_ =
        parameters.number("constantduration").value_or(aac_duration(track_.config, format.clock_rate));
}

// payload := [bits:u16 head* zeros] unit*           nothing before the units when heads have no bits
// head    := size:u(sizelength) index:u(indexlength of the first, indexdeltalength of others)
std::optional<AacDepacketizer::Heads> AacDepacketizer::read_heads(ByteView payload) const
{
    Heads heads;
    if (size_bits_ == 0) {
        heads.sizes.assign(constant_size_ > 0 ? payload.size() / constant_size_ : 1,
                           constant_size_ > 0 ? constant_size_ : payload.size());
        return heads;
    }
    ByteReader in{payload};
    std::size_t bits = in.u16();
    const auto section = in.bytes((bits + 7) / 8);
    if (!in.ok()) {
        return std::nullopt;
    }
    heads.bytes = in.position();
    codec::BitReader reader{section};
    while (bits >= size_bits_ + (heads.sizes.empty() ? index_bits_ : delta_bits_) &&
           heads.sizes.size() < kMostUnits) {
        const auto index = heads.sizes.empty() ? index_bits_ : delta_bits_;
        heads.sizes.push_back(reader.bits(size_bits_));
        heads.interleaved = reader.bits(index) != 0 || heads.interleaved;
        bits -= size_bits_ + index;
    }
    return heads.sizes.empty() ? std::nullopt : std::optional{heads};
}

void AacDepacketizer::feed(const Packet& packet, std::int64_t timestamp, bool lost)
{
    const auto payload = packet.payload.view();
    if (payload.empty()) {
        stats_.quirks.add(Quirk::empty_payload);
        return;
    }
    if (!part_.empty() && (lost || timestamp != part_time_)) {
        ++stats_.damaged;
        part_.clear();
    }
    const auto heads = read_heads(payload);
    if (!heads || heads->interleaved) {
        ++stats_.bad;
        return;
    }
    auto at = heads->bytes;
    for (std::size_t i = 0; i < heads->sizes.size(); ++i) {
        const auto size = heads->sizes[i];
        if (size == 0) {
            stats_.quirks.add(Quirk::empty_unit); // Quirk: access units of no bytes.
            continue;
        }
        if (size > payload.size() - at || !part_.empty()) {
            if (heads->sizes.size() == 1) {
                take_part(packet, timestamp, at, size);
            } else {
                ++stats_.bad;
            }
            return;
        }
        take(packet.payload.slice(at, size), timestamp + static_cast<std::int64_t>(i) * duration_);
        at += size;
    }
}

/// A fragment: the head tells the size of the whole unit.
void AacDepacketizer::take_part(const Packet& packet, std::int64_t timestamp, std::size_t at,
                                std::size_t whole)
{
    const auto data = packet.payload.view().subspan(at);
    if (whole > limits_.unit_bytes) {
        ++stats_.oversize;
        return;
    }
    if (part_.empty()) {
        part_of_ = whole;
        part_time_ = timestamp;
    }
    if (whole != part_of_ || part_.size() + data.size() > part_of_) {
        ++stats_.bad;
        part_.clear();
        return;
    }
    part_.insert(part_.end(), data.begin(), data.end());
    if (part_.size() == part_of_) {
        take(SharedBytes{std::move(part_)}, timestamp);
        part_ = Bytes{};
    }
}

void AacDepacketizer::take(SharedBytes unit, std::int64_t timestamp)
{
    if (const auto head = adts_bytes(unit); head > 0) {
        stats_.quirks.add(Quirk::adts_inside); // Quirk: ADTS headers inside of access units.
        unit = unit.slice(head);
    }
    if (!told_) {
        told_ = true;
        give(track_);
    }
    give(Unit{
        .track = track_.id, .kind = media::Kind::audio, .timestamp = timestamp, .payload = std::move(unit)});
}

void AacPacketizer::packetize(const media::Frame& frame, std::uint32_t timestamp, PayloadSink& sink)
{
    const auto unit = frame.payload.view();
    if (unit.empty() || unit.size() > 0x1fff) { // 13 bits
        return;
    }
    const std::array<std::uint8_t, 4> head{0, 16, static_cast<std::uint8_t>(unit.size() >> 5U),
                                           static_cast<std::uint8_t>(unit.size() << 3U)};
    for (auto left = unit; !left.empty();) {
        const auto data = left.first(std::min(most_ - head.size(), left.size()));
        left = left.subspan(data.size());
        const std::array<ByteView, 2> parts{ByteView{head}, data};
        sink.add(timestamp, left.empty(), parts);
    }
}

sdp::Parameters aac_parameters(ByteView config)
{
    return {{"streamtype", "5"},  {"profile-level-id", "1"}, {"mode", "AAC-hbr"},       {"sizelength", "13"},
            {"indexlength", "3"}, {"indexdeltalength", "3"}, {"config", to_hex(config)}};
}

} // namespace millrace::rtp
