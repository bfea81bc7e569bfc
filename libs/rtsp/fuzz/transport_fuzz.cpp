// Whatever a header says: what was read of it is written so that it reads the same.
//
// input := text
#include <millrace/rtsp/auth.hpp>
#include <millrace/rtsp/range.hpp>
#include <millrace/rtsp/transport.hpp>
#include <millrace/rtsp/url.hpp>

#include <cstdlib>

namespace {

void require(bool holds)
{
    if (!holds) {
        std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace millrace::rtsp;
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    for (const auto& transport : read_transports(text)) {
        require(!read_transports(write(transport)).empty());
    }
    if (const auto range = read_range(text)) {
        const auto again = read_range(write(*range));
        require(again && again->unit == range->unit && again->now == range->now &&
                again->begin.has_value() == range->begin.has_value());
    }
    if (const auto url = read_url(text)) {
        const auto again = read_url(url->text());
        require(again && again->path == url->path && again->query == url->query);
        static_cast<void>(track_url(*url, 1));
        static_cast<void>(target_of(*url));
    }
    static_cast<void>(read_rtp_info(text));
    static_cast<void>(read_credentials(text));
    const auto challenge = read_challenge(text);
    require(read_challenge(write(challenge)).realm == challenge.realm || !challenge.known);
    return 0;
}
