#include "h264.hpp"
#include "nal_packetizer.hpp"
#include "texts.hpp"
#include <millrace/codec/nal.hpp>

#include <algorithm>

namespace millrace::rtp {
namespace {

constexpr unsigned kStapA = 24;
constexpr unsigned kFuA = 28;

/// One unit: in one packet, or in fragments of nearly equal size.
void send_unit(ByteView unit, bool marker, std::size_t most, std::uint32_t timestamp, PayloadSink& sink)
{
    if (unit.size() <= most) {
        sink.add(timestamp, marker, {&unit, 1});
        return;
    }
    auto left = unit.subspan(1);
    const auto each = most - 2;
    bool start = true;
    while (!left.empty()) {
        const auto data = left.first(std::min(each, left.size()));
        left = left.subspan(data.size());
        const std::array<std::uint8_t, 2> head{static_cast<std::uint8_t>((unit[0] & 0xe0U) | kFuA),
                                               static_cast<std::uint8_t>((start ? 0x80U : 0U) |
                                                                         (left.empty() ? 0x40U : 0U) |
                                                                         (unit[0] & 0x1fU))};
        const std::array<ByteView, 2> parts{ByteView{head}, data};
        sink.add(timestamp, marker && left.empty(), parts);
        start = false;
    }
}

bool is_set(ByteView unit)
{
    using codec::h264::NalType;
    return codec::h264::type_of(unit) == NalType::sps || codec::h264::type_of(unit) == NalType::pps;
}

} // namespace

void H264Packetizer::set_track(const media::Track& track)
{
    sets_.clear();
    if (auto config = codec::h264::read_config(track.config)) {
        length_size_ = config->length_size;
        std::ranges::move(config->sps, std::back_inserter(sets_));
        std::ranges::move(config->pps, std::back_inserter(sets_));
        std::erase_if(sets_, [](const Bytes& set) { return set.empty(); });
    }
}

void H264Packetizer::packetize(const media::Frame& frame, std::uint32_t timestamp, PayloadSink& sink)
{
    const auto units = codec::split_length_prefixed(frame.payload, length_size_);
    if (!units || units->empty()) {
        return;
    }
    // Parameter sets stand before each key frame, unless the frame has its own.
    if (frame.key && std::ranges::none_of(*units, is_set)) {
        unsigned priority = 0;
        for (const auto& set : sets_) {
            priority = std::max(priority, set[0] & 0x60U);
        }
        const auto header = static_cast<std::uint8_t>(priority | kStapA);
        send_sets(sets_, {&header, 1}, most_, timestamp, sink,
                  [&](ByteView set) { send_unit(set, false, most_, timestamp, sink); });
    }
    for (std::size_t i = 0; i < units->size(); ++i) {
        send_unit((*units)[i], i + 1 == units->size(), most_, timestamp, sink);
    }
}

sdp::Parameters h264_parameters(ByteView record)
{
    sdp::Parameters parameters{{"packetization-mode", "1"}};
    const auto config = codec::h264::read_config(record);
    if (!config || config->sps.empty()) {
        return parameters;
    }
    const std::array<std::uint8_t, 3> level{config->profile, config->compatibility, config->level};
    parameters.add("profile-level-id", to_hex(level));
    std::string sets;
    for (const auto* list : {&config->sps, &config->pps}) {
        for (const auto& set : *list) {
            sets += (sets.empty() ? "" : ",") + to_base64(set);
        }
    }
    parameters.add("sprop-parameter-sets", sets);
    return parameters;
}

} // namespace millrace::rtp
