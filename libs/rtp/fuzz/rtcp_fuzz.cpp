// A compound that is read and written is read as the same from then on; no viewer's report does harm.
#include <millrace/rtp/feedback.hpp>
#include <millrace/rtp/rtcp.hpp>

#include <cstdlib>

namespace {

millrace::Bytes written(const std::vector<millrace::rtp::rtcp::Packet>& packets)
{
    millrace::Bytes bytes;
    millrace::ByteWriter out{bytes};
    for (const auto& packet : packets) {
        write(out, packet);
    }
    return bytes;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace millrace;
    using namespace millrace::rtp;
    QuirkCounts quirks;
    const auto first = rtcp::read_compound({data, size}, quirks);
    if (!first) {
        return 0;
    }
    const auto once = written(*first);
    const auto second = rtcp::read_compound(once, quirks);
    if (!second || written(*second) != once) {
        std::abort();
    }
    Feedback viewer;
    if (!viewer.feed({data, size}, Clock::time_point{std::chrono::hours{1}}) ||
        viewer.figures().size() > Feedback::Limits{}.sources ||
        viewer.take_wanted().size() > Feedback::Limits{}.nacks) {
        std::abort();
    }
    return 0;
}
