#include <millrace/codec/error.hpp>

namespace millrace::codec {
namespace {

class Category : public std::error_category {
public:
    const char* name() const noexcept override { return "codec"; }

    std::string message(int code) const override
    {
        switch (static_cast<Errc>(code)) {
        case Errc::truncated: return "codec configuration ends too early";
        case Errc::bad_version: return "codec configuration has an unknown version";
        case Errc::bad_value: return "codec configuration holds a forbidden value";
        case Errc::wrong_kind: return "not the codec header that was expected";
        }
        return "unknown codec error";
    }
};

} // namespace

std::error_code make_error_code(Errc code)
{
    static const Category kCategory;
    return {static_cast<int>(code), kCategory};
}

} // namespace millrace::codec
