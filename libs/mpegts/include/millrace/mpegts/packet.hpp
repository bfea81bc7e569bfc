// Transport packets: the 188 bytes of which everything consists (ISO/IEC 13818-1 §2.4.3.2).
#pragma once

#include <millrace/base/bytes.hpp>

namespace millrace::mpegts {

constexpr std::size_t kPacketBytes = 188;
constexpr std::uint8_t kSyncByte = 0x47;

constexpr std::uint16_t kNullPid = 0x1fff;

/// Appends a packet that says nothing (§2.4.1).
void write_null_packet(Bytes& out);

/// Fills a whole number of packets up to `packets` with null packets.
///
/// Quirk: FFmpeg takes a file of six packets for MPEG program stream and refuses it; 24 packets are enough.
void pad(Bytes& out, std::size_t packets = 24);

} // namespace millrace::mpegts
