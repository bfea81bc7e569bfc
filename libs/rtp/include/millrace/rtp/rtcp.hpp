// RTCP packets (RFC 3550 §6), feedback (RFC 4585, RFC 5104) and extended reports (RFC 3611).
#pragma once

#include <millrace/base/reader.hpp>
#include <millrace/rtp/error.hpp>
#include <millrace/rtp/ntp.hpp>
#include <millrace/rtp/quirk.hpp>

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace millrace::rtp::rtcp {

/// RFC 3550 §6.4.1.
struct ReportBlock {
    std::uint32_t ssrc = 0;
    std::uint8_t fraction = 0;     ///< Lost since the last report, in 256ths.
    std::int32_t lost = 0;         ///< In all; negative when there were duplicates.
    std::uint32_t highest = 0;     ///< Sequence number, with cycles.
    std::uint32_t jitter = 0;      ///< Timestamp units.
    std::uint32_t last_report = 0; ///< Middle of the last sender report's NTP time; 0 when there was none.
    std::uint32_t delay = 0;       ///< Since then, in 1/65536 s.

    friend bool operator==(const ReportBlock&, const ReportBlock&) = default;
};

struct SenderReport {
    std::uint32_t ssrc = 0;
    NtpTime ntp;
    std::uint32_t rtp = 0; ///< The same moment on the RTP clock.
    std::uint32_t packets = 0;
    std::uint32_t octets = 0; ///< Of payload.
    std::vector<ReportBlock> blocks;
    Bytes extension; ///< Of the profile.

    friend bool operator==(const SenderReport&, const SenderReport&) = default;
};

struct ReceiverReport {
    std::uint32_t ssrc = 0;
    std::vector<ReportBlock> blocks;
    Bytes extension; ///< Of the profile.

    friend bool operator==(const ReceiverReport&, const ReceiverReport&) = default;
};

enum class SdesType : std::uint8_t { cname = 1, name, email, phone, location, tool, note, priv };

struct SdesItem {
    SdesType type = SdesType::cname;
    std::string text; ///< At most 255 bytes.

    friend bool operator==(const SdesItem&, const SdesItem&) = default;
};

struct SdesChunk {
    std::uint32_t ssrc = 0;
    std::vector<SdesItem> items;

    friend bool operator==(const SdesChunk&, const SdesChunk&) = default;
};

struct Sdes {
    std::vector<SdesChunk> chunks;

    friend bool operator==(const Sdes&, const Sdes&) = default;
};

struct Bye {
    std::vector<std::uint32_t> sources;
    std::string reason; ///< At most 255 bytes.

    friend bool operator==(const Bye&, const Bye&) = default;
};

struct App {
    std::uint8_t subtype = 0;
    std::uint32_t ssrc = 0;
    std::string name; ///< Four characters.
    Bytes data;       ///< Whole words.

    friend bool operator==(const App&, const App&) = default;
};

/// Generic NACK (RFC 4585 §6.2.1).
struct Nack {
    std::uint32_t sender = 0;
    std::uint32_t media = 0;
    std::vector<std::uint16_t> lost; ///< In ascending order, modulo 2^16.

    friend bool operator==(const Nack&, const Nack&) = default;
};

/// Transport-wide feedback: when each packet came, from `base` on.
struct TransportFeedback {
    std::uint32_t sender = 0;
    std::uint32_t media = 0;
    std::uint16_t base = 0;      ///< Transport-wide number of the first packet.
    std::uint32_t reference = 0; ///< 24 bits, times 64 ms.
    std::uint8_t count = 0;      ///< Of feedback packets so far, modulo 256.
    /// For each packet: none when it did not come, else the time since the one before that did (of the first:
    /// since the reference), in units of 250 µs.
    std::vector<std::optional<std::int16_t>> deltas;

    friend bool operator==(const TransportFeedback&, const TransportFeedback&) = default;
};

/// Picture loss indication (RFC 4585 §6.3.1).
struct Pli {
    std::uint32_t sender = 0;
    std::uint32_t media = 0;

    friend bool operator==(const Pli&, const Pli&) = default;
};

/// Full intra request (RFC 5104 §4.3.1).
struct Fir {
    struct Entry {
        std::uint32_t ssrc = 0;
        std::uint8_t sequence = 0; ///< The same number is the same request.

        friend bool operator==(const Entry&, const Entry&) = default;
    };
    std::uint32_t sender = 0;
    std::uint32_t media = 0; ///< Should be 0.
    std::vector<Entry> entries;

    friend bool operator==(const Fir&, const Fir&) = default;
};

/// Receiver estimated maximum bit rate.
struct Remb {
    std::uint32_t sender = 0;
    std::uint32_t media = 0;    ///< Should be 0.
    std::uint64_t bit_rate = 0; ///< Bits a second; written with 18 significant bits.
    std::vector<std::uint32_t> sources;

    friend bool operator==(const Remb&, const Remb&) = default;
};

/// Receiver reference time (RFC 3611 §4.4).
struct ReferenceTime {
    NtpTime ntp;

    friend bool operator==(const ReferenceTime&, const ReferenceTime&) = default;
};

/// Delay since the last receiver report (RFC 3611 §4.5).
struct DelaySinceLast {
    struct Entry {
        std::uint32_t ssrc = 0;
        std::uint32_t last_report = 0;
        std::uint32_t delay = 0; ///< 1/65536 s.

        friend bool operator==(const Entry&, const Entry&) = default;
    };
    std::vector<Entry> entries;

    friend bool operator==(const DelaySinceLast&, const DelaySinceLast&) = default;
};

/// A block of another type, as it stands.
struct OtherBlock {
    std::uint8_t type = 0;
    std::uint8_t specific = 0;
    Bytes data; ///< Whole words.

    friend bool operator==(const OtherBlock&, const OtherBlock&) = default;
};

struct ExtendedReport {
    using Block = std::variant<ReferenceTime, DelaySinceLast, OtherBlock>;
    std::uint32_t ssrc = 0;
    std::vector<Block> blocks;

    friend bool operator==(const ExtendedReport&, const ExtendedReport&) = default;
};

/// A packet of another type or feedback of another format, as it stands behind its first word.
struct Other {
    std::uint8_t type = 0;
    std::uint8_t count = 0; ///< The five bits of the first byte.
    Bytes data;             ///< Whole words.

    friend bool operator==(const Other&, const Other&) = default;
};

using Packet = std::variant<SenderReport, ReceiverReport, Sdes, Bye, App, Nack, TransportFeedback, Pli, Fir,
                            Remb, ExtendedReport, Other>;

constexpr std::size_t kMostBlocks = 31; ///< Of a report, a BYE, an SDES.

/// Reads a compound or reduced-size datagram. A packet that cannot be read is left out, and those behind it
/// are read. Errors: not_rtcp, truncated when not even the first one is whole.
Result<std::vector<Packet>> read_compound(ByteView datagram, QuirkCounts& quirks);

/// Expects: within the limits that the fields tell.
void write(ByteWriter& out, const Packet& packet);

} // namespace millrace::rtp::rtcp
