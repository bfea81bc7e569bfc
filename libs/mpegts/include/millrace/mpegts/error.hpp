// What makes bytes no transport stream at all.
#pragma once

#include <millrace/base/result.hpp>

namespace millrace::mpegts {

enum class Errc {
    not_ts = 1, ///< No sync bytes a packet apart, as far as one looks for them.
};

std::error_code make_error_code(Errc code);

} // namespace millrace::mpegts

template <>
struct std::is_error_code_enum<millrace::mpegts::Errc> : std::true_type {
};
