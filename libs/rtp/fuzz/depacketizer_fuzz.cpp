// Whatever comes, units stay within their limits, and a track stands before the first of them.
#include <millrace/rtp/payload/depacketizer.hpp>
#include <millrace/rtp/payload/packetizer.hpp>

#include <algorithm>
#include <cstdlib>
#include <map>

namespace {

using namespace millrace;
using namespace millrace::rtp;

constexpr std::size_t kMost = 4096; ///< Of a unit.

class Nowhere final : public PayloadSink {
public:
    void add(std::uint32_t /*timestamp*/, bool /*marker*/, std::span<const ByteView> parts) override
    {
        std::size_t size = 0;
        for (const auto part : parts) {
            size += part.size();
        }
        if (size == 0) {
            std::abort();
        }
    }
};

/// What came out can be sent on.
void send_on(const media::Track& track, const Unit& unit)
{
    if (auto packetizer = make_packetizer(track, 100)) {
        Nowhere sink;
        (*packetizer)
            ->packetize({.track = unit.track, .kind = unit.kind, .key = unit.key, .payload = unit.payload}, 0,
                        sink);
    }
}

} // namespace

// input := format:u8 parameters:u8 (marker:u1 lost:u1 next-time:u1 0:u5 length:u8 payload)*
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    ByteReader in{{data, size}};
    const auto payload = static_cast<Payload>(in.u8() % (static_cast<unsigned>(Payload::h263_1998) + 1));
    const auto choice = in.u8();
    const bool sound = payload == Payload::aac || payload == Payload::latm ||
                       (payload >= Payload::opus && payload <= Payload::eac3);
    Format format{.payload = payload,
                  .kind = sound ? media::Kind::audio : media::Kind::video,
                  .clock_rate = sound ? 48000U : 90000U,
                  .channels = sound ? 2U : 0U};
    if ((choice & 1U) != 0) {
        format.parameters = {{"mode", "AAC-lbr"},
                             {"cpresent", "0"},
                             {"sprop-max-don-diff", "1"},
                             {"config", "400023203fc0"},
                             {"sprop-parameter-sets", "Z0LACtolsBEAAAMAAQAAAwAyDxImoA==,aM4PyA=="}};
    } else if ((choice & 2U) != 0) {
        format.parameters = {{"constantsize", "20"}, {"packetization-mode", "1"}};
    }
    auto depacketizer = make_depacketizer(format, 0, 0, {.unit_bytes = kMost, .nal_bytes = 2048, .nals = 16});
    if (!depacketizer) {
        std::abort();
    }
    std::map<media::TrackId, media::Track> tracks;
    std::int64_t timestamp = 0;
    std::uint16_t sequence = 0;
    const auto drain = [&] {
        while (auto next = (*depacketizer)->next()) {
            if (auto* track = std::get_if<media::Track>(&*next)) {
                tracks[track->id] = *track;
                continue;
            }
            const auto& unit = std::get<Unit>(*next);
            // A transport stream holds what its own limits allow; an image has a head that is not counted.
            const bool own_limits = payload == Payload::mp2t || payload == Payload::jpeg;
            if (!tracks.contains(unit.track) || (!own_limits && unit.payload.size() > kMost + 64)) {
                std::abort();
            }
            send_on(tracks[unit.track], unit);
        }
    };
    while (in.remaining() >= 2) {
        const unsigned flags = in.u8();
        const std::size_t length = in.u8();
        const auto bytes = in.bytes(std::min(length, in.remaining()));
        timestamp += (flags & 0x20U) != 0 ? 3600 : 0;
        const Packet packet{
            .marker = (flags & 0x80U) != 0, .sequence = sequence++, .payload = SharedBytes::copy_of(bytes)};
        (*depacketizer)->feed(packet, timestamp, (flags & 0x40U) != 0);
        drain();
    }
    (*depacketizer)->flush();
    drain();
    return 0;
}
