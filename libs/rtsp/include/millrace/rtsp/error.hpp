// What can go wrong in an RTSP conversation.
#pragma once

#include <system_error>

namespace millrace::rtsp {

enum class Errc {
    bad_message = 1,  ///< Bytes that begin no request, response or interleaved frame.
    uri_too_long,     ///< A start line longer than Limits::start_line.
    head_too_big,     ///< Headers, one of them or all, beyond the limits.
    body_too_big,     ///< A Content-Length beyond Limits::body.
    bad_length,       ///< A Content-Length that is no number.
    no_sync,          ///< Nothing that looks like RTSP within Limits::resync (client role).
    bad_uri,          ///< Not SCHEME://HOST[:PORT]/PATH.
    bad_transport,    ///< A Transport header without any specification.
    bad_range,        ///< A Range whose times cannot be read, or whose end is before its begin.
    unknown_unit,     ///< A Range in a unit other than npt, smpte and clock.
    too_much_pending, ///< More requests that were not answered than the limits allow.
    wrong_state,      ///< A command that nobody asked for.
    idle_timeout,     ///< The peer asked for nothing in time.
    answer_timeout,   ///< The server did not answer in time (client role).
    refused,          ///< The server refused; the event says what it said.
    disconnected,     ///< We ended the conversation.
};

std::error_code make_error_code(Errc code);

} // namespace millrace::rtsp

template <>
struct std::is_error_code_enum<millrace::rtsp::Errc> : std::true_type {
};
