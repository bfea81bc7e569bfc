// Movie fragments (ISO/IEC 14496-12 §8.8).
#pragma once

#include "table.hpp"
#include <millrace/base/shared_bytes.hpp>

namespace millrace::mp4 {

/// What `trex` says of a track's samples where fragments do not.
struct FragmentDefaults {
    std::uint32_t number = 0; ///< track_ID.
    std::uint32_t duration = 0;
    std::uint32_t size = 0;
    std::uint32_t flags = 0;
};

/// The defaults of all tracks in `mvex`.
std::vector<FragmentDefaults> read_defaults(ByteView mvex);

/// One `moof`, kept as it stands.
struct Fragment {
    std::uint64_t offset = 0; ///< Of the box in the file.
    SharedBytes body;         ///< Without its head.
};

/// The samples of one track in a fragment. `begin`: the time at which they begin when the fragment does not
/// say. Samples whose bytes are not in the file are left out.
std::vector<RawSample> read_samples(const Fragment& fragment, const FragmentDefaults& defaults,
                                    std::int64_t begin, std::uint64_t file_bytes, const Limits& limits);

} // namespace millrace::mp4
