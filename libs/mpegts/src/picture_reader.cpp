// H.264 and H.265 of annex B: access units with lengths, and the parameter sets apart.
#include "elementary.hpp"
#include <millrace/base/reader.hpp>
#include <millrace/codec/bits.hpp>
#include <millrace/codec/h264.hpp>
#include <millrace/codec/h265.hpp>
#include <millrace/codec/nal.hpp>
#include <millrace/media/describe.hpp>

#include <algorithm>

namespace millrace::mpegts {
namespace {

using media::Codec;

/// What a NAL unit is, in words that hold for both codecs.
enum class Unit : std::uint8_t { delimiter, parameters, filler, sei, key_slice, slice, other };

constexpr std::size_t kMostSets = 64; ///< Of each kind.
constexpr Ticks kUnknownStep = kTicksPerSecond / 25;

class PictureReader final : public ElementaryReader {
public:
    using ElementaryReader::ElementaryReader;

    void feed(ByteView payload, std::optional<Times> times) override
    {
        if (!times) {
            count("pes_without_time");
        }
        auto at = times.value_or(Times{.pts = last_.pts + step_, .dts = last_.dts + step_});
        units_.clear();
        // Quirk: several access units in one PES packet; the times of all but the first are guessed.
        for (const auto unit : codec::split_annex_b(payload)) {
            if (kind_of(unit) == Unit::delimiter && !units_.empty()) {
                finish(at);
                at = {.pts = at.pts + step_, .dts = at.dts + step_};
            } else if (kind_of(unit) != Unit::delimiter) {
                units_.push_back(unit);
            }
        }
        finish(at);
    }

private:
    Unit kind_of(ByteView unit) const
    {
        if (track().codec == Codec::h264) {
            switch (static_cast<unsigned>(codec::h264::type_of(unit))) {
            case 1:
            case 2: return Unit::slice;
            case 5: return Unit::key_slice;
            case 6: return Unit::sei;
            case 7:
            case 8: return Unit::parameters;
            case 9: return Unit::delimiter;
            case 12: return Unit::filler;
            default: return Unit::other;
            }
        }
        const auto type = static_cast<unsigned>(codec::h265::type_of(unit));
        if (type <= 31) {
            return type >= 16 && type <= 23 ? Unit::key_slice : Unit::slice;
        }
        return type <= 34   ? Unit::parameters
               : type == 35 ? Unit::delimiter
               : type == 38 ? Unit::filler
               : type == 39 ? Unit::sei
                            : Unit::other;
    }

    /// Gives the access unit of units_.
    void finish(Times at)
    {
        bool key = false;
        bool recovery = false;
        bool sets = false;
        bool picture = false;
        std::size_t bytes = 0;
        for (const auto unit : units_) {
            const auto kind = kind_of(unit);
            sets = sets || kind == Unit::parameters;
            key = key || kind == Unit::key_slice;
            picture = picture || kind == Unit::key_slice || kind == Unit::slice;
            recovery = recovery || (kind == Unit::sei && is_recovery_point(unit));
            if (kind == Unit::parameters) {
                learn(unit);
            } else if (kind != Unit::filler) {
                bytes += 4 + unit.size();
            }
        }
        // Quirk: broadcasters begin their groups of pictures with a recovery point instead of an IDR picture.
        key = key || (recovery && sets && picture);
        if (picture) {
            step_ = at.dts > last_.dts && at.dts - last_.dts < kTicksPerSecond ? at.dts - last_.dts : step_;
            last_ = at;
            configure();
            if (told()) {
                give(take(bytes), at, key);
            } else {
                count("frame_before_config");
            }
        } else if (!units_.empty()) {
            configure();
        }
        units_.clear();
    }

    Bytes take(std::size_t bytes) const
    {
        Bytes payload;
        payload.reserve(bytes);
        ByteWriter out{payload};
        for (const auto unit : units_) {
            const auto kind = kind_of(unit);
            if (kind != Unit::parameters && kind != Unit::filler) {
                out.u32(static_cast<std::uint32_t>(unit.size()));
                out.bytes(unit);
            }
        }
        return payload;
    }

