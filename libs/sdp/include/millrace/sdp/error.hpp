// What can be wrong with a session description.
#pragma once

#include <millrace/base/result.hpp>

namespace millrace::sdp {

enum class Errc {
    too_big = 1,    ///< More bytes than Limits::bytes.
    too_many_media, ///< More media than Limits::media.
    too_many_lines, ///< More attributes of one medium than Limits::attributes.
    not_sdp,        ///< Not one line that a session description has.
};

std::error_code make_error_code(Errc code);

} // namespace millrace::sdp

template <>
struct std::is_error_code_enum<millrace::sdp::Errc> : std::true_type {
};
