// What can be wrong with a recording besides what the system says.
#pragma once

#include <millrace/base/result.hpp>

namespace millrace::store {

enum class Errc {
    bad_name = 1,  ///< A name that could leave its folder, or that no file can have.
    not_found,     ///< No file of that name.
    not_a_file,    ///< A folder, a device, a symbolic link.
    unknown_form,  ///< Neither FLV nor MP4.
    busy,          ///< Is being recorded already.
    limit_reached, ///< As long or as big as a recording may become.
    too_slow,      ///< The disk takes less than the stream brings.
    stopping,      ///< The house is closing.
};

std::error_code make_error_code(Errc code);

/// What the last system call said.
Error last_system_error();

} // namespace millrace::store

template <>
struct std::is_error_code_enum<millrace::store::Errc> : std::true_type {
};
