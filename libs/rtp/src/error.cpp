#include <millrace/rtp/error.hpp>

namespace millrace::rtp {
namespace {

class Category : public std::error_category {
public:
    const char* name() const noexcept override { return "rtp"; }

    std::string message(int code) const override
    {
        switch (static_cast<Errc>(code)) {
        case Errc::truncated: return "RTP or RTCP packet ends too early";
        case Errc::bad_version: return "RTP or RTCP packet is not of version 2";
        case Errc::bad_padding: return "RTP or RTCP packet has impossible padding";
        case Errc::not_rtcp: return "RTCP was expected and is not there";
        case Errc::bad_value: return "RTP or RTCP packet holds a forbidden value";
        case Errc::unsupported_format: return "no RTP payload format for this codec is known here";
        }
        return "unknown RTP error";
    }
};

} // namespace

std::error_code make_error_code(Errc code)
{
    static const Category kCategory;
    return {static_cast<int>(code), kCategory};
}

} // namespace millrace::rtp
