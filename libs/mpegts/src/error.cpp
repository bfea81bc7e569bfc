#include <millrace/mpegts/error.hpp>

namespace millrace::mpegts {
namespace {

class Category : public std::error_category {
public:
    const char* name() const noexcept override { return "mpegts"; }

    std::string message(int code) const override
    {
        switch (static_cast<Errc>(code)) {
        case Errc::not_ts:
            return "not an MPEG transport stream: no packets of 188 bytes that begin with 0x47";
        }
        return "unknown MPEG-TS error";
    }
};

} // namespace

std::error_code make_error_code(Errc code)
{
    static const Category kCategory;
    return {static_cast<int>(code), kCategory};
}

} // namespace millrace::mpegts
