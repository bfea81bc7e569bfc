// What a peer can do wrong in RTMP.
#pragma once

#include <millrace/base/result.hpp>

namespace millrace::rtmp {

enum class Errc {
    not_rtmp = 1,           ///< The first byte is no RTMP version (§5.2.2).
    unsupported_version,    ///< RTMPE was asked for and is not enabled here.
    orphan_chunk,           ///< A chunk continues a chunk stream that has no header yet (§5.3.1.2).
    interrupted_message,    ///< A new header stands inside an unfinished message (§5.3.1.2).
    bad_chunk_size,         ///< Set Chunk Size of 0 (§5.4.1).
    bad_control_message,    ///< A protocol control message of the wrong length (§5.4).
    message_too_big,        ///< Longer than Limits allow.
    too_many_chunk_streams, ///< More chunk streams than Limits allow.
    too_much_pending,       ///< More that is unfinished, unanswered or not taken than Limits allow.
    bad_command,            ///< A command message that is no AMF0 command (§7.1).
    bad_shared_object,      ///< A shared object message that contradicts itself (§7.1.3).
    bad_stored_object,      ///< A file of a shared object that was not written so.
    wrong_state,            ///< A command that is not allowed now, such as publish before connect.
    too_many_streams,       ///< More message streams than Limits allow.
    handshake_timeout,      ///< The peer did not finish the handshake in time.
    connect_timeout,        ///< The peer did not send connect in time.
    idle_timeout,           ///< The peer connected and then asked for nothing in time.
    ping_timeout,           ///< The peer answers no ping and sends nothing.
    answer_timeout,         ///< The server did not answer a command in time (client role).
    no_digest,              ///< An RTMPE block has no valid digest, so that its key cannot be found.
    bad_public_key,         ///< A Diffie-Hellman key outside of 2..p-2 (RTMPE).
    no_key_agreed,          ///< Our random source gave no usable key (RTMPE).
    not_encrypted,          ///< The server answered RTMPE with plain RTMP (client role).
    swf_not_verified,       ///< The client did not prove in time that it is one of the SWF files allowed.
    bad_swf,                ///< A file that is no SWF file, or none that can be read whole.
    auth_failed,  ///< The server does not take the password, or offers no way we know (client role).
    no_such_user, ///< The server does not know the user (client role).
    refused,      ///< The server refused (client role); its description is in the event.
    disconnected, ///< We ended the session.
};

std::error_code make_error_code(Errc code);

} // namespace millrace::rtmp

template <>
struct std::is_error_code_enum<millrace::rtmp::Errc> : std::true_type {
};
