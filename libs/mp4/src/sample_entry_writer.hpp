// Sample descriptions, written (ISO/IEC 14496-12 §8.5.2).
#pragma once

#include <millrace/mp4/fragments.hpp>

namespace millrace::mp4 {

/// Appends the one entry of a track's `stsd`.
void write_sample_entry(Bytes& out, const FragmentTrack& track);

} // namespace millrace::mp4
