#include "fragment.hpp"

namespace millrace::mp4 {
namespace {

constexpr std::int64_t kMaxTime = std::int64_t{1} << 60;

// Flags of tfhd and trun.
constexpr std::uint32_t kBaseOffset = 0x1;
constexpr std::uint32_t kDescription = 0x2;
constexpr std::uint32_t kDefaultDuration = 0x8;
constexpr std::uint32_t kDefaultSize = 0x10;
constexpr std::uint32_t kDefaultFlags = 0x20;
constexpr std::uint32_t kBaseIsMoof = 0x20000;
constexpr std::uint32_t kDataOffset = 0x1;
constexpr std::uint32_t kFirstFlags = 0x4;
constexpr std::uint32_t kDuration = 0x100;
constexpr std::uint32_t kSize = 0x200;
constexpr std::uint32_t kFlags = 0x400;
constexpr std::uint32_t kComposition = 0x800;

/// sample_flags: "non sync" is one bit; "depends on others" says the same where writers left that bit alone.
bool is_key(std::uint32_t flags)
{
    const bool non_sync = (flags & 0x10000U) != 0;
    const auto depends = flags >> 24U & 3U;
    return !non_sync && depends != 1;
}

struct Run {
    FragmentDefaults defaults;
    std::uint64_t base = 0;
    std::uint64_t offset = 0; ///< Where the next run begins when it does not say.
    std::int64_t time = 0;
};

// tfhd := version:u8 flags:u24 track:u32 [base:u64] [description:u32] [duration:u32] [size:u32] [flags:u32]
struct TrackFragmentHead {
    std::uint32_t number = 0;
    std::uint32_t flags = 0;
    std::uint64_t base = 0;
};
TrackFragmentHead read_head(ByteView tfhd, FragmentDefaults& defaults)
{
    ByteReader in{tfhd};
    TrackFragmentHead head;
    head.flags = read_full_box(in).flags;
    head.number = in.u32();
    head.base = (head.flags & kBaseOffset) != 0 ? in.u64() : 0;
    in.skip((head.flags & kDescription) != 0 ? 4 : 0);
    defaults.duration = (head.flags & kDefaultDuration) != 0 ? in.u32() : defaults.duration;
    defaults.size = (head.flags & kDefaultSize) != 0 ? in.u32() : defaults.size;
    defaults.flags = (head.flags & kDefaultFlags) != 0 ? in.u32() : defaults.flags;
    return head;
}

std::int64_t read_begin(ByteView tfdt, std::int64_t other)
{
    if (tfdt.empty()) {
        return other;
    }
    ByteReader in{tfdt};
    const bool large = read_full_box(in).version == 1;
    const auto time = large ? in.u64() : in.u32();
    return in.ok() && time < static_cast<std::uint64_t>(kMaxTime) ? static_cast<std::int64_t>(time) : other;
}

// trun := version:u8 flags:u24 count:u32 [data-offset:s32] [first-flags:u32]
//         ([duration:u32] [size:u32] [flags:u32] [composition:s32])*
void read_run(ByteView trun, Run& run, std::uint64_t file_bytes, const Limits& limits,
              std::vector<RawSample>& out)
{
    ByteReader in{trun};
    const auto flags = read_full_box(in).flags;
    const auto count = in.u32();
    if ((flags & kDataOffset) != 0) {
        run.offset = run.base + static_cast<std::uint64_t>(std::int64_t{static_cast<std::int32_t>(in.u32())});
    }
    const bool has_first = (flags & kFirstFlags) != 0;
    const auto first = has_first ? in.u32() : 0;
    for (std::uint32_t i = 0; i < count && in.ok() && out.size() < limits.samples; ++i) {
        const auto duration = (flags & kDuration) != 0 ? in.u32() : run.defaults.duration;
        RawSample raw{.offset = run.offset, .dts = run.time, .duration = duration};
        raw.size = (flags & kSize) != 0 ? in.u32() : run.defaults.size;
        const auto own = (flags & kFlags) != 0 ? in.u32() : run.defaults.flags;
        raw.key = is_key(i == 0 && has_first ? first : own);
        raw.composition = (flags & kComposition) != 0 ? static_cast<std::int32_t>(in.u32()) : 0;
        if (!in.ok() || run.time >= kMaxTime || raw.offset > file_bytes ||
            raw.size > file_bytes - raw.offset) {
            return; // A run that leaves the file has no more samples: a broken one cannot make us loop on.
        }
        run.time += duration;
        run.offset += raw.size;
        if (raw.size <= limits.sample_bytes) {
            out.push_back(raw);
        }
    }
}

} // namespace

// mvex := (trex := version:u8 flags:u24 track:u32 description:u32 duration:u32 size:u32 flags:u32)*
std::vector<FragmentDefaults> read_defaults(ByteView mvex)
{
    std::vector<FragmentDefaults> all;
    Boxes boxes{mvex};
    while (const auto box = boxes.next()) {
        if (box->type != four_cc("trex")) {
            continue;
        }
        ByteReader in{box->body};
        read_full_box(in);
        FragmentDefaults defaults{.number = in.u32()};
        in.skip(4);
        defaults.duration = in.u32();
        defaults.size = in.u32();
        defaults.flags = in.u32();
        if (in.ok()) {
            all.push_back(defaults);
        }
    }
    return all;
}

std::vector<RawSample> read_samples(const Fragment& fragment, const FragmentDefaults& defaults,
                                    std::int64_t begin, std::uint64_t file_bytes, const Limits& limits)
{
    std::vector<RawSample> samples;
    std::int64_t time = begin;
    Boxes trafs{fragment.body};
    while (const auto traf = trafs.next()) {
        if (traf->type != four_cc("traf")) {
            continue;
        }
        Run run{.defaults = defaults};
        const auto head = read_head(find(traf->body, four_cc("tfhd")), run.defaults);
        if (head.number != defaults.number) {
            continue;
        }
        // Quirk: without a base, and without the flag that says so, the box itself is meant all the same.
        const bool explicit_base = (head.flags & kBaseOffset) != 0 && (head.flags & kBaseIsMoof) == 0;
        run.base = explicit_base ? head.base : fragment.offset;
        run.offset = run.base;
        run.time = read_begin(find(traf->body, four_cc("tfdt")), time);
        Boxes runs{traf->body};
        while (const auto trun = runs.next()) {
            if (trun->type == four_cc("trun")) {
                read_run(trun->body, run, file_bytes, limits, samples);
            }
        }
        time = run.time;
    }
    return samples;
}

} // namespace millrace::mp4
