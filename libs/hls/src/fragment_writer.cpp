#include "sample_count.hpp"
#include "writer.hpp"
#include <millrace/mp4/fragments.hpp>

#include <algorithm>
#include <cmath>

namespace millrace::hls {
namespace {

constexpr Nanoseconds kDrift = std::chrono::milliseconds{100}; ///< Sound further off is put where it belongs.
constexpr Nanoseconds kHole = std::chrono::seconds{1};         ///< No frame of sound is stretched over more.
constexpr std::string_view kId3Scheme = "https://aomedia.org/emsg/ID3";

/// Frames of one track as CMAF fragments (ISO/IEC 23000-19 §7.3).
///
/// Times of a picture are the stream's. Those of sound are counted in samples from its first frame on, so
/// that clocks of milliseconds do not make them jitter, and set anew when they are more than kDrift off.
class FragmentWriter final : public Writer {
public:
    explicit FragmentWriter(const media::Track& track)
        : track_{.id = 1, .track = track, .timescale = mp4::timescale_of(track)}
    {
        expected_ = track.kind == media::Kind::audio ? track_.timescale / 50 : track_.timescale / 25;
    }

    SharedBody initialisation() const override
    {
        media::Pieces pieces;
        pieces.emplace_back(mp4::write_initialisation({&track_, 1}));
        return std::make_shared<const Body>(std::move(pieces));
    }

    Nanoseconds settle(const media::Frame& next) override
    {
        const auto due = units(next.dts.time_since_epoch() + kBegin);
        if (!begun_) {
            begun_ = true;
            next_ = std::max(next_, due);
        } else if (open_) {
            settle_until(due);
        }
        return time(next_);
    }

    Nanoseconds settle() override
    {
        if (open_) {
            settle_until(next_ + expected_);
        }
        return time(next_);
    }

    void begin_anew() override { begun_ = false; }

    void add(const media::Frame& frame, bool begins) override
    {
        static_cast<void>(begins);
        if (run_.samples.empty()) {
            run_.begin = static_cast<std::uint64_t>(next_);
        }
        const auto composition = std::llround(seconds(frame.composition) * track_.timescale);
        run_.samples.push_back({.payload = mp4::sample_payload(track_.track.codec, frame.payload),
                                .duration = 0,
                                .composition = static_cast<std::int32_t>(composition),
                                .key = frame.key || track_.track.kind == media::Kind::audio});
        nominal_ = track_.track.kind == media::Kind::audio ? sample_count(track_.track, frame.payload)
                                                           : std::nullopt;
        open_ = true;
    }

    media::Pieces close(bool first_of_segment) override
    {
        media::Pieces pieces;
        if (first_of_segment) {
            pieces.push_back(mp4::segment_type());
        }
        for (auto& event : events_) {
            pieces.push_back(std::move(event));
        }
        events_.clear();
        run_.id = track_.id;
        run_.kind = track_.track.kind;
        for (std::size_t from = 0; from < run_.samples.size();) {
            from = write_run(from, pieces);
        }
        run_.samples.clear();
        holes_.clear();
        return pieces;
    }

    void tell(const SharedBytes& id3, MediaTime at) override
    {
        const auto when = units(at.time_since_epoch() + kBegin);
        events_.push_back(mp4::write_event({.scheme = kId3Scheme,
                                            .timescale = track_.timescale,
                                            .time = static_cast<std::uint64_t>(when),
                                            .id = ++last_event_,
                                            .message = id3}));
    }

private:
    /// A place in the run where time jumps: what follows is a fragment of its own.
    struct Hole {
        std::size_t sample;
        std::int64_t begin;
    };

    static double seconds(Nanoseconds time) { return std::chrono::duration<double>(time).count(); }
    std::int64_t units(Nanoseconds time) const
    {
        constexpr std::int64_t kSecond = 1'000'000'000;
        const auto scale = static_cast<std::int64_t>(track_.timescale);
        const auto whole = time.count() / kSecond;
        const auto rest = time.count() % kSecond;
        return whole * scale + (rest * scale + kSecond / 2) / kSecond;
    }
    Nanoseconds time(std::int64_t value) const
    {
        constexpr std::int64_t kSecond = 1'000'000'000;
        const auto scale = static_cast<std::int64_t>(track_.timescale);
        return Nanoseconds{value / scale * kSecond + value % scale * kSecond / scale};
    }
    /// The open sample lasts until `due`, or as long as its codec says.
    void settle_until(std::int64_t due)
    {
        auto& sample = run_.samples.back();
        const auto begin = next_;
        auto end = std::max(due, begin + 1);
        if (nominal_) {
            const auto counted = begin + *nominal_;
            const auto drift = time(std::abs(due - counted));
            end = drift <= kDrift ? counted : end;
            if (drift > kHole && due > counted) {
                holes_.push_back({run_.samples.size(), due});
                sample.duration = *nominal_;
                next_ = due;
                open_ = false;
                return;
            }
        }
        sample.duration = static_cast<std::uint32_t>(end - begin);
        expected_ = nominal_ ? *nominal_ : sample.duration;
        next_ = end;
        open_ = false;
    }

    /// Writes the samples from `from` to the next hole; gives where that is.
    std::size_t write_run(std::size_t from, media::Pieces& pieces)
    {
        auto end = run_.samples.size();
        auto begin = run_.begin;
        for (const auto& hole : holes_) {
            if (hole.sample > from) {
                end = std::min(end, hole.sample);
                break;
            }
            if (hole.sample == from) {
                begin = static_cast<std::uint64_t>(hole.begin);
            }
        }
        mp4::FragmentRun run{.id = run_.id, .kind = run_.kind, .begin = begin, .samples = {}};
        const auto first = run_.samples.begin();
        run.samples.assign(std::make_move_iterator(first + static_cast<std::ptrdiff_t>(from)),
                           std::make_move_iterator(first + static_cast<std::ptrdiff_t>(end)));
        mp4::write_fragment(++sequence_, {&run, 1}, pieces);
        return end;
    }

    mp4::FragmentTrack track_;
    mp4::FragmentRun run_;
    std::vector<Hole> holes_;
    std::vector<SharedBytes> events_;
    std::optional<std::uint32_t> nominal_; ///< Samples in the open frame of sound.
    std::int64_t next_ = 0;                ///< Begin of the open sample, or of the next one.
    std::int64_t expected_ = 0;            ///< How long a frame is that nothing follows.
    std::uint32_t sequence_ = 0;
    std::uint32_t last_event_ = 0;
    bool begun_ = false;
    bool open_ = false; ///< The last sample's duration is not yet known.
};

} // namespace

std::unique_ptr<Writer> make_fragment_writer(const media::Track& track)
{
    return std::make_unique<FragmentWriter>(track);
}

} // namespace millrace::hls
