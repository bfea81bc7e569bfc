#include "psi.hpp"

#include <millrace/base/reader.hpp>

#include <array>

namespace millrace::mpegts {
namespace {

constexpr std::array<std::uint32_t, 256> make_table()
{
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < table.size(); ++i) {
        auto value = i << 24U;
        for (int bit = 0; bit < 8; ++bit) {
            value = (value << 1U) ^ ((value & 0x80000000U) != 0 ? 0x04c11db7U : 0U);
        }
        table[i] = value;
    }
    return table;
}

constexpr auto kTable = make_table();
constexpr std::size_t kLengthAt = 1;
constexpr std::size_t kHeadBytes = 3;
constexpr std::size_t kCrcBytes = 4;

void finish(Bytes& section)
{
    const auto length = section.size() - kHeadBytes + kCrcBytes;
    section[kLengthAt] = static_cast<std::uint8_t>(0xb0U | length >> 8U);
    section[kLengthAt + 1] = static_cast<std::uint8_t>(length);
    ByteWriter{section}.u32(crc32(section));
}

void write_length(ByteWriter& out, std::size_t length)
{
    out.u16(static_cast<std::uint16_t>(0xf000U | length));
}

} // namespace

std::uint32_t crc32(ByteView bytes)
{
    std::uint32_t value = 0xffffffffU;
    for (const auto byte : bytes) {
        value = value << 8U ^ kTable[(value >> 24U ^ byte) & 0xffU];
    }
    return value;
}

// section := table:u8 1011:u4 length:u12 id:u16 11:u2 version:u5 current:u1 number:u8 last:u8 body crc:u32
// body    := (program:u16 111:u3 pid:u13)*
Bytes write_program_association(const Association& association)
{
    Bytes section;
    ByteWriter out{section};
    out.u8(0);
    out.u16(0);
    out.u16(1);   // transport stream id
    out.u8(0xc1); // version 0, valid now
    out.u16(0);   // section 0 of 0
    out.u16(association.program);
    out.u16(static_cast<std::uint16_t>(0xe000U | association.pid));
    finish(section);
    return section;
}

// body := 111:u3 pcr-pid:u13 1111:u4 length:u12 descriptors (type:u8 111:u3 pid:u13 1111:u4 length:u12
// descriptors)*
Bytes write_program_map(const ProgramMap& map)
{
    Bytes section;
    ByteWriter out{section};
    out.u8(2);
    out.u16(0);
    out.u16(map.program);
    out.u8(static_cast<std::uint8_t>(0xc1U | map.version << 1U));
    out.u16(0);
    out.u16(static_cast<std::uint16_t>(0xe000U | map.pcr_pid));
    write_length(out, map.descriptors.size());
    out.bytes(map.descriptors);
    for (const auto& stream : map.streams) {
        out.u8(static_cast<std::uint8_t>(stream.type));
        out.u16(static_cast<std::uint16_t>(0xe000U | stream.pid));
        write_length(out, stream.descriptors.size());
        out.bytes(stream.descriptors);
    }
    finish(section);
    return section;
}

std::optional<std::vector<Association>> read_program_associations(ByteView section)
{
    constexpr std::size_t kEntryBytes = 4;
    ByteReader in{section};
    const auto table = in.u8();
    in.skip(4);
    const bool current = (in.u8() & 1U) != 0;
    in.skip(2);
    if (!in.ok() || table != 0 || !current) {
        return std::nullopt;
    }
    std::vector<Association> associations;
    while (in.remaining() >= kEntryBytes) {
        const auto program = in.u16();
        const auto pid = static_cast<std::uint16_t>(in.u16() & 0x1fffU);
        if (program != 0) { // the network's table
            associations.push_back({program, pid});
        }
    }
    return associations;
}

std::optional<ProgramMap> read_program_map(ByteView section)
{
    constexpr std::size_t kEntryBytes = 5;
    ByteReader in{section};
    ProgramMap map;
    const auto table = in.u8();
    in.skip(2);
    map.program = in.u16();
    const unsigned version = in.u8();
    in.skip(2);
    map.pcr_pid = in.u16() & 0x1fffU;
    map.descriptors = to_bytes(in.bytes(in.u16() & 0x0fffU));
    if (!in.ok() || table != 2 || (version & 1U) == 0) {
        return std::nullopt;
    }
    map.version = static_cast<std::uint8_t>(version >> 1U & 31U);
    while (in.remaining() >= kEntryBytes) {
        ProgramStream stream{.type = static_cast<StreamType>(in.u8())};
        stream.pid = in.u16() & 0x1fffU;
        stream.descriptors = to_bytes(in.bytes(in.u16() & 0x0fffU));
        if (!in.ok()) {
            return std::nullopt;
        }
        map.streams.push_back(std::move(stream));
    }
    return map;
}

} // namespace millrace::mpegts
