// Feedback (types 205 and 206) and extended reports (207).
#pragma once

#include <millrace/rtp/rtcp.hpp>

namespace millrace::rtp::rtcp {

constexpr std::uint8_t kTransportFeedback = 205;
constexpr std::uint8_t kPayloadFeedback = 206;
constexpr std::uint8_t kExtendedReport = 207;

constexpr unsigned kNackFormat = 1;
constexpr unsigned kTransportWideFormat = 15;
constexpr unsigned kPliFormat = 1;
constexpr unsigned kFirFormat = 4;
constexpr unsigned kApplicationFormat = 15;

/// `body` is all of it, for formats that are not known.
Packet read_feedback(std::uint8_t type, unsigned format, ByteView body, ByteReader& in);
Packet read_extended(ByteReader& in);
/// None when what its chunks say and what stands there do not agree.
std::optional<Packet> read_transport_wide(ByteReader& in);

void write_body(ByteWriter& out, const Nack& nack);
void write_body(ByteWriter& out, const TransportFeedback& feedback);
void write_body(ByteWriter& out, const Fir& fir);
void write_body(ByteWriter& out, const Remb& remb);
void write_body(ByteWriter& out, const ExtendedReport& report);

} // namespace millrace::rtp::rtcp
