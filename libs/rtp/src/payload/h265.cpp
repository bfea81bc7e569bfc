#include "h265.hpp"

#include "nal_packetizer.hpp"
#include "texts.hpp"
#include <millrace/codec/bits.hpp>
#include <millrace/codec/nal.hpp>

#include <algorithm>
#include <array>

namespace millrace::rtp {
namespace {

using codec::h265::NalType;

constexpr unsigned kAggregate = 48;
constexpr unsigned kFragment = 49;
constexpr unsigned kPaci = 50;
constexpr std::size_t kMostSets = 64;
constexpr std::array<std::string_view, 3> kSprops{"sprop-vps", "sprop-sps", "sprop-pps"};

unsigned type_of(ByteView unit)
{
    return unit[0] >> 1U & 0x3fU;
}

bool is_set(ByteView unit)
{
    return type_of(unit) >= 32 && type_of(unit) <= 34;
}

/// The number under which others refer to a set. Of an SPS it stands far behind, and streams have one.
std::uint32_t number_of(ByteView set)
{
    codec::BitReader in{set};
    in.skip(16);
    switch (static_cast<NalType>(type_of(set))) {
    case NalType::vps: return in.bits(4);
    case NalType::pps: return in.ue();
    default: return 0;
    }
}

void send_unit(ByteView unit, bool marker, std::size_t most, std::uint32_t timestamp, PayloadSink& sink)
{
    if (unit.size() <= most) {
        sink.add(timestamp, marker, {&unit, 1});
        return;
    }
    auto left = unit.subspan(2);
    const auto each = most - 3;
    bool start = true;
    while (!left.empty()) {
        const auto data = left.first(std::min(each, left.size()));
        left = left.subspan(data.size());
        const std::array<std::uint8_t, 3> head{
            static_cast<std::uint8_t>((unit[0] & 0x81U) | kFragment << 1U), unit[1],
            static_cast<std::uint8_t>((start ? 0x80U : 0U) | (left.empty() ? 0x40U : 0U) | type_of(unit))};
        const std::array<ByteView, 2> parts{ByteView{head}, data};
        sink.add(timestamp, marker && left.empty(), parts);
        start = false;
    }
}

} // namespace

H265Depacketizer::H265Depacketizer(const Format& format, media::Track track, const Limits& limits)
    : NalDepacketizer{format, std::move(track), limits},
      order_numbers_{format.parameters.number("sprop-max-don-diff").value_or(0) > 0}
{
    for (const auto name : kSprops) {
        if (const auto sets = format.parameters.get(name)) {
            for (const auto& set : read_sets(*sets)) {
                keep(set);
            }
        }
    }
}

// payload := head:u16 [don:u16] unit-data | aggregate | fragment
bool H265Depacketizer::split(ByteView payload)
{
    if (payload.size() < 2) {
        return false;
    }
    const auto type = type_of(payload);
    if (type < kAggregate) {
        if (!order_numbers_) {
            unit(payload);
        } else if (payload.size() > 4) {
            auto whole = to_bytes(payload.first(2));
            whole.insert(whole.end(), payload.begin() + 4, payload.end());
            unit(whole);
        }
        return true;
    }
    ByteReader in{payload};
    if (type == kPaci) {
        return true; // RFC 7798 §4.4.4: carries nothing that a decoder must have
    }
    return type == kAggregate ? split_aggregate(in) : type == kFragment && split_fragment(in);
}

// aggregate := head:u16 [don:u16] size:u16 unit ([don:u8] size:u16 unit)*
bool H265Depacketizer::split_aggregate(ByteReader in)
{
    in.skip(2);
    for (bool first = true; !in.at_end() && in.ok(); first = false) {
        in.skip(order_numbers_ ? (first ? 2 : 1) : 0);
        const auto each = in.bytes(in.u16());
        if (!in.ok()) {
            return false;
        }
        unit(each.size() < 2 ? ByteView{} : each);
    }
    return in.ok();
}

// fragment := head:u16 start:u1 end:u1 type:u6 [don:u16] data       don: with the first fragment
bool H265Depacketizer::split_fragment(ByteReader in)
{
    const unsigned first = in.u8();
    const auto second = in.u8();
    const unsigned head = in.u8();
    const bool start = (head & 0x80U) != 0;
    in.skip(order_numbers_ && start ? 2 : 0);
    if (!in.ok()) {
        return false;
    }
    const std::array<std::uint8_t, 2> header{
        static_cast<std::uint8_t>((first & 0x81U) | (head & 0x3fU) << 1U), second};
    fragment(header, in.rest(), start, (head & 0x40U) != 0);
    return true;
}

NalDepacketizer::Role H265Depacketizer::role(ByteView unit) const
{
    const auto type = type_of(unit);
    Role role;
    role.picture = type < 32;
    role.first_slice = role.picture && unit.size() > 2 && (unit[2] & 0x80U) != 0;
    role.key = type >= 16 && type <= 23;
    role.reference = !(type < 16 && type % 2 == 0); // RSV_VCL_N…: sub-layer non-reference pictures
    role.set = is_set(unit);
    role.delimiter = (type >= 32 && type <= 35) || type == 39;
    role.dropped = type == 35 || type == 38 || type >= kAggregate;
    role.may_hide_others = type >= 32 && type <= 39;
    return role;
}

bool H265Depacketizer::keep(ByteView set)
{
    if (set.size() < 3 || set.size() > 0xffff || !is_set(set)) {
        return false;
    }
    auto copy = to_bytes(set);
    auto& known = sets_[{type_of(set), number_of(set)}];
    if (known == copy) {
        return false;
    }
    known = std::move(copy);
    if (sets_.size() > kMostSets) {
        sets_.erase(sets_.begin());
    }
    return true;
}

std::optional<Bytes> H265Depacketizer::config() const
{
    std::vector<ByteView> units;
    for (const auto& [number, set] : sets_) {
        units.emplace_back(set);
    }
    auto record = codec::h265::make_record(units);
    return record ? std::optional{std::move(*record)} : std::nullopt;
}

void H265Packetizer::set_track(const media::Track& track)
{
    sets_.clear();
    if (auto config = codec::h265::read_config(track.config)) {
        length_size_ = config->length_size;
        sets_ = std::move(config->units);
        std::erase_if(sets_, [](const Bytes& set) { return set.size() < 2; });
    }
}

void H265Packetizer::packetize(const media::Frame& frame, std::uint32_t timestamp, PayloadSink& sink)
{
    const auto all = codec::split_length_prefixed(frame.payload, length_size_);
    std::vector<ByteView> units;
    if (all) {
        std::ranges::copy_if(*all, std::back_inserter(units), [](ByteView unit) { return unit.size() >= 2; });
    }
    if (units.empty()) {
        return;
    }
    if (frame.key && std::ranges::none_of(units, is_set)) {
        constexpr std::array<std::uint8_t, 2> kHead{kAggregate << 1U, 1};
        send_sets(sets_, kHead, most_, timestamp, sink,
                  [&](ByteView set) { send_unit(set, false, most_, timestamp, sink); });
    }
    for (std::size_t i = 0; i < units.size(); ++i) {
        send_unit(units[i], i + 1 == units.size(), most_, timestamp, sink);
    }
}

sdp::Parameters h265_parameters(ByteView record)
{
    sdp::Parameters parameters;
    const auto config = codec::h265::read_config(record);
    if (!config) {
        return parameters;
    }
    for (std::size_t i = 0; i < kSprops.size(); ++i) {
        std::string sets;
        for (const auto& unit : config->units) {
            if (unit.size() >= 2 && type_of(unit) == 32 + i) {
                sets += (sets.empty() ? "" : ",") + to_base64(unit);
            }
        }
        if (!sets.empty()) {
            parameters.add(std::string{kSprops[i]}, sets);
        }
    }
    return parameters;
}

Bytes h265_config(const sdp::Parameters& parameters)
{
    std::vector<Bytes> sets;
    for (const auto name : kSprops) {
        if (const auto text = parameters.get(name)) {
            for (auto& set : read_sets(*text)) {
                if (set.size() > 2) {
                    sets.push_back(std::move(set));
                }
            }
        }
    }
    auto record = codec::h265::make_record({sets.begin(), sets.end()});
    return record ? std::move(*record) : Bytes{};
}

} // namespace millrace::rtp
