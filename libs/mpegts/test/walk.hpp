// Reads packets in the plainest way, beside the demuxer, to hold the muxer to the rules.
#pragma once

#include "material.hpp"

#include <gtest/gtest.h>

#include <map>

namespace millrace::mpegts {

struct Packet {
    std::uint16_t pid = 0;
    bool start = false;
    bool random_access = false;
    bool discontinuity = false;
    unsigned counter = 0;
    std::optional<Ticks> pcr;
    Bytes payload;
};

inline std::vector<Packet> walk(ByteView bytes)
{
    EXPECT_EQ(bytes.size() % kPacketBytes, 0U);
    std::vector<Packet> packets;
    for (; bytes.size() >= kPacketBytes; bytes = bytes.subspan(kPacketBytes)) {
        EXPECT_EQ(bytes[0], kSyncByte);
        Packet packet{.pid = static_cast<std::uint16_t>((bytes[1] & 0x1fU) << 8U | bytes[2]),
                      .start = (bytes[1] & 0x40U) != 0,
                      .counter = bytes[3] & 15U};
        std::size_t at = 4;
        if ((bytes[3] & 0x20U) != 0) {
            const std::size_t size = bytes[4];
            packet.random_access = size > 0 && (bytes[5] & 0x40U) != 0;
            packet.discontinuity = size > 0 && (bytes[5] & 0x80U) != 0;
            if (size > 0 && (bytes[5] & 0x10U) != 0) {
                packet.pcr = read_pcr(&bytes[6]) / 300;
            }
            at += 1 + size;
        }
        if ((bytes[3] & 0x10U) != 0) {
            packet.payload = to_bytes(bytes.subspan(at, kPacketBytes - at));
        }
        packets.push_back(std::move(packet));
    }
    return packets;
}

/// ISO/IEC 13818-1 §2.4.3.3: one more with each payload, over everything that was written.
inline void expect_continuity(const std::vector<Packet>& packets)
{
    std::map<std::uint16_t, unsigned> next;
    for (const auto& packet : packets) {
        const auto known = next.find(packet.pid);
        if (packet.payload.empty()) {
            EXPECT_EQ(packet.counter, known == next.end() ? 15U : (known->second + 15U) % 16U);
            continue;
        }
        if (known != next.end()) {
            EXPECT_EQ(packet.counter, known->second) << packet.pid;
        }
        next[packet.pid] = (packet.counter + 1) % 16;
    }
}

/// Whole PES packets of one PID.
inline std::vector<Bytes> pes_of(const std::vector<Packet>& packets, std::uint16_t pid)
{
    std::vector<Bytes> found;
    for (const auto& packet : packets) {
        if (packet.pid == pid && packet.start) {
            found.emplace_back();
        }
        if (packet.pid == pid && !found.empty()) {
            found.back() = found.back() + packet.payload;
        }
    }
    return found;
}

} // namespace millrace::mpegts
