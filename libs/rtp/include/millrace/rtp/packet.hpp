// RTP packets (RFC 3550 §5.1) and their header extensions (RFC 8285).
#pragma once

#include <millrace/base/reader.hpp>
#include <millrace/base/shared_bytes.hpp>
#include <millrace/rtp/error.hpp>

#include <optional>
#include <vector>

namespace millrace::rtp {

constexpr std::size_t kHeaderBytes = 12; ///< Of a packet without contributors and extension.
constexpr std::size_t kMostSources = 15; ///< Contributors of one packet.

/// One element of a header extension.
struct Element {
    std::uint8_t id = 0; ///< 1 to 14 in the one-byte form, 1 to 255 in the other.
    Bytes data;

    friend bool operator==(const Element&, const Element&) = default;
};

/// A header extension, as it stands.
struct Extension {
    static constexpr std::uint16_t kOneByte = 0xbede;
    static constexpr std::uint16_t kTwoBytes = 0x1000; ///< The low four bits are the application's.

    std::uint16_t profile = kOneByte;
    Bytes data; ///< Whole words.

    friend bool operator==(const Extension&, const Extension&) = default;
};

/// The elements of an extension in either form of RFC 8285 §4.2, §4.3; none of another profile. An element
/// that is cut ends the list.
std::vector<Element> elements(const Extension& extension);
/// The shorter of the two forms that can hold them. Expects: no data longer than 255 bytes, ids not 0.
Extension make_extension(const std::vector<Element>& elements);

/// One RTP packet.
struct Packet {
    bool marker = false;
    std::uint8_t payload_type = 0;
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;
    std::uint32_t ssrc = 0;
    std::vector<std::uint32_t> csrc;
    std::optional<Extension> extension;
    std::uint8_t padding = 0; ///< Bytes of it, with the one that counts them.
    SharedBytes payload;      ///< Without padding.

    friend bool operator==(const Packet&, const Packet&) = default;
};

/// Reads a datagram; the payload is a slice of it. Errors: truncated, bad_version, bad_padding.
Result<Packet> read_packet(const SharedBytes& datagram);
/// Expects: at most kMostSources contributors, an extension of whole words.
void write(ByteWriter& out, const Packet& packet);

/// Whether a datagram on a flow that carries both is RTCP (RFC 5761 §4): by its second byte, 192 to 223.
bool is_rtcp(ByteView datagram);
/// Whether it is one of the datagrams that open a way through a NAT and mean nothing: live555's four bytes,
/// FFmpeg's zeroed header and its empty receiver report of SSRC 0.
bool is_punch(ByteView datagram);

} // namespace millrace::rtp
