#include "parts.hpp"
#include <millrace/mp4/opener.hpp>

#include <algorithm>
#include <array>

namespace millrace::mp4 {
namespace {

constexpr std::size_t kHead = 8;
constexpr std::size_t kLargeHead = 16;
constexpr std::array kFirst{four_cc("ftyp"), four_cc("moov"), four_cc("mdat"), four_cc("free"),
                            four_cc("skip"), four_cc("wide"), four_cc("pnot"), four_cc("styp"),
                            four_cc("uuid"), four_cc("sidx"), four_cc("moof"), four_cc("junk")};

// mvhd := version:u8 flags:u24 (creation modification):u32|u64 timescale:u32 …
std::uint32_t read_movie_scale(ByteView mvhd)
{
    ByteReader in{mvhd};
    in.skip(read_full_box(in).version == 1 ? 16 : 8);
    return in.u32();
}

} // namespace

struct Opener::State {
    enum class Phase : std::uint8_t { head, body, done };

    Limits limits;
    std::shared_ptr<Movie::Parts> parts = std::make_shared<Movie::Parts>();
    Phase phase = Phase::head;
    std::uint64_t at = 0; ///< Of the box that is looked at.
    std::uint32_t type = 0;
    std::uint64_t head = 0;
    std::uint64_t size = 0; ///< With its head.
    std::size_t boxes = 0;
    std::size_t held = 0; ///< Bytes of headers kept so far.
    bool has_moov = false;
    std::optional<Error> failed;

