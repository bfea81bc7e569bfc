// How many pictures a decoder holds back, because they are shown in another order than they are decoded in.
#pragma once

#include <millrace/base/bytes.hpp>

#include <cstddef>

namespace millrace::codec {

/// max_num_reorder_frames of the first SPS of an avcC (H.264 §E.2.1); 0 when nothing tells it.
std::size_t h264_reorder_depth(ByteView config);

/// sps_max_num_reorder_pics of the highest sub-layer of the SPS of an hvcC (H.265 §7.4.3.2.1); 0 when nothing
/// tells it.
std::size_t h265_reorder_depth(ByteView config);

} // namespace millrace::codec
