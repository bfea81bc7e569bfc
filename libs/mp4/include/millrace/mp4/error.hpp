// What makes a file no MP4 that can be played.
#pragma once

#include <millrace/base/result.hpp>

namespace millrace::mp4 {

enum class Errc {
    not_mp4 = 1,   ///< Does not begin with a box that such files begin with.
    no_movie,      ///< No whole `moov` box: the file was never finished, or is cut off.
    bad_box,       ///< A box that is smaller than its own head, or than what it must hold.
    too_big,       ///< Headers and sample tables of more bytes than Limits allow.
    no_tracks,     ///< No track of a kind and codec that is known.
    too_many_boxes ///< More boxes at the top of the file than Limits allow.
};

std::error_code make_error_code(Errc code);

} // namespace millrace::mp4

template <>
struct std::is_error_code_enum<millrace::mp4::Errc> : std::true_type {
};
