#include "track_header.hpp"

#include <algorithm>

namespace millrace::mp4 {
namespace {

/// More than any file lasts, in seconds: what is beyond is a lie.
constexpr std::int64_t kMaxSeconds = 10'000'000;
/// Finer than nanoseconds is no clock.
constexpr std::uint32_t kMaxScale = 1'000'000'000;

// mdhd := version:u8 flags:u24 (creation modification):u32|u64 timescale:u32 …
std::uint32_t read_timescale(ByteView mdhd)
{
    ByteReader in{mdhd};
    in.skip(read_full_box(in).version == 1 ? 16 : 8);
    return in.u32();
}

// tkhd := version:u8 flags:u24 (creation modification):u32|u64 track:u32 …
std::uint32_t read_number(ByteView tkhd)
{
    ByteReader in{tkhd};
    in.skip(read_full_box(in).version == 1 ? 16 : 8);
    return in.u32();
}

std::int64_t rescaled(std::int64_t value, std::int64_t from, std::int64_t to)
{
    return value / from * to + value % from * to / from;
}

// elst := version:u8 flags:u24 count:u32 (duration:u32|u64 media-time:s32|s64 rate:u32)*
// An edit of media time -1 is a pause; what is kept is where the first other one begins.
std::int64_t read_shift(ByteView elst, std::uint32_t movie_scale, std::uint32_t timescale, Counters& counters)
{
    ByteReader in{elst};
    const bool large = read_full_box(in).version == 1;
    const auto count = in.u32();
    std::int64_t pause = 0;
    for (std::uint32_t i = 0; i < count && in.ok() && !in.at_end(); ++i) {
        const auto duration = large ? in.u64() : in.u32();
        const auto begin =
            large ? static_cast<std::int64_t>(in.u64()) : std::int64_t{static_cast<std::int32_t>(in.u32())};
        in.skip(4);
        const auto most = static_cast<std::uint64_t>(kMaxSeconds) * movie_scale;
        if (!in.ok() || duration > most) {
            break;
        }
        if (begin < 0) {
            pause = std::min<std::int64_t>(pause + static_cast<std::int64_t>(duration),
                                           static_cast<std::int64_t>(most));
            continue;
        }
        if (begin > kMaxSeconds * timescale) {
            break;
        }
        if (i + 1 < count) {
            ++counters["simplified_edit_list"];
        }
        return rescaled(pause, movie_scale, timescale) - begin;
    }
    return rescaled(pause, movie_scale, timescale);
}

} // namespace

std::optional<TrackHeader> read_track_header(ByteView trak, std::uint32_t movie_scale, Counters& counters)
{
    TrackHeader header{.number = read_number(find(trak, four_cc("tkhd"))),
                       .timescale = read_timescale(find(trak, {four_cc("mdia"), four_cc("mdhd")}))};
    if (header.timescale == 0 || header.timescale > kMaxScale) {
        return std::nullopt;
    }
    const auto elst = find(trak, {four_cc("edts"), four_cc("elst")});
    if (!elst.empty() && movie_scale > 0 && movie_scale <= kMaxScale) {
        header.shift = read_shift(elst, movie_scale, header.timescale, counters);
    }
    return header;
}

} // namespace millrace::mp4
