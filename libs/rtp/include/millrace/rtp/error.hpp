// What can be wrong with a datagram or a payload format.
#pragma once

#include <millrace/base/result.hpp>

namespace millrace::rtp {

enum class Errc {
    truncated = 1,      ///< The layout ends after the bytes do.
    bad_version,        ///< Not version 2.
    bad_padding,        ///< More padding than payload, or none where there must be some.
    not_rtcp,           ///< The first packet of a compound is not RTCP.
    bad_value,          ///< A field holds what its specification does not allow.
    unsupported_format, ///< A medium of which no payload format is known here.
};

std::error_code make_error_code(Errc code);

} // namespace millrace::rtp

template <>
struct std::is_error_code_enum<millrace::rtp::Errc> : std::true_type {
};
