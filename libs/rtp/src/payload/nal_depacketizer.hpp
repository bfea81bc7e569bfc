// What the depacketizers of H.264 and H.265 have alike: NAL units to access units.
#pragma once

#include <millrace/rtp/payload/depacketizer.hpp>

#include <array>

namespace millrace::rtp {

/// Collects NAL units until their access unit ends: by the marker, by another timestamp, or by a unit that
/// can only begin the next one.
class NalDepacketizer : public Depacketizer {
public:
    void feed(const Packet& packet, std::int64_t timestamp, bool lost) final;
    void flush() final;

protected:
    /// What a NAL unit is, as far as access units depend on it.
    struct Role {
        bool picture = false;         ///< A slice.
        bool first_slice = false;     ///< The first slice of a picture.
        bool key = false;             ///< A slice of a picture at which decoding can begin.
        bool reference = true;        ///< Others may refer to it.
        bool set = false;             ///< A parameter set.
        bool delimiter = false;       ///< Ends the access unit before it, when that has a picture.
        bool dropped = false;         ///< Of no use in a frame.
        bool may_hide_others = false; ///< Start codes are looked for inside.
    };

    NalDepacketizer(const Format& format, media::Track track, const Limits& limits)
        : format_{format}, track_{std::move(track)}, limits_{limits}
    {
    }

    /// Splits a payload; calls unit() and fragment(). False when it cannot be read.
    virtual bool split(ByteView payload) = 0;
    virtual Role role(ByteView unit) const = 0;
    /// Keeps a parameter set; true when that changes what is known.
    virtual bool keep(ByteView set) = 0;
    /// The configuration that the kept sets make; none when some are missing.
    virtual std::optional<Bytes> config() const = 0;

    void unit(ByteView unit);
    /// The unit belongs to an access unit of that time, which is not the packet's.
    void unit_at(std::int64_t timestamp, ByteView unit);
    /// A part of a unit whose header is `header`.
    void fragment(ByteView header, ByteView data, bool start, bool end);

    const Format& format() const { return format_; }
    std::int64_t timestamp() const { return timestamp_; }
    DepacketizerStats& counts() { return stats_; }

private:
    void turn_to(std::int64_t timestamp);
    void take(ByteView unit);
    void end_unit();
    void drop_open_unit();
    void finish();
    void clear();

    Format format_;
    media::Track track_;
    Limits limits_;
    Bytes unit_bytes_;                ///< The access unit so far, each unit after its length.
    std::optional<std::size_t> open_; ///< Where the length of a unit stands that is not whole.
    std::size_t nals_ = 0;
    std::int64_t timestamp_ = 0;
    std::int64_t packet_time_ = 0;
    std::optional<std::int64_t> ended_at_; ///< By a marker.
    bool picture_ = false;
    bool key_ = false;
    bool reference_ = false;
    bool damaged_ = false;
    bool after_loss_ = false;
    bool sets_alone_ = false; ///< Parameter sets whose marker was seen.
    bool ignore_markers_ = false;
    bool changed_ = true;
};

} // namespace millrace::rtp
