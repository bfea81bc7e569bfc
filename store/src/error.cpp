#include <millrace/store/error.hpp>

#include <cerrno>

namespace millrace::store {
namespace {

class Category : public std::error_category {
public:
    const char* name() const noexcept override { return "store"; }

    std::string message(int code) const override
    {
        switch (static_cast<Errc>(code)) {
        case Errc::bad_name:
            return "the name of a recording is APP/NAME, without parts that are empty or begin with a dot";
        case Errc::not_found: return "there is no recording of that name";
        case Errc::not_a_file: return "it is no plain file: symbolic links are not followed";
        case Errc::unknown_form: return "the file is neither FLV nor MP4";
        case Errc::busy: return "it is being recorded already";
        case Errc::limit_reached: return "the recording has become as long or as big as it may";
        case Errc::too_slow: return "the disk is slower than the stream";
        case Errc::stopping: return "the server is shutting down";
        }
        return "unknown error of a recording";
    }
};

} // namespace

std::error_code make_error_code(Errc code)
{
    static const Category kCategory;
    return {static_cast<int>(code), kCategory};
}

Error last_system_error()
{
    return Error{std::error_code{errno, std::generic_category()}};
}

} // namespace millrace::store
