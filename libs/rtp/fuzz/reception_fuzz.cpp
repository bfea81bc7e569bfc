// Whatever datagrams come, and whenever: decode times of a track never step back, and reports can be read.
#include <millrace/rtp/reception.hpp>
#include <millrace/rtp/rtcp.hpp>

#include <algorithm>
#include <cstdlib>
#include <map>

namespace {

using namespace millrace;
using namespace millrace::rtp;

void drain(Reception& reception, std::map<media::TrackId, MediaTime>& last)
{
    while (auto item = reception.next()) {
        if (const auto* frame = std::get_if<media::Frame>(&*item)) {
            const auto known = last.find(frame->track);
            if (known != last.end() && frame->dts <= known->second) {
                std::abort();
            }
            last[frame->track] = frame->dts;
        }
    }
    QuirkCounts quirks;
    while (const auto report = reception.take_report()) {
        if (!rtcp::read_compound(report->bytes, quirks)) {
            std::abort();
        }
    }
}

} // namespace

// input := reliable:u8 (medium:u8 later:u8 length:u8 datagram)*           later: in units of 5 ms
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace std::chrono_literals;
    ByteReader in{{data, size}};
    const bool reliable = (in.u8() & 1U) != 0;
    Reception reception{{.limits = {.unit_bytes = 4096}}};
    const Format video{.payload = Payload::h264,
                       .parameters = {{"sprop-parameter-sets", "Z0LACtolsBEAAAMAAQAAAwAyDxImoA==,aM4PyA=="}},
                       .feedback = true};
    const Format audio{.payload = Payload::g711a,
                       .kind = media::Kind::audio,
                       .payload_type = 8,
                       .clock_rate = 8000,
                       .channels = 1};
    if (!reception.add(video, 0, 0, reliable) || !reception.add(audio, 1, 0, reliable)) {
        std::abort();
    }
    std::map<media::TrackId, MediaTime> last;
    Clock::time_point now{1h};
    while (in.remaining() >= 3) {
        const unsigned medium = in.u8();
        now += in.u8() * 5ms;
        const std::size_t length = in.u8();
        if (const auto due = reception.deadline(); due && *due <= now) {
            reception.tick(now);
            drain(reception, last);
        }
        reception.feed(medium % 3, SharedBytes::copy_of(in.bytes(std::min(length, in.remaining()))), now);
        drain(reception, last);
    }
    reception.close(now);
    drain(reception, last);
    return 0;
}
