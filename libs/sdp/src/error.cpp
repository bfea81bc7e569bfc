#include <millrace/sdp/error.hpp>

namespace millrace::sdp {
namespace {

class Category : public std::error_category {
public:
    const char* name() const noexcept override { return "sdp"; }

    std::string message(int code) const override
    {
        switch (static_cast<Errc>(code)) {
        case Errc::too_big: return "session description has too many bytes";
        case Errc::too_many_media: return "session description has too many media";
        case Errc::too_many_lines: return "session description has too many attributes";
        case Errc::not_sdp: return "not a session description: no line such as m=video 0 RTP/AVP 96";
        }
        return "unknown session description error";
    }
};

} // namespace

std::error_code make_error_code(Errc code)
{
    static const Category kCategory;
    return {static_cast<int>(code), kCategory};
}

} // namespace millrace::sdp
