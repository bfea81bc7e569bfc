// Program specific information: which streams there are, and where (ISO/IEC 13818-1 §2.4.4).
#pragma once

#include <millrace/base/bytes.hpp>

#include <optional>
#include <vector>

namespace millrace::mpegts {

constexpr std::uint16_t kPatPid = 0;
constexpr std::uint16_t kPmtPid = 0x1000;

/// CRC-32/MPEG-2: zero over a section that ends with its own.
std::uint32_t crc32(ByteView bytes);

/// ISO/IEC 13818-1 table 2-34, and what others have registered beside it.
enum class StreamType : std::uint8_t {
    mpeg1_audio = 0x03,
    mpeg2_audio = 0x04,
    private_pes = 0x06,
    adts = 0x0f,
    latm = 0x11,
    metadata = 0x15,
    h264 = 0x1b,
    h265 = 0x24,
    ac3 = 0x81,
    eac3 = 0x87,
};

struct ProgramStream {
    StreamType type = {};
    std::uint16_t pid = 0;
    Bytes descriptors;

    friend bool operator==(const ProgramStream&, const ProgramStream&) = default;
};

/// One program map (§2.4.4.9).
struct ProgramMap {
    std::uint16_t program = 1;
    std::uint8_t version = 0;
    std::uint16_t pcr_pid = kNoPcr;
    Bytes descriptors;
    std::vector<ProgramStream> streams;

    static constexpr std::uint16_t kNoPcr = 0x1fff;
    friend bool operator==(const ProgramMap&, const ProgramMap&) = default;
};

/// One program association of a table (§2.4.4.4).
struct Association {
    std::uint16_t program = 0;
    std::uint16_t pid = 0;

    friend bool operator==(const Association&, const Association&) = default;
};

/// A whole section with its CRC. Expects: the section is no longer than the 183 bytes of one packet.
Bytes write_program_association(const Association& association);
Bytes write_program_map(const ProgramMap& map);

/// What a section without its CRC says; none when it is another table's, is not valid yet, or is cut.
std::optional<std::vector<Association>> read_program_associations(ByteView section);
std::optional<ProgramMap> read_program_map(ByteView section);

} // namespace millrace::mpegts
