#include <millrace/mp4/error.hpp>

namespace millrace::mp4 {
namespace {

class Category : public std::error_category {
public:
    const char* name() const noexcept override { return "mp4"; }

    std::string message(int code) const override
    {
        switch (static_cast<Errc>(code)) {
        case Errc::not_mp4: return "not an MP4 or QuickTime file";
        case Errc::no_movie:
            return "the MP4 file has no whole moov box: it was never finished, or is cut off";
        case Errc::bad_box: return "a box of the MP4 file is smaller than what it must hold";
        case Errc::too_big: return "the MP4 file's sample tables are bigger than is allowed";
        case Errc::no_tracks: return "the MP4 file has no track of a known codec";
        case Errc::too_many_boxes: return "the MP4 file has more boxes than is allowed";
        }
        return "unknown MP4 error";
    }
};

} // namespace

std::error_code make_error_code(Errc code)
{
    static const Category kCategory;
    return {static_cast<int>(code), kCategory};
}

} // namespace millrace::mp4
