// Publishers with wild timestamps, coming and going: times never step back within a track, viewers' bytes
// never break.
#include <millrace/base/reader.hpp>
#include <millrace/hub/ingest.hpp>
#include <millrace/hub/stream.hpp>

#include <cstdlib>
#include <map>

namespace {

using namespace millrace;

class OneByte : public media::Muxer {
public:
    void prologue(const media::Head&, MediaTime, media::Pieces& out) const override { put(out, 0xff); }
    void write(const media::Track&, MediaTime, media::Pieces& out) override { put(out, 0xfe); }
    void write(const media::Metadata&, MediaTime, media::Pieces& out) override { put(out, 0xfd); }
    void write(const media::Frame& frame, bool join, media::Pieces& out) override
    {
        put(out, join ? 0xfc : frame.track);
        out.push_back(frame.payload);
    }

private:
    static void put(media::Pieces& out, int byte)
    {
        out.emplace_back(Bytes{static_cast<std::uint8_t>(byte)});
    }
};

struct Sink : hub::Outlet {
    explicit Sink(hub::Stream& stream, Clock::time_point now)
        : viewer{
              *this, {.max_latency = std::chrono::seconds{2}, .stall_limit = std::chrono::seconds{30}}, now}
    {
        stream.attach(viewer, {.key = "one", .make = [] { return std::make_unique<OneByte>(); }});
    }
    void flush(Clock::time_point now) override
    {
        viewer.step(now);
        std::size_t count = 0;
        for (const auto view : viewer.pending(to_boundary)) {
            count += std::min(view.size(), room - count);
        }
        room -= count;
        viewer.sent(count, now);
    }
    void ended() override {}

    std::size_t room = 0;
    bool to_boundary = false;
    hub::Viewer viewer;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    ByteReader in{{data, size}};
    hub::Ingest ingest;
    hub::Stream stream{"fuzz/stream"};
    Clock::time_point now{std::chrono::hours{1}};
    Sink sink{stream, now};
    std::map<media::TrackId, MediaTime> last;
    std::vector<hub::Update> updates;
    ingest.begin(std::chrono::milliseconds{std::int64_t{1} << 32}, now);
    while (in.ok() && !in.at_end()) {
        const auto operation = in.u8();
        now += std::chrono::milliseconds{in.u8()};
        switch (operation % 8) {
        case 0: ingest.begin(std::chrono::milliseconds{std::int64_t{1} << 32}, now); break;
        case 1:
            ingest.feed(
                media::Track{.id = static_cast<media::TrackId>(operation >> 7U),
                             .kind = (operation & 0x80U) != 0 ? media::Kind::audio : media::Kind::video,
                             .width = in.u8()},
                now, updates);
            break;
        case 2: sink.room = in.u16(); break;
        case 3: sink.viewer.pause(); break;
        case 4:
            sink.viewer.resume();
            sink.viewer.select(static_cast<hub::Selection>((operation >> 3U) % 3));
            sink.to_boundary = (operation & 0x80U) != 0;
            break;
        default:
            ingest.feed(
                media::Frame{.track = static_cast<media::TrackId>(operation >> 7U),
                             .kind = (operation & 0x80U) != 0 ? media::Kind::audio : media::Kind::video,
                             .key = (operation & 0x40U) != 0,
                             .dts = media_ms(in.u32()),
                             .payload = SharedBytes{Bytes(in.u8())}},
                now, updates);
        }
        for (auto& update : updates) {
            if (const auto* frame = std::get_if<media::Frame>(&update)) {
                const auto [at, fresh] = last.try_emplace(frame->track, frame->dts);
                if (!fresh && frame->dts < at->second) {
                    std::abort();
                }
                at->second = frame->dts;
            }
            stream.append(std::move(update));
        }
        updates.clear();
        stream.flush(now);
    }
    return 0;
}
