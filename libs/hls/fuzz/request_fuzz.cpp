// Whatever a request says: a name that is read is written the same again, and a request for a playlist is
// never answered as ready with what is not there yet.
#include <millrace/hls/directives.hpp>
#include <millrace/hls/names.hpp>

#include <cstdlib>

namespace {

using namespace millrace;
using namespace millrace::hls;

void check(bool right)
{
    if (!right) {
        std::abort();
    }
}

std::string write(const Resource& what, std::string_view ending)
{
    switch (what.kind) {
    case Resource::Kind::playlist: return playlist_name(what.rendition);
    case Resource::Kind::init: return init_name(what.rendition, what.token, what.number);
    case Resource::Kind::segment: return segment_name(what.rendition, what.token, what.number, ending);
    case Resource::Kind::part: return part_name(what.rendition, what.token, what.number, what.part, ending);
    case Resource::Kind::key: return key_name(what.token, what.key);
    }
    return {};
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto text = as_text(ByteView{data, size});
    if (const auto what = parse_resource(text)) {
        check(write(*what, text.substr(text.rfind('.'))) == text);
    }
    const auto asked = read_directives(text);
    if (!asked) {
        return 0;
    }
    check(!asked->part || asked->msn);
    const Edge edge{.open = 21, .parts = 2, .parts_before = 4, .part_target = std::chrono::milliseconds{500}};
    const auto verdict = judge(*asked, edge);
    if (!asked->msn || *asked->msn < edge.open) {
        check(verdict == Verdict::now);
    } else {
        const bool there = *asked->msn == edge.open && asked->part && *asked->part < edge.parts;
        check(there == (verdict == Verdict::now));
        check(*asked->msn <= edge.open + 2 || verdict == Verdict::bad);
    }
    return 0;
}