    /// A recovery point at which decoding is right at once (H.264 §D.1.8).
    bool is_recovery_point(ByteView unit) const
    {
        constexpr unsigned kRecoveryPoint = 6;
        if (track().codec != Codec::h264 || unit.size() < 4 || unit[1] != kRecoveryPoint) {
            return false;
        }
        codec::BitReader in{unit.subspan(3)};
        return in.ue() == 0 && in.ok();
    }

    /// Sets are told apart by what they begin with: kind and, for those of one kind, number.
    static std::uint32_t number_of(Codec codec, ByteView unit)
    {
        const std::size_t head = codec == Codec::h264 ? 1 : 2;
        if (unit.size() <= head) {
            return 0;
        }
        if (codec == Codec::h264 && codec::h264::type_of(unit) == codec::h264::NalType::sps) {
            const auto sps = codec::unescape(unit.first(std::min<std::size_t>(unit.size(), 16)));
            codec::BitReader in{sps};
            in.skip(32);
            return in.ue();
        }
        if (codec == Codec::h265 && codec::h265::type_of(unit) == codec::h265::NalType::vps) {
            return unit[head] >> 4U;
        }
        if (codec == Codec::h265 && codec::h265::type_of(unit) == codec::h265::NalType::sps) {
            return 0; // behind the profiles of all layers; streams of one layer have one
        }
        codec::BitReader in{unit.subspan(head)};
        return in.ue();
    }

    void learn(ByteView unit)
    {
        const auto kind = track().codec == Codec::h264 ? static_cast<unsigned>(codec::h264::type_of(unit))
                                                       : static_cast<unsigned>(codec::h265::type_of(unit));
        const auto number = number_of(track().codec, unit);
        const auto known = std::ranges::find_if(
            sets_, [&](const Set& set) { return set.kind == kind && set.number == number; });
        if (known == sets_.end()) {
            if (std::ranges::count(sets_, kind, &Set::kind) < static_cast<std::ptrdiff_t>(kMostSets)) {
                sets_.push_back({kind, number, to_bytes(unit)});
                changed_ = true;
            }
        } else if (!std::ranges::equal(known->unit, unit)) {
            known->unit = to_bytes(unit);
            changed_ = true;
        }
    }

    /// Tells the track when its parameter sets have changed.
    void configure()
    {
        if (!changed_) {
            return;
        }
        changed_ = false;
        std::ranges::stable_sort(sets_, {}, &Set::kind);
        const std::vector<ByteView> units(sets_.begin(), sets_.end());
        auto track = this->track();
        if (auto record = make_record(units); !record.empty()) {
            track.config = SharedBytes{std::move(record)};
            if (media::describe(track)) {
                tell(track);
            }
        }
    }

    /// Empty while sets are missing, or not to be read.
    Bytes make_record(const std::vector<ByteView>& units) const
    {
        if (track().codec == Codec::h265) {
            const auto made = codec::h265::make_record(units);
            return made ? *made : Bytes{};
        }
        const auto config = codec::h264::make_config(units);
        Bytes record;
        if (config) {
            ByteWriter out{record};
            codec::h264::write(out, *config);
        }
        return record;
    }

    struct Set {
        unsigned kind = 0; ///< NAL unit type.
        std::uint32_t number = 0;
        Bytes unit;

        operator ByteView() const { return unit; }
    };

    std::vector<Set> sets_;
    bool changed_ = false;
    std::vector<ByteView> units_; ///< Of the access unit in the making; views of the payload.
    Times last_;
    Ticks step_ = kUnknownStep;
};

} // namespace

std::unique_ptr<ElementaryReader> make_picture_reader(media::Track track, Findings& findings)
{
    return std::make_unique<PictureReader>(std::move(track), findings);
}

} // namespace millrace::mpegts
