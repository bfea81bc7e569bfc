#include "av1.hpp"

#include <millrace/codec/av1.hpp>
#include <millrace/media/describe.hpp>

#include <algorithm>
#include <array>

namespace millrace::rtp {
namespace {

constexpr unsigned kSequenceHeader = 1; ///< obu_type (AV1 §6.2.2).
constexpr unsigned kTemporalDelimiter = 2;
constexpr unsigned kTileList = 8;
constexpr std::size_t kRecordHead = 4; ///< Of an av1C, before its OBUs.

unsigned type_of(ByteView obu)
{
    return obu[0] >> 3U & 15U;
}

std::size_t header_bytes(ByteView obu)
{
    return (obu[0] & 4U) != 0 ? 2 : 1;
}

std::size_t read_leb128(ByteReader& in)
{
    std::uint64_t value = 0;
    for (unsigned i = 0; i < 8; ++i) {
        const std::uint64_t byte = in.u8();
        value |= (byte & 0x7fU) << (i * 7U);
        if ((byte & 0x80U) == 0) {
            break;
        }
    }
    return static_cast<std::size_t>(value);
}

void write_leb128(ByteWriter& out, std::size_t value)
{
    while (value >= 0x80) {
        out.u8(static_cast<std::uint8_t>(value | 0x80U));
        value >>= 7U;
    }
    out.u8(static_cast<std::uint8_t>(value));
}

std::size_t leb128_bytes(std::size_t value)
{
    std::size_t count = 1;
    while (value >= 0x80) {
        value >>= 7U;
        ++count;
    }
    return count;
}

/// The OBUs of a temporal unit, each without its size: as RTP wants them.
std::vector<Bytes> split(ByteView unit)
{
    std::vector<Bytes> out;
    ByteReader in{unit};
    while (!in.at_end()) {
        const auto first = in.u8();
        Bytes obu{static_cast<std::uint8_t>(first & ~2U)};
        if ((first & 4U) != 0) {
            obu.push_back(in.u8());
        }
        const auto payload = (first & 2U) != 0 ? in.bytes(read_leb128(in)) : in.rest();
        if (!in.ok()) {
            break;
        }
        if (type_of(obu) != kTemporalDelimiter && type_of(obu) != kTileList) {
            obu.insert(obu.end(), payload.begin(), payload.end());
            out.push_back(std::move(obu));
        }
    }
    return out;
}

} // namespace

// payload     := aggregation element+
// aggregation := goes-on:u1 will-go-on:u1 count:u2 new-sequence:u1 0:u3
// element     := [size:leb128] part of an OBU            no size: the last one, when count is not 0
bool Av1Depacketizer::take(ByteView payload)
{
    ByteReader in{payload};
    const unsigned head = in.u8();
    const unsigned count = head >> 4U & 3U;
    bool goes_on = (head & 0x80U) != 0;
    for (unsigned i = 1; !in.at_end(); ++i) {
        const bool sized = count == 0 || i < count;
        const auto element = sized ? in.bytes(read_leb128(in)) : in.rest();
        if (!in.ok()) {
            return false;
        }
        append(element, goes_on, in.at_end() && (head & 0x40U) != 0);
        goes_on = false;
    }
    return true;
}

void Av1Depacketizer::append(ByteView element, bool goes_on, bool will_go_on)
{
    if (goes_on != open_) {
        damaged_ = true;
    }
    if (!goes_on) {
        element_.clear();
    }
    if (unit_.size() + element_.size() + element.size() > limits_.unit_bytes) {
        stats_.oversize += damaged_ ? 0 : 1;
        damaged_ = true;
    }
    if (!damaged_) {
        element_.insert(element_.end(), element.begin(), element.end());
    }
    open_ = will_go_on;
    if (!open_) {
        end_element();
    }
}

/// The OBU is whole: it gets a size, as the canonical form has it.
void Av1Depacketizer::end_element()
{
    if (damaged_ || element_.empty()) {
        return;
    }
    const auto head = header_bytes(element_);
    if (element_.size() < head || type_of(element_) == kTemporalDelimiter || type_of(element_) == kTileList) {
        return;
    }
    ByteWriter out{unit_};
    if ((element_[0] & 2U) != 0) {
        out.bytes(element_); // it has a size already
    } else {
        out.u8(static_cast<std::uint8_t>(element_[0] | 2U));
        out.bytes(ByteView{element_}.subspan(1, head - 1));
        write_leb128(out, element_.size() - head);
        out.bytes(ByteView{element_}.subspan(head));
    }
    if (type_of(element_) == kSequenceHeader) {
        key_ = true;
        Bytes obu;
        ByteWriter writer{obu};
        ByteReader in{element_};
        in.skip(head);
        if ((element_[0] & 2U) != 0) {
            read_leb128(in);
        }
        const auto payload = in.rest();
        writer.u8(kSequenceHeader << 3U | 2U);
        write_leb128(writer, payload.size());
        writer.bytes(payload);
        auto record = codec::av1::make_record(obu);
        if (record && (!told_ || SharedBytes{Bytes{*record}} != track_.config)) {
            track_.config = SharedBytes{std::move(*record)};
            media::describe(track_);
            told_ = true;
            give(track_);
        }
    }
}

void Av1Depacketizer::feed(const Packet& packet, std::int64_t timestamp, bool lost)
{
    if (packet.payload.empty()) {
        stats_.quirks.add(Quirk::empty_payload);
        return;
    }
    if (begun_ && timestamp != timestamp_) {
        if (lost || open_) {
            damaged_ = true;
        } else if (!damaged_) {
            stats_.quirks.add(Quirk::marker_missing);
        }
        finish();
    } else if (lost) {
        damaged_ = damaged_ || begun_;
    }
    begun_ = true;
    timestamp_ = timestamp;
    if (!take(packet.payload)) {
        ++stats_.bad;
        damaged_ = true;
    }
    if (packet.marker) {
        damaged_ = damaged_ || open_;
        finish();
    }
}

void Av1Depacketizer::finish()
{
    if (damaged_) {
        ++stats_.damaged;
    } else if (!unit_.empty() && told_) {
        give(Unit{.track = track_.id,
                  .kind = media::Kind::video,
                  .timestamp = timestamp_,
                  .key = key_,
                  .payload = SharedBytes{std::move(unit_)}});
    }
    unit_ = Bytes{};
    element_.clear();
    open_ = false;
    begun_ = false;
    damaged_ = false;
    key_ = false;
}

void Av1Depacketizer::flush()
{
    if (begun_ && !open_) {
        finish();
    }
}

void Av1Packetizer::set_track(const media::Track& track)
{
    sequence_header_.clear();
    if (track.config.size() > kRecordHead) {
        for (auto& obu : split(track.config.view().subspan(kRecordHead))) {
            if (type_of(obu) == kSequenceHeader) {
                sequence_header_ = std::move(obu);
            }
        }
    }
}

void Av1Packetizer::packetize(const media::Frame& frame, std::uint32_t timestamp, PayloadSink& sink)
{
    auto obus = split(frame.payload);
    if (obus.empty()) {
        return;
    }
    const bool has_header =
        std::ranges::any_of(obus, [](const Bytes& obu) { return type_of(obu) == kSequenceHeader; });
    if (frame.key && !has_header && !sequence_header_.empty()) {
        obus.insert(obus.begin(), sequence_header_);
    }
    constexpr unsigned kNewSequence = 0x08;
    constexpr unsigned kGoesOn = 0x80;
    constexpr unsigned kWillGoOn = 0x40;
    Bytes payload{static_cast<std::uint8_t>(frame.key ? kNewSequence : 0U)};
    ByteWriter out{payload};
    const auto send = [&](bool marker) {
        const ByteView part{payload};
        sink.add(timestamp, marker, {&part, 1});
        payload.assign(1, 0);
    };
    for (std::size_t i = 0; i < obus.size(); ++i) {
        ByteView left{obus[i]};
        while (!left.empty()) {
            const auto room = most_ - payload.size();
            if (left.size() + leb128_bytes(left.size()) <= room) {
                write_leb128(out, left.size());
                out.bytes(left);
                left = {};
            } else if (constexpr std::size_t kWorthwhile = 16; room >= kWorthwhile) {
                const auto part = left.first(room - leb128_bytes(room));
                write_leb128(out, part.size());
                out.bytes(part);
                left = left.subspan(part.size());
                payload[0] |= kWillGoOn;
                send(false);
                payload[0] |= kGoesOn;
            } else {
                send(false);
            }
        }
    }
    send(true);
}

} // namespace millrace::rtp
