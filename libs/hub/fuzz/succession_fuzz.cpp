// Sources with wild timestamps, coming, leaving and falling silent: what goes on the timeline is from who is
// on air, a reserve stays within its limit, and times never step back within a track.
#include <millrace/base/reader.hpp>
#include <millrace/hub/succession.hpp>

#include <cstdlib>
#include <map>

namespace {

using namespace millrace;

constexpr std::chrono::milliseconds kWrap{std::int64_t{1} << 32};
constexpr std::size_t kReserve = 64;

void check(bool holds)
{
    if (!holds) {
        std::abort();
    }
}

struct Timeline {
    void take(const std::vector<hub::Update>& updates, const hub::Succession& succession)
    {
        for (const auto& update : updates) {
            const auto* frame = std::get_if<media::Frame>(&update);
            if (frame == nullptr) {
                continue;
            }
            const auto [at, fresh] = last.try_emplace(frame->track, frame->dts);
            check(fresh || frame->dts >= at->second);
            at->second = frame->dts;
            check(frame->payload.view()[0] == static_cast<std::uint8_t>(succession.on_air()));
        }
    }

    std::map<media::TrackId, MediaTime> last;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    ByteReader in{{data, size}};
    hub::Ingest ingest;
    hub::Succession succession{ingest,
                               {.prefer_primary = (in.u8() & 1U) != 0, .reserve = {.bytes = kReserve}}};
    Clock::time_point now{std::chrono::hours{1}};
    std::uint64_t tokens = 0;
    Timeline timeline;
    succession.begin({++tokens, false, kWrap}, now);
    while (in.ok() && !in.at_end()) {
        const auto operation = in.u8();
        now += std::chrono::milliseconds{in.u8() * 4};
        const bool from_reserve = (operation & 0x20U) != 0;
        const auto token = from_reserve ? succession.in_reserve() : succession.on_air();
        const bool audio = (operation & 0x80U) != 0;
        std::vector<hub::Update> updates;
        switch (operation % 8) {
        case 0:
            if (succession.on_air() == 0) {
                succession.begin({++tokens, audio, kWrap}, now);
            } else {
                succession.hold({++tokens, audio, kWrap}, now);
            }
            break;
        case 1: check(succession.leave(token, now, updates) == (token != 0)); break;
        case 2:
        case 3: {
            const media::Track track{.id = static_cast<media::TrackId>(audio ? 1 : 0),
                                     .kind = audio ? media::Kind::audio : media::Kind::video,
                                     .width = in.u8()};
            succession.feed(token, {track}, now, updates);
            break;
        }
        default: {
            Bytes payload(1U + in.u8() % 16);
            payload[0] = static_cast<std::uint8_t>(token);
            const media::Frame frame{.track = static_cast<media::TrackId>(audio ? 1 : 0),
                                     .kind = audio ? media::Kind::audio : media::Kind::video,
                                     .key = audio || (operation & 0x40U) != 0,
                                     .dts = media_ms(in.u32()),
                                     .payload = SharedBytes{std::move(payload)}};
            succession.feed(token, {frame}, now, updates);
        }
        }
        check(succession.on_air() == 0 || succession.on_air() != succession.in_reserve());
        check(succession.on_air() != 0 || succession.in_reserve() == 0);
        check(succession.bytes_in_reserve() <= kReserve);
        timeline.take(updates, succession);
    }
    return 0;
}
