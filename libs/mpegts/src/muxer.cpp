#include "lane.hpp"
#include <millrace/mpegts/id3.hpp>
#include <millrace/mpegts/muxer.hpp>

#include <algorithm>

namespace millrace::mpegts {
namespace {

using media::Kind;

constexpr std::uint16_t kVideoPid = 0x100;
constexpr std::uint16_t kAudioPid = 0x101;
constexpr std::uint16_t kId3Pid = 0x102;
constexpr std::uint16_t kMoreAudioPid = 0x10f; ///< Track 1 is 0x110.
constexpr std::uint16_t kMoreVideoPid = 0x2ff; ///< Track 1 is 0x300.

constexpr Ticks kMostPcrGap = kTicksPerSecond / 10;   ///< ISO/IEC 13818-1 §2.7.2.
constexpr Ticks kPcrStep = kTicksPerSecond * 8 / 100; ///< Between those that fill a gap.
constexpr Ticks kMostFilled = 15 * kTicksPerSecond;   ///< A longer gap is a new time base.
constexpr std::uint8_t kVersions = 16;

/// metadata_pointer_descriptor of ID3 in program 1 (ISO/IEC 13818-1 §2.6.58).
const Bytes& id3_pointer()
{
    static const Bytes kPointer{0x25, 0x0f, 0xff, 0xff, 'I',  'D',  '3',  ' ', 0xff,
                                'I',  'D',  '3',  ' ',  0x00, 0x1f, 0x00, 0x01};
    return kPointer;
}

std::uint16_t pid_of(const media::Track& track, const Options& options)
{
    const auto number = track.number;
    switch (track.kind) {
    case Kind::video:
        return number == options.video.value_or(0) ? kVideoPid
                                                   : static_cast<std::uint16_t>(kMoreVideoPid + number);
    case Kind::audio:
        return number == options.audio.value_or(0) ? kAudioPid
                                                   : static_cast<std::uint16_t>(kMoreAudioPid + number);
    case Kind::data: break;
    }
    return kId3Pid;
}

} // namespace

struct Muxer::State {
    Options options;
    std::vector<std::unique_ptr<Lane>> lanes; ///< By PID: the picture first.
    Packetizer pat{kPatPid};
    Packetizer pmt{kPmtPid};
    Bytes pat_section = write_program_association({.program = 1, .pid = kPmtPid});
    Bytes pmt_section;
    Lane* clock = nullptr; ///< On whose PID the program clock stands.
    bool changed = true;   ///< pmt_section is not what the lanes are.
    bool told = false;     ///< Tables were written.
    std::uint8_t version = 0;
    Ticks tables_at = 0;
    std::optional<Ticks> pcr; ///< The newest.
    bool new_time = false;    ///< The next clock reference begins anew.
    Bytes block;              ///< What is being written.

    Lane* find(media::TrackId id)
    {
        const auto found =
            std::ranges::find_if(lanes, [id](const auto& lane) { return lane->track().id == id; });
        return found == lanes.end() ? nullptr : found->get();
    }

    void add(std::unique_ptr<Lane> lane)
    {
        const auto before = std::ranges::find_if(
            lanes, [pid = lane->pid()](const auto& other) { return other->pid() >= pid; });
        lanes.insert(before, std::move(lane));
        arrange();
    }

    /// The lanes are others than before.
    void arrange()
    {
        changed = true;
        const auto kind_is = [](Kind kind) {
            return [kind](const auto& lane) { return lane->track().kind == kind; };
        };
        auto found = std::ranges::find_if(lanes, kind_is(Kind::video));
        found = found == lanes.end() ? std::ranges::find_if(lanes, kind_is(Kind::audio)) : found;
        clock = found == lanes.end() ? nullptr : found->get();
    }

    bool has_picture() const { return clock != nullptr && clock->track().kind == Kind::video; }

    /// Versions of programs without a picture are others than of those with one: a reader may go from one to
    /// the other and back.
    void describe()
    {
        if (!changed) {
            return;
        }
        changed = false;
        version = static_cast<std::uint8_t>(told ? (version + 1) % kVersions : version);
        ProgramMap map{.version = static_cast<std::uint8_t>(version + (has_picture() ? 0 : kVersions))};
        map.pcr_pid = clock != nullptr ? clock->pid() : ProgramMap::kNoPcr;
        for (const auto& lane : lanes) {
            map.streams.push_back(lane->announced());
            if (lane->track().kind == Kind::data) {
                map.descriptors = id3_pointer();
            }
        }
        // Readers take the streams in this order: picture, sound, the rest.
        std::ranges::stable_sort(map.streams, {}, [](const ProgramStream& stream) {
            return stream.type == StreamType::metadata ? 1 : 0;
        });
        pmt_section = write_program_map(map);
    }

    void write_tables(Ticks at)
    {
        describe();
        pat.write_section(pat_section, block);
        pmt.write_section(pmt_section, block);
        told = true;
        tables_at = at;
    }

    bool tables_due(Ticks at) const
    {
        const auto every = to_ticks(options.tables_every);
        return changed || !told ||
               (every > 0 && (at - tables_at >= every || tables_at - at > kTicksPerSecond));
    }

    /// Lets the program clock come near to `at`, which is when the next frame is decoded.
    void advance(Ticks at)
    {
        const auto now = at - kDelay;
        if (!pcr || clock == nullptr) {
            return;
        }
        if (now - *pcr > kMostFilled || *pcr - now > kMostFilled) {
            pcr.reset();
            new_time = true;
            return;
        }
        while (now - *pcr > kMostPcrGap) {
            *pcr += kPcrStep;
            clock->write_clock({.pcr = pcr}, block);
        }
    }

