// What makes a file or stream no FLV at all.
#pragma once

#include <millrace/base/result.hpp>

namespace millrace::flv {

enum class Errc {
    not_flv = 1, ///< Does not begin with "FLV".
    bad_header,  ///< A header that is shorter than itself, or absurdly long.
};

std::error_code make_error_code(Errc code);

} // namespace millrace::flv

template <>
struct std::is_error_code_enum<millrace::flv::Errc> : std::true_type {
};
