// The sample tables of a track in a progressive file, read where they stand (ISO/IEC 14496-12 §8.6, §8.7).
#pragma once

#include "box.hpp"
#include <millrace/mp4/movie.hpp>

#include <algorithm>

namespace millrace::mp4 {

/// A sample in the units of its track.
struct RawSample {
    std::uint64_t offset = 0;
    std::uint32_t size = 0;
    std::int64_t dts = 0;
    std::int64_t duration = 0;
    std::int64_t composition = 0;
    bool key = true;
};

/// A table of entries of a fixed size; no more entries than there are bytes for.
class Table {
public:
    Table() = default;
    Table(ByteView entries, std::uint32_t count, std::size_t entry_bytes)
        : entries_{entries}, entry_bytes_{entry_bytes}, count_{std::min<std::size_t>(count, entries.size() /
                                                                                                entry_bytes)}
    {
    }

    std::size_t size() const { return count_; }
    /// Expects: index < size().
    ByteReader operator[](std::size_t index) const
    {
        return ByteReader{entries_.subspan(index * entry_bytes_, entry_bytes_)};
    }

private:
    ByteView entries_;
    std::size_t entry_bytes_ = 1;
    std::size_t count_ = 0;
};

/// The boxes of one `stbl`. Views of the bytes that it was read from.
struct SampleTables {
    Table times;        ///< stts: count, delta.
    Table compositions; ///< ctts: count, offset.
    bool signed_compositions = false;
    Table chunks;  ///< stsc: first chunk, samples, description.
    Table offsets; ///< stco or co64.
    bool large_offsets = false;
    Table sizes; ///< stsz or stz2; empty when all have `fixed_size`.
    unsigned size_bits = 32;
    std::uint32_t fixed_size = 0;
    std::uint32_t samples = 0;     ///< As far as tables and limits allow.
    Table keys;                    ///< stss.
    bool all_keys = true;          ///< There is no stss.
    std::uint32_t description = 1; ///< Samples of another one are left out.
};

SampleTables read_sample_tables(ByteView stbl, const Limits& limits);

/// Walks through the tables. Small and copyable, so that a place can be remembered.
class TableCursor {
public:
    TableCursor(const SampleTables& tables, std::uint64_t file_bytes, const Limits& limits);

    /// The next sample whose bytes stand in the file; none at the end.
    std::optional<RawSample> next();
    /// Where the sample after the last one begins.
    std::int64_t time() const { return dts_; }

private:
    bool enter_chunk();
    std::uint32_t size_of(std::uint32_t sample) const;
    std::int64_t take_duration();
    std::int64_t take_composition();
    bool take_key();

    const SampleTables* tables_;
    std::uint64_t file_bytes_;
    std::uint32_t most_bytes_;
    std::uint32_t sample_ = 0;
    std::int64_t dts_ = 0;
    std::size_t time_entry_ = 0;
    std::uint32_t time_left_ = 0;
    std::int64_t delta_ = 0;
    std::size_t composition_entry_ = 0;
    std::uint32_t composition_left_ = 0;
    std::int64_t composition_ = 0;
    std::size_t chunk_ = 0;       ///< The next chunk.
    std::size_t chunk_entry_ = 0; ///< Of stsc, for that chunk.
    std::uint32_t chunk_left_ = 0;
    std::uint32_t chunk_description_ = 1;
    std::uint64_t offset_ = 0;
    std::size_t key_entry_ = 0;
};

} // namespace millrace::mp4
