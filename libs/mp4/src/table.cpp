#include "table.hpp"

#include <algorithm>

namespace millrace::mp4 {
namespace {

/// Longest time of a sample table, in its own units: sums of deltas stay far from overflow.
constexpr std::int64_t kMaxTime = std::int64_t{1} << 60;

Table read_table(ByteView body, std::size_t entry_bytes)
{
    ByteReader in{body};
    read_full_box(in);
    const auto count = in.u32();
    return {in.rest(), count, entry_bytes};
}

void read_sizes(ByteView stbl, SampleTables& tables)
{
    if (const auto stsz = find(stbl, four_cc("stsz")); !stsz.empty()) {
        ByteReader in{stsz};
        read_full_box(in);
        tables.fixed_size = in.u32();
        tables.samples = in.u32();
        if (tables.fixed_size == 0) {
            tables.sizes = {in.rest(), tables.samples, 4};
            tables.samples = static_cast<std::uint32_t>(tables.sizes.size());
        }
        return;
    }
    // stz2 := version:u8 flags:u24 reserved:u24 field-size:u8 count:u32 sizes
    ByteReader in{find(stbl, four_cc("stz2"))};
    read_full_box(in);
    in.skip(3);
    tables.size_bits = in.u8();
    tables.samples = in.u32();
    const bool known = tables.size_bits == 4 || tables.size_bits == 8 || tables.size_bits == 16;
    const auto bytes = in.rest();
    const auto room = known ? bytes.size() * 8 / tables.size_bits : 0;
    tables.samples = static_cast<std::uint32_t>(std::min<std::size_t>(tables.samples, room));
    tables.sizes = {bytes, static_cast<std::uint32_t>(bytes.size()), 1};
}

} // namespace

SampleTables read_sample_tables(ByteView stbl, const Limits& limits)
{
    SampleTables tables;
    tables.times = read_table(find(stbl, four_cc("stts")), 8);
    if (const auto ctts = find(stbl, four_cc("ctts")); !ctts.empty()) {
        tables.compositions = read_table(ctts, 8);
    }
    tables.chunks = read_table(find(stbl, four_cc("stsc")), 12);
    if (const auto stco = find(stbl, four_cc("stco")); !stco.empty()) {
        tables.offsets = read_table(stco, 4);
    } else {
        tables.offsets = read_table(find(stbl, four_cc("co64")), 8);
        tables.large_offsets = true;
    }
    if (const auto stss = find(stbl, four_cc("stss")); !stss.empty()) {
        tables.keys = read_table(stss, 4);
        tables.all_keys = false;
    }
    read_sizes(stbl, tables);
    tables.samples = std::min(tables.samples, limits.samples);
    return tables;
}

TableCursor::TableCursor(const SampleTables& tables, std::uint64_t file_bytes, const Limits& limits)
    : tables_{&tables}, file_bytes_{file_bytes}, most_bytes_{limits.sample_bytes}
{
}

// stsc := first-chunk:u32 samples:u32 description:u32, for all chunks up to the next entry's first
bool TableCursor::enter_chunk()
{
    const auto& t = *tables_;
    while (chunk_left_ == 0) {
        if (chunk_ >= t.offsets.size() || t.chunks.size() == 0) {
            return false;
        }
        while (chunk_entry_ + 1 < t.chunks.size() && t.chunks[chunk_entry_ + 1].u32() <= chunk_ + 1) {
            ++chunk_entry_;
        }
        auto entry = t.chunks[chunk_entry_];
        entry.skip(4);
        chunk_left_ = entry.u32();
        chunk_description_ = entry.u32();
        auto offset = t.offsets[chunk_];
        offset_ = t.large_offsets ? offset.u64() : offset.u32();
        ++chunk_;
    }
    return true;
}

std::uint32_t TableCursor::size_of(std::uint32_t sample) const
{
    const auto& t = *tables_;
    if (t.fixed_size > 0) {
        return t.fixed_size;
    }
    switch (t.size_bits) {
    case 4: return sample % 2 == 0 ? t.sizes[sample / 2].u8() >> 4U : t.sizes[sample / 2].u8() & 15U;
    case 8: return t.sizes[sample].u8();
    case 16: return std::uint32_t{t.sizes[sample * 2UL].u8()} << 8U | t.sizes[sample * 2UL + 1].u8();
    default: return t.sizes[sample].u32();
    }
}

std::int64_t TableCursor::take_duration()
{
    // The last entry goes on when there are more samples than it tells.
    while (time_left_ == 0 && time_entry_ < tables_->times.size()) {
        auto entry = tables_->times[time_entry_++];
        time_left_ = entry.u32();
        delta_ = entry.u32();
    }
    time_left_ -= time_left_ > 0 ? 1 : 0;
    return delta_;
}

std::int64_t TableCursor::take_composition()
{
    while (composition_left_ == 0 && composition_entry_ < tables_->compositions.size()) {
        auto entry = tables_->compositions[composition_entry_++];
        composition_left_ = entry.u32();
        // Quirk: version 0 has unsigned offsets by the text, and negative ones in files of many writers.
        composition_ = static_cast<std::int32_t>(entry.u32());
    }
    if (composition_left_ == 0) {
        return 0;
    }
    --composition_left_;
    return composition_;
}

bool TableCursor::take_key()
{
    if (tables_->all_keys) {
        return true;
    }
    const auto number = sample_ + 1; // Counted from 1.
    while (key_entry_ < tables_->keys.size() && tables_->keys[key_entry_].u32() < number) {
        ++key_entry_;
    }
    return key_entry_ < tables_->keys.size() && tables_->keys[key_entry_].u32() == number;
}

std::optional<RawSample> TableCursor::next()
{
    while (sample_ < tables_->samples && dts_ < kMaxTime && enter_chunk()) {
        RawSample raw{.offset = offset_, .size = size_of(sample_), .dts = dts_};
        raw.key = take_key();
        raw.duration = take_duration();
        raw.composition = take_composition();
        const bool wanted = chunk_description_ == tables_->description && raw.size <= most_bytes_ &&
                            raw.offset <= file_bytes_ && raw.size <= file_bytes_ - raw.offset;
        dts_ += raw.duration;
        offset_ += raw.size;
        --chunk_left_;
        ++sample_;
        if (wanted) {
            return raw;
        }
    }
    return std::nullopt;
}

} // namespace millrace::mp4
