#include "box_writer.hpp"
#include "sample_entry_writer.hpp"
#include <millrace/mp4/fragments.hpp>

#include <algorithm>

namespace millrace::mp4 {
namespace {

using media::Kind;

constexpr std::uint32_t kSync = 0x02000000;    ///< Depends on no other sample.
constexpr std::uint32_t kNonSync = 0x01010000; ///< Depends on others, and is no sync sample.

void write_matrix(ByteWriter& out)
{
    for (const std::uint32_t value : {0x00010000U, 0U, 0U, 0U, 0x00010000U, 0U, 0U, 0U, 0x40000000U}) {
        out.u32(value);
    }
}

// mvhd := version:u8 flags:u24 created:u32 modified:u32 timescale:u32 duration:u32 rate:u32 volume:u16 …
void write_mvhd(Bytes& out, std::uint32_t next_track)
{
    const BoxWriter box{out, "mvhd", 0, 0};
    ByteWriter writer{out};
    write_zeros(out, 8);
    writer.u32(1000);
    writer.u32(0);
    writer.u32(0x00010000);
    writer.u16(0x0100);
    write_zeros(out, 10);
    write_matrix(writer);
    write_zeros(out, 24);
    writer.u32(next_track);
}

// tkhd := version:u8 flags:u24 created:u32 modified:u32 id:u32 0:u32 duration:u32 0:u64 layer:u16 group:u16
//         volume:u16 0:u16 matrix width:u32 height:u32
void write_tkhd(Bytes& out, const FragmentTrack& track)
{
    const BoxWriter box{out, "tkhd", 0, 3};
    ByteWriter writer{out};
    const bool sound = track.track.kind == Kind::audio;
    write_zeros(out, 8);
    writer.u32(track.id);
    write_zeros(out, 4 + 4 + 8 + 2);
    writer.u16(sound ? 1 : 0);
    writer.u16(sound ? 0x0100 : 0);
    writer.u16(0);
    write_matrix(writer);
    writer.u32(sound ? 0 : track.track.width << 16U);
    writer.u32(sound ? 0 : track.track.height << 16U);
}

void write_hdlr(Bytes& out, const FragmentTrack& track)
{
    const BoxWriter box{out, "hdlr", 0, 0};
    ByteWriter writer{out};
    writer.u32(0);
    writer.text(track.track.kind == Kind::audio ? "soun" : "vide");
    write_zeros(out, 12 + 1);
}

void write_tables(Bytes& out, const FragmentTrack& track)
{
    const BoxWriter stbl{out, "stbl"};
    {
        const BoxWriter stsd{out, "stsd", 0, 0};
        ByteWriter{out}.u32(1);
        write_sample_entry(out, track);
    }
    {
        const BoxWriter stts{out, "stts", 0, 0};
        write_zeros(out, 4);
    }
    {
        const BoxWriter stsc{out, "stsc", 0, 0};
        write_zeros(out, 4);
    }
    {
        const BoxWriter stsz{out, "stsz", 0, 0};
        write_zeros(out, 8);
    }
    {
        const BoxWriter stco{out, "stco", 0, 0};
        write_zeros(out, 4);
    }
}

void write_media(Bytes& out, const FragmentTrack& track)
{
    constexpr std::uint16_t kUndetermined = 0x55c4; ///< "und", five bits a letter.
    const BoxWriter mdia{out, "mdia"};
    ByteWriter writer{out};
    {
        const BoxWriter mdhd{out, "mdhd", 0, 0};
        write_zeros(out, 8);
        writer.u32(track.timescale);
        writer.u32(0);
        writer.u16(kUndetermined);
        writer.u16(0);
    }
    write_hdlr(out, track);
    const BoxWriter minf{out, "minf"};
    if (track.track.kind == Kind::audio) {
        const BoxWriter smhd{out, "smhd", 0, 0};
        write_zeros(out, 4);
    } else {
        const BoxWriter vmhd{out, "vmhd", 0, 1};
        write_zeros(out, 8);
    }
    {
        const BoxWriter dinf{out, "dinf"};
        const BoxWriter dref{out, "dref", 0, 0};
        writer.u32(1);
        const BoxWriter url{out, "url ", 0, 1};
    }
    write_tables(out, track);
}

bool uniform(const FragmentRun& run)
{
    const auto& first = run.samples.front();
    return std::ranges::all_of(run.samples, [&](const FragmentSample& sample) {
        return sample.duration == first.duration && sample.composition == 0 && sample.key;
    });
}

std::size_t payload_bytes(const FragmentRun& run)
{
    std::size_t sum = 0;
    for (const auto& sample : run.samples) {
        sum += sample.payload.size();
    }
    return sum;
}

/// Gives the place of the run's data offset, to be filled in when the size of `moof` is known.
// tfhd := flags:u24 track:u32 [duration:u32] [flags:u32]      ISO/IEC 14496-12 §8.8.7
// tfdt := version:u8(1) time:u64                              §8.8.12
// trun := flags:u24 count:u32 offset:s32 ([duration:u32] size:u32 [flags:u32] [composition:s32])*    §8.8.8
std::size_t write_run(Bytes& out, const FragmentRun& run)
{
    constexpr std::uint32_t kBaseIsMoof = 0x020000;
    const bool plain = run.kind == Kind::audio && uniform(run);
    const BoxWriter traf{out, "traf"};
    ByteWriter writer{out};
    {
        const BoxWriter tfhd{out, "tfhd", 0, kBaseIsMoof | (plain ? 0x28U : 0U)};
        writer.u32(run.id);
        if (plain) {
            writer.u32(run.samples.front().duration);
            writer.u32(kSync);
        }
    }
    {
        const BoxWriter tfdt{out, "tfdt", 1, 0};
        writer.u64(run.begin);
    }
    const BoxWriter trun{out, "trun", plain ? std::uint8_t{0} : std::uint8_t{1}, plain ? 0x201U : 0xf01U};
    writer.u32(static_cast<std::uint32_t>(run.samples.size()));
    const auto place = out.size();
    writer.u32(0);
    for (const auto& sample : run.samples) {
        if (!plain) {
            writer.u32(sample.duration);
        }
        writer.u32(static_cast<std::uint32_t>(sample.payload.size()));
        if (!plain) {
            writer.u32(sample.key ? kSync : kNonSync);
            writer.u32(static_cast<std::uint32_t>(sample.composition));
        }
    }
    return place;
}

void put_u32(Bytes& out, std::size_t place, std::size_t value)
{
    for (std::size_t i = 0; i < 4; ++i) {
        out[place + i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
    }
}

} // namespace

Bytes write_initialisation(std::span<const FragmentTrack> tracks)
{
    Bytes out;
    ByteWriter writer{out};
    {
        const BoxWriter ftyp{out, "ftyp"};
        writer.text("iso6");
        writer.u32(0);
        writer.text("iso6mp41");
    }
    const BoxWriter moov{out, "moov"};
    std::uint32_t next_track = 1;
    for (const auto& track : tracks) {
        next_track = std::max(next_track, track.id + 1);
    }
    write_mvhd(out, next_track);
    for (const auto& track : tracks) {
        const BoxWriter trak{out, "trak"};
        write_tkhd(out, track);
        write_media(out, track);
    }
    const BoxWriter mvex{out, "mvex"};
    for (const auto& track : tracks) {
        const BoxWriter trex{out, "trex", 0, 0};
        writer.u32(track.id);
        writer.u32(1);
        write_zeros(out, 12);
    }
    return out;
}

SharedBytes segment_type()
{
    Bytes out;
    {
        const BoxWriter styp{out, "styp"};
        ByteWriter writer{out};
        writer.text("msdh");
        writer.u32(0);
        writer.text("msdhmsix");
    }
    return SharedBytes{std::move(out)};
}

SharedBytes write_event(const FragmentEvent& event)
{
    constexpr std::uint32_t kUnknownDuration = 0xffffffff;
    Bytes out;
    {
        const BoxWriter emsg{out, "emsg", 1, 0};
        ByteWriter writer{out};
        writer.u32(event.timescale);
        writer.u64(event.time);
        writer.u32(kUnknownDuration);
        writer.u32(event.id);
        writer.text(event.scheme);
        writer.u8(0);
        writer.u8(0); // No value.
        writer.bytes(event.message);
    }
    return SharedBytes{std::move(out)};
}

void write_fragment(std::uint32_t sequence, std::span<const FragmentRun> runs, media::Pieces& out)
{
    constexpr std::size_t kBoxHead = 8;
    Bytes head;
    std::vector<std::size_t> places;
    std::size_t payload = 0;
    {
        const BoxWriter moof{head, "moof"};
        {
            const BoxWriter mfhd{head, "mfhd", 0, 0};
            ByteWriter{head}.u32(sequence);
        }
        for (const auto& run : runs) {
            if (!run.samples.empty()) {
                places.push_back(write_run(head, run));
            }
        }
    }
    auto offset = head.size() + kBoxHead;
    auto place = places.begin();
    for (const auto& run : runs) {
        if (!run.samples.empty()) {
            put_u32(head, *place++, offset);
            offset += payload_bytes(run);
            payload += payload_bytes(run);
        }
    }
    ByteWriter writer{head};
    writer.u32(static_cast<std::uint32_t>(payload + kBoxHead));
    writer.text("mdat");
    out.emplace_back(std::move(head));
    for (const auto& run : runs) {
        for (const auto& sample : run.samples) {
            if (!sample.payload.empty()) {
                out.push_back(sample.payload);
            }
        }
    }
}

} // namespace millrace::mp4
