#include "h264.hpp"
#include "texts.hpp"
#include <millrace/codec/bits.hpp>

namespace millrace::rtp {
namespace {

constexpr unsigned kStapA = 24;
constexpr unsigned kStapB = 25;
constexpr unsigned kMtap24 = 27;
constexpr unsigned kFuA = 28;
constexpr unsigned kFuB = 29;
constexpr std::size_t kMostSps = 31;
constexpr std::size_t kMostPps = 255;

/// The number under which slices refer to a set: seq_parameter_set_id or pic_parameter_set_id.
std::uint32_t number_of(ByteView set)
{
    const bool sps = codec::h264::type_of(set) == codec::h264::NalType::sps;
    codec::BitReader in{set};
    in.skip(sps ? 32 : 8);
    return in.ue();
}

} // namespace

H264Depacketizer::H264Depacketizer(const Format& format, media::Track track, const Limits& limits)
    : NalDepacketizer{format, std::move(track), limits},
      single_mode_{format.parameters.number("packetization-mode").value_or(0) == 0}
{
    if (const auto sets = format.parameters.get("sprop-parameter-sets")) {
        for (const auto& set : read_sets(*sets)) {
            keep(set);
        }
    }
}

// payload := unit | stap | mtap | fu
bool H264Depacketizer::split(ByteView payload)
{
    const unsigned type = payload[0] & 0x1fU;
    if (single_mode_ && type >= kStapA) {
        counts().quirks.add(Quirk::undeclared_fragments); // Quirk: mode 0 declared and FU-A used (Hikvision).
    }
    if (type < kStapA) {
        unit(payload);
        return true;
    }
    ByteReader in{payload};
    return type <= kMtap24 ? split_aggregate(in, type) : type <= kFuB && split_fragment(in, type);
}

// stap := head:u8 [don:u16] (size:u16 unit)*                   don: type 25
// mtap := head:u8 don:u16 (size:u16 don:u8 later:u16or24 unit)*  type 26, 27
bool H264Depacketizer::split_aggregate(ByteReader in, unsigned type)
{
    in.skip(type == kStapA ? 1 : 3);
    const auto begin = timestamp();
    while (!in.at_end() && in.ok()) {
        std::size_t size = in.u16();
        std::int64_t later = 0;
        if (type > kStapB) {
            const std::size_t head = type == kMtap24 ? 4 : 3;
            in.skip(1);
            later = type == kMtap24 ? in.u24() : in.u16();
            size = size >= head ? size - head : 0;
        }
        const auto each = in.bytes(size);
        if (!in.ok()) {
            return false;
        }
        unit_at(begin + later, each);
    }
    return in.ok();
}

// fu := priority:u3 28or29:u5 start:u1 end:u1 0:u1 type:u5 [don:u16] data      don: type 29
bool H264Depacketizer::split_fragment(ByteReader in, unsigned type)
{
    const unsigned indicator = in.u8();
    const unsigned head = in.u8();
    in.skip(type == kFuB ? 2 : 0);
    const auto header = static_cast<std::uint8_t>((indicator & 0xe0U) | (head & 0x1fU));
    if (!in.ok()) {
        return false;
    }
    fragment({&header, 1}, in.rest(), (head & 0x80U) != 0, (head & 0x40U) != 0);
    return true;
}

NalDepacketizer::Role H264Depacketizer::role(ByteView unit) const
{
    using codec::h264::NalType;
    const unsigned type = unit[0] & 0x1fU;
    const auto named = static_cast<NalType>(type);
    Role role;
    role.picture = type >= 1 && type <= 5;
    role.first_slice = (type == 1 || type == 2 || type == 5) && unit.size() > 1 && (unit[1] & 0x80U) != 0;
    role.key = named == NalType::idr;
    role.reference = (unit[0] & 0x60U) != 0;
    role.set = named == NalType::sps || named == NalType::pps;
    role.delimiter = type >= 6 && type <= 9;
    role.dropped = named == NalType::access_unit_delimiter || type == 12 || type == 0 || type >= kStapA;
    role.may_hide_others = type == 0 || (type >= 6 && type <= 9);
    return role;
}

bool H264Depacketizer::keep(ByteView set)
{
    const bool sps = codec::h264::type_of(set) == codec::h264::NalType::sps;
    const bool pps = codec::h264::type_of(set) == codec::h264::NalType::pps;
    auto& sets = sps ? sps_ : pps_;
    if ((!sps && !pps) || set.size() < (sps ? 4U : 2U) || set.size() > 0xffff) {
        return false;
    }
    auto copy = to_bytes(set);
    auto& known = sets[number_of(set)];
    if (known == copy) {
        return false;
    }
    known = std::move(copy);
    if (sets.size() > (sps ? kMostSps : kMostPps)) {
        sets.erase(sets.begin());
    }
    return true;
}

std::optional<Bytes> H264Depacketizer::config() const
{
    std::vector<ByteView> units;
    for (const auto* sets : {&sps_, &pps_}) {
        for (const auto& [number, set] : *sets) {
            units.emplace_back(set);
        }
    }
    const auto made = codec::h264::make_config(units);
    if (!made) {
        return std::nullopt;
    }
    Bytes record;
    ByteWriter out{record};
    codec::h264::write(out, *made);
    return record;
}

Bytes h264_config(const sdp::Parameters& parameters)
{
    const auto text = parameters.get("sprop-parameter-sets");
    if (!text) {
        return {};
    }
    const auto sets = read_sets(*text);
    const auto made = codec::h264::make_config({sets.begin(), sets.end()});
    Bytes record;
    if (made) {
        ByteWriter out{record};
        codec::h264::write(out, *made);
    }
    return record;
}

} // namespace millrace::rtp