    std::uint64_t left() const { return parts->file_bytes - at; }
    void leave();
    Result<> read_head(ByteView bytes);
    Result<> keep(ByteView bytes);
    void add_track(ByteView trak, std::uint32_t movie_scale, const std::vector<FragmentDefaults>& defaults);
    void time_fragments(std::size_t track);
    void place();
};

void Opener::State::leave()
{
    at += size;
    phase = left() < kHead ? Phase::done : Phase::head;
}

Result<> Opener::State::read_head(ByteView bytes)
{
    ByteReader in{bytes};
    size = in.u32();
    type = in.u32();
    head = kHead;
    if (boxes == 0 && std::ranges::find(kFirst, type) == kFirst.end()) {
        return Unexpected{Error{Errc::not_mp4, "ISO/IEC 14496-12 §4.3"}};
    }
    if (++boxes > limits.boxes) {
        return Unexpected{Error{Errc::too_many_boxes, "ISO/IEC 14496-12 §4.2"}};
    }
    if (size == 1) {
        size = in.u64();
        head = kLargeHead;
    } else if (size == 0) {
        size = left();
    }
    if (!in.ok() || size < head) {
        return Unexpected{Error{Errc::bad_box, "ISO/IEC 14496-12 §4.2"}};
    }
    const bool whole = size <= left();
    const bool wanted = (type == four_cc("moov") && !has_moov) || type == four_cc("moof");
    if (!wanted || !whole) {
        size = std::min(size, left()); // What is cut off at the end of the file is as if it were not there.
        leave();
        return {};
    }
    if (size - head > limits.head_bytes - held) {
        return Unexpected{Error{Errc::too_big, "ISO/IEC 14496-12 §8"}};
    }
    held += static_cast<std::size_t>(size - head);
    phase = Phase::body;
    if (size == head) {
        return keep({});
    }
    return {};
}

Result<> Opener::State::keep(ByteView bytes)
{
    if (type == four_cc("moov")) {
        parts->moov = SharedBytes::copy_of(bytes);
        has_moov = true;
    } else {
        parts->fragments.push_back({at, SharedBytes::copy_of(bytes)});
    }
    leave();
    return {};
}

void Opener::State::add_track(ByteView trak, std::uint32_t movie_scale,
                              const std::vector<FragmentDefaults>& defaults)
{
    auto& counters = parts->counters;
    const auto header = read_track_header(trak, movie_scale, counters);
    if (!header) {
        ++counters["track_without_clock"];
        return;
    }
    const auto stbl = find(trak, {four_cc("mdia"), four_cc("minf"), four_cc("stbl")});
    auto described = read_descriptions(find(stbl, four_cc("stsd")), counters);
    if (!described) {
        return;
    }
    if (parts->tracks.size() >= limits.tracks) {
        ++counters["too_many_tracks"];
        return;
    }
    Movie::Parts::Track track{.header = *header, .tables = read_sample_tables(stbl, limits)};
    track.tables.description = described->description;
    track.defaults.number = header->number;
    const auto own = std::ranges::find(defaults, header->number, &FragmentDefaults::number);
    if (own != defaults.end()) {
        track.defaults = *own;
    }
    described->track.id = static_cast<media::TrackId>(parts->tracks.size());
    parts->media.push_back(std::move(described->track));
    parts->tracks.push_back(std::move(track));
}

/// Where each fragment of a track begins, for those that do not say.
void Opener::State::time_fragments(std::size_t number)
{
    auto& track = parts->tracks[number];
    std::int64_t time = 0;
    if (!parts->fragments.empty()) {
        TableCursor cursor{track.tables, parts->file_bytes, limits};
        while (cursor.next()) {
        }
        time = cursor.time();
    }
    for (const auto& fragment : parts->fragments) {
        track.begins.push_back(time);
        const auto samples = read_samples(fragment, track.defaults, time, parts->file_bytes, limits);
        if (!samples.empty()) {
            time = samples.back().dts + samples.back().duration;
        }
    }
}

/// Puts all tracks on one timeline on which nothing stands before zero, and finds its end.
void Opener::State::place()
{
    using std::chrono::nanoseconds;
    nanoseconds earliest{0};
    for (std::size_t i = 0; i < parts->tracks.size(); ++i) {
        auto& track = parts->tracks[i];
        track.shift = to_time(track.header.shift, track.header.timescale);
        TrackCursor cursor{*parts, i};
        if (const auto* first = cursor.peek()) {
            earliest = std::min(earliest, first->dts.time_since_epoch());
        }
    }
    for (std::size_t i = 0; i < parts->tracks.size(); ++i) {
        auto& track = parts->tracks[i];
        track.shift -= earliest;
        std::optional<RawSample> last;
        if (parts->fragments.empty()) {
            TableCursor cursor{track.tables, parts->file_bytes, limits};
            while (const auto raw = cursor.next()) {
                last = raw;
            }
        }
        for (std::size_t f = parts->fragments.size(); f-- > 0 && !last;) {
            const auto samples =
                read_samples(parts->fragments[f], track.defaults, track.begins[f], parts->file_bytes, limits);
            if (!samples.empty()) {
                last = samples.back();
            }
        }
        if (last) {
            const auto moment = [&](std::int64_t units) {
                return to_time(units, track.header.timescale) + track.shift;
            };
            parts->duration = std::max(parts->duration, moment(last->dts + last->duration));
            parts->last = std::max(parts->last, MediaTime{moment(last->dts)});
        }
    }
}

Opener::Opener(std::uint64_t file_bytes, Limits limits) : state_{std::make_unique<State>()}
{
    state_->limits = limits;
    state_->parts->limits = limits;
    state_->parts->file_bytes = file_bytes;
    if (file_bytes < kHead) {
        state_->phase = State::Phase::done;
    }
}

Opener::~Opener() = default;

std::optional<Opener::Range> Opener::wants() const
{
    const auto& s = *state_;
    if (s.failed || s.phase == State::Phase::done) {
        return std::nullopt;
    }
    if (s.phase == State::Phase::head) {
        return Range{s.at, static_cast<std::size_t>(std::min<std::uint64_t>(kLargeHead, s.left()))};
    }
    return Range{s.at + s.head, static_cast<std::size_t>(s.size - s.head)};
}

Result<> Opener::feed(ByteView bytes)
{
    const auto range = wants();
    if (!state_->failed && range && bytes.size() < range->bytes) {
        state_->failed = Error{Errc::bad_box, "the file has become shorter"};
    }
    if (!state_->failed && range) {
        const auto done =
            state_->phase == State::Phase::head ? state_->read_head(bytes) : state_->keep(bytes);
        if (!done) {
            state_->failed = done.error();
        }
    }
    if (state_->failed) {
        return Unexpected{*state_->failed};
    }
    return {};
}

Result<Movie> Opener::finish()
{
    auto& s = *state_;
    if (s.failed) {
        return Unexpected{*s.failed};
    }
    if (s.boxes == 0) {
        return Unexpected{Error{Errc::not_mp4, "ISO/IEC 14496-12 §4.3"}};
    }
    if (!s.has_moov) {
        return Unexpected{Error{Errc::no_movie, "ISO/IEC 14496-12 §8.2"}};
    }
    const auto& parts = s.parts;
    const auto movie_scale = read_movie_scale(find(parts->moov, four_cc("mvhd")));
    const auto defaults = read_defaults(find(parts->moov, four_cc("mvex")));
    Boxes boxes{parts->moov};
    while (const auto box = boxes.next()) {
        if (box->type == four_cc("trak")) {
            s.add_track(box->body, movie_scale, defaults);
        }
    }
    if (parts->tracks.empty()) {
        return Unexpected{Error{Errc::no_tracks, "ISO/IEC 14496-12 §8.5.2"}};
    }
    for (std::size_t i = 0; i < parts->tracks.size(); ++i) {
        s.time_fragments(i);
    }
    s.place();
    return Movie{parts};
}

} // namespace millrace::mp4
