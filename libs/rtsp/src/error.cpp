#include <millrace/rtsp/error.hpp>

#include <string>

namespace millrace::rtsp {
namespace {

class Category : public std::error_category {
public:
    const char* name() const noexcept override { return "rtsp"; }

    std::string message(int code) const override
    {
        switch (static_cast<Errc>(code)) {
        case Errc::bad_message: return "expected a request, a response or '$' and an interleaved frame";
        case Errc::uri_too_long: return "start line is longer than the limit";
        case Errc::head_too_big: return "headers are longer or more than the limit";
        case Errc::body_too_big: return "body is longer than the limit";
        case Errc::bad_length: return "Content-Length is no decimal number";
        case Errc::no_sync: return "nothing that the server sends is RTSP";
        case Errc::bad_uri: return "URL is not of the form rtsp://HOST[:PORT]/PATH";
        case Errc::bad_transport: return "Transport header names no transport";
        case Errc::bad_range: return "Range cannot be read, or ends before it begins";
        case Errc::unknown_unit: return "Range has a unit other than npt, smpte, smpte-25 and clock";
        case Errc::too_much_pending: return "more requests wait for their answers than the limit allows";
        case Errc::wrong_state: return "command is not allowed in this state";
        case Errc::idle_timeout: return "peer asked for nothing in time";
        case Errc::answer_timeout: return "server did not answer in time";
        case Errc::refused: return "server refused";
        case Errc::disconnected: return "we ended the conversation";
        }
        return "unknown error";
    }
};

} // namespace

std::error_code make_error_code(Errc code)
{
    static const Category category;
    return {static_cast<int>(code), category};
}

} // namespace millrace::rtsp
