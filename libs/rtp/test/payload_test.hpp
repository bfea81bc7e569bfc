// What the tests of payload formats have alike.
#pragma once

#include <millrace/media/describe.hpp>
#include <millrace/rtp/payload/depacketizer.hpp>
#include <millrace/rtp/payload/packetizer.hpp>
#include <millrace/rtp/sequence.hpp>
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>

namespace millrace::rtp {

using namespace testing::literals;

/// All payloads of a packetizer, as packets of one source.
class Packets final : public PayloadSink {
public:
    explicit Packets(Packet first) : next_{std::move(first)} {}

    void add(std::uint32_t timestamp, bool marker, std::span<const ByteView> parts) override
    {
        Bytes payload;
        for (const auto part : parts) {
            payload.insert(payload.end(), part.begin(), part.end());
        }
        auto packet = next_;
        packet.timestamp = timestamp;
        packet.marker = marker;
        packet.payload = SharedBytes{std::move(payload)};
        all.push_back(std::move(packet));
        ++next_.sequence;
    }

    std::vector<Packet> all;

private:
    Packet next_;
};

inline Packet packet_of(ByteView bytes)
{
    auto packet = read_packet(SharedBytes::copy_of(bytes));
    EXPECT_TRUE(packet);
    return packet ? *packet : Packet{};
}

inline Bytes bytes_of(const Packet& packet)
{
    Bytes bytes;
    ByteWriter out{bytes};
    write(out, packet);
    return bytes;
}

/// What came out of a depacketizer, sorted.
struct Gathered {
    std::vector<media::Track> tracks;
    std::vector<Unit> units;
};

inline Gathered drain(Depacketizer& depacketizer)
{
    Gathered out;
    while (auto next = depacketizer.next()) {
        if (auto* track = std::get_if<media::Track>(&*next)) {
            out.tracks.push_back(*track);
        } else {
            out.units.push_back(std::get<Unit>(*next));
        }
    }
    return out;
}

/// Packets fed in order; what is missing between them is told.
inline Gathered depacketize(Depacketizer& depacketizer, const std::vector<Packet>& packets,
                            bool flush = false)
{
    TimestampExtender timestamps;
    for (std::size_t i = 0; i < packets.size(); ++i) {
        const bool lost =
            i > 0 && packets[i].sequence != static_cast<std::uint16_t>(packets[i - 1].sequence + 1);
        depacketizer.feed(packets[i], timestamps.extend(packets[i].timestamp), lost);
    }
    if (flush) {
        depacketizer.flush();
    }
    return drain(depacketizer);
}

inline std::unique_ptr<Depacketizer> depacketizer_of(const Format& format)
{
    auto made = make_depacketizer(format, media::track_id(format.kind, 0));
    EXPECT_TRUE(made);
    return made ? std::move(*made) : nullptr;
}

/// NAL units as a frame has them.
inline Bytes prefixed(std::initializer_list<Bytes> units)
{
    Bytes out;
    ByteWriter writer{out};
    for (const auto& unit : units) {
        writer.u32(static_cast<std::uint32_t>(unit.size()));
        writer.bytes(unit);
    }
    return out;
}

inline SharedBytes shared(Bytes bytes)
{
    return SharedBytes{std::move(bytes)};
}

} // namespace millrace::rtp