    /// What stands before a frame of that lane. The clock never steps back.
    Lead lead_for(const Lane& lane, Ticks at, bool random_access, bool join)
    {
        Lead lead{.random_access = random_access};
        if (&lane != clock) {
            return lead;
        }
        const auto now = at - kDelay;
        const bool later = !pcr || now > *pcr;
        const bool due = !pcr || join || now - *pcr >= to_ticks(options.pcr_every);
        if (later && due) {
            lead.pcr = now;
            pcr = now;
            lead.discontinuity = new_time;
            new_time = false;
        } else if (join) {
            lead.pcr = pcr; // Sound has led it past this picture; who begins here needs one all the same.
        }
        return lead;
    }

    void write_held(Lane& lane, bool join)
    {
        const auto at = lane.held_from();
        const bool only_sound = &lane == clock;
        if (tables_due(at)) {
            write_tables(at);
        }
        advance(at);
        lane.write_held(lead_for(lane, at, only_sound, join), block);
    }

    /// Writes sound that began so long before `at`.
    void write_late(Ticks at, Ticks span)
    {
        for (const auto& lane : lanes) {
            if (lane->holds() && at - lane->held_from() >= span) {
                write_held(*lane, false);
            }
        }
    }

    void write_all_held()
    {
        for (const auto& lane : lanes) {
            if (lane->holds()) {
                write_held(*lane, false);
            }
        }
    }

    void write_picture(Lane& lane, const media::Frame& frame, bool join)
    {
        const auto at = std::min(timestamp_of(frame.dts), timestamp_of(frame.pts()));
        if (join) {
            write_tables(at);
        } else {
            // What would be late if it waited for the picture after this one.
            write_late(at, to_ticks(options.audio_span));
            if (tables_due(at)) {
                write_tables(at);
            }
        }
        advance(at);
        lane.write_picture(frame, lead_for(lane, at, frame.key, join), block);
        if (join) {
            write_all_held();
        }
    }

    void write_sound(Lane& lane, const media::Frame& frame, bool join)
    {
        const auto at = timestamp_of(frame.pts());
        if (join) {
            write_tables(at);
            write_all_held();
        } else if (lane.must_flush_before(frame)) {
            write_held(lane, false);
        }
        lane.hold(frame);
        if (lane.holds() && (join || lane.held_to() - lane.held_from() >= to_ticks(options.audio_span))) {
            write_held(lane, join);
        }
        write_late(at, 2 * to_ticks(options.audio_span)); // other tracks' sound, which has ended
    }

    void write_tag(const Bytes& tag, Ticks at)
    {
        const auto lane =
            std::ranges::find_if(lanes, [](const auto& one) { return one->track().kind == Kind::data; });
        if (tag.empty() || lane == lanes.end()) {
            return;
        }
        if (tables_due(at)) {
            write_tables(at);
        }
        (*lane)->write_tag(tag, at, block);
    }

    void give(media::Pieces& out)
    {
        if (!block.empty()) {
            out.emplace_back(std::move(block));
            block = {};
        }
    }
};

Muxer::Muxer(Options options) : state_{std::make_unique<State>()}
{
    state_->options = options;
    if (options.id3) {
        state_->add(std::make_unique<Lane>(media::Track{.id = media::track_id(Kind::data, 0),
                                                        .kind = Kind::data,
                                                        .codec = media::Codec::script},
                                           kId3Pid));
    }
}

Muxer::~Muxer() = default;

void Muxer::prologue(const media::Head& /*head*/, MediaTime /*at*/, media::Pieces& /*out*/) const {}

void Muxer::write(const media::Track& track, MediaTime /*at*/, media::Pieces& out)
{
    auto& state = *state_;
    if (!left_out(track, state.options).empty()) {
        return;
    }
    if (auto* lane = state.find(track.id)) {
        if (lane->holds()) {
            state.write_held(*lane, false); // with the configuration that it came with
        }
        const auto before = lane->announced();
        lane->change(track);
        state.changed = state.changed || lane->announced() != before;
    } else {
        state.add(std::make_unique<Lane>(track, pid_of(track, state.options)));
    }
    state.give(out);
}

void Muxer::write(const media::Metadata& metadata, MediaTime at, media::Pieces& out)
{
    state_->write_tag(id3_of_metadata(metadata), timestamp_of(at));
    state_->give(out);
}

void Muxer::write(const media::Frame& frame, bool join, media::Pieces& out)
{
    auto& state = *state_;
    auto* lane = state.find(frame.track);
    if (lane == nullptr || frame.payload.empty()) {
        return;
    }
    const auto& track = lane->track();
    state.block.reserve(frame.payload.size() + frame.payload.size() / 32 + 8 * kPacketBytes);
    switch (track.kind) {
    case Kind::video: state.write_picture(*lane, frame, join); break;
    case Kind::audio: state.write_sound(*lane, frame, join); break;
    case Kind::data: state.write_tag(id3_of_script(frame.payload), timestamp_of(frame.pts())); break;
    }
    state.give(out);
}

void Muxer::forget(media::TrackId track, MediaTime /*at*/, media::Pieces& out)
{
    auto& state = *state_;
    if (auto* lane = state.find(track)) {
        if (lane->holds()) {
            state.write_held(*lane, false);
        }
        std::erase_if(state.lanes, [lane](const auto& one) { return one.get() == lane; });
        state.arrange();
        state.give(out);
    }
}

std::optional<media::TrackId> Muxer::picture() const
{
    return state_->has_picture() && state_->options.video ? std::optional{state_->clock->track().id}
                                                          : std::nullopt;
}

void Muxer::flush(media::Pieces& out)
{
    state_->write_all_held();
    state_->give(out);
}

} // namespace millrace::mpegts
