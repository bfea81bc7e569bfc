// What can be wrong with a codec's configuration or header.
#pragma once

#include <millrace/base/result.hpp>

namespace millrace::codec {

enum class Errc {
    truncated = 1, ///< The layout ends after the bytes do.
    bad_version,   ///< A configuration record of a version that is not known.
    bad_value,     ///< A field holds what its specification does not allow.
    wrong_kind,    ///< Not the thing that was asked for: another NAL unit type, no sync word.
};

std::error_code make_error_code(Errc code);

} // namespace millrace::codec

template <>
struct std::is_error_code_enum<millrace::codec::Errc> : std::true_type {
};
