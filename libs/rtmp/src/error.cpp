#include <millrace/rtmp/error.hpp>

namespace millrace::rtmp {

namespace {

class Category : public std::error_category {
public:
    const char* name() const noexcept override { return "rtmp"; }

    std::string message(int code) const override
    {
        switch (static_cast<Errc>(code)) {
        case Errc::not_rtmp: return "first byte is no RTMP version, which is 3 (or another below 32)";
        case Errc::unsupported_version:
            return "peer asks for RTMPE (version 6, 8 or 9), which is not enabled here";
        case Errc::orphan_chunk: return "chunk continues a chunk stream that has no header yet";
        case Errc::interrupted_message:
            return "new header stands inside an unfinished message, where only a type 3 chunk may follow";
        case Errc::bad_chunk_size: return "chunk size is 0, expected 1 to 16777215";
        case Errc::bad_control_message:
            return "protocol control message is shorter than its fields, or they contradict each other";
        case Errc::message_too_big: return "message is longer than the limit for its type";
        case Errc::too_many_chunk_streams: return "more chunk streams than the limit";
        case Errc::too_much_pending:
            return "more is unfinished, unanswered or not taken than the limits allow";
        case Errc::bad_command:
            return "command message does not begin with an AMF0 name and transaction number";
        case Errc::bad_shared_object: return "shared object message is cut short or contradicts itself";
        case Errc::bad_stored_object: return "stored shared object is damaged";
        case Errc::wrong_state: return "command is not allowed in this state";
        case Errc::too_many_streams: return "more message streams than the limit";
        case Errc::handshake_timeout: return "peer did not finish the handshake in time";
        case Errc::connect_timeout: return "peer did not send connect in time";
        case Errc::idle_timeout: return "peer asked for nothing in time after connect";
        case Errc::ping_timeout: return "peer answers no ping and sends nothing";
        case Errc::answer_timeout: return "server did not answer a command in time";
        case Errc::no_digest:
            return "RTMPE block has no valid digest, so that its public key cannot be found";
        case Errc::bad_public_key: return "RTMPE public key is out of range, expected 2 to p-2";
        case Errc::no_key_agreed: return "random source gives no usable RTMPE key";
        case Errc::not_encrypted: return "server answered RTMPE with plain RTMP; use rtmp:// if that will do";
        case Errc::swf_not_verified:
            return "client did not prove in time that it is one of the SWF files allowed here";
        case Errc::bad_swf:
            return "file is no whole SWF file, plain (FWS) or compressed (CWS), of 64 MiB at most";
        case Errc::auth_failed: return "server does not accept this user and password";
        case Errc::no_such_user: return "server does not know this user";
        case Errc::refused: return "server refused";
        case Errc::disconnected: return "session was ended from our side";
        }
        return "unknown error";
    }
};

} // namespace

std::error_code make_error_code(Errc code)
{
    static const Category kCategory;
    return {static_cast<int>(code), kCategory};
}

} // namespace millrace::rtmp
