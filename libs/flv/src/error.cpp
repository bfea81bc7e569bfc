#include <millrace/flv/error.hpp>

namespace millrace::flv {
namespace {

class Category : public std::error_category {
public:
    const char* name() const noexcept override { return "flv"; }

    std::string message(int code) const override
    {
        switch (static_cast<Errc>(code)) {
        case Errc::not_flv: return "not an FLV file or stream";
        case Errc::bad_header: return "FLV header of an impossible size";
        }
        return "unknown FLV error";
    }
};

} // namespace

std::error_code make_error_code(Errc code)
{
    static const Category kCategory;
    return {static_cast<int>(code), kCategory};
}

} // namespace millrace::flv
