// One elementary stream on its way out.
#pragma once

#include "packetizer.hpp"
#include "psi.hpp"
#include "sample_clock.hpp"
#include <millrace/media/container.hpp>

#include <array>
#include <vector>

namespace millrace::mpegts {

/// A track and its PID: frames in, PES packets out (ISO/IEC 13818-1 §2.4.3.6).
class Lane {
public:
    /// Expects: left_out() says nothing against the track.
    Lane(media::Track track, std::uint16_t pid);

    const media::Track& track() const { return track_; }
    std::uint16_t pid() const { return packets_.pid(); }
    /// As it stands in the program map.
    ProgramStream announced() const;
    /// The same track, changed; the continuity counter goes on.
    void change(media::Track track);

    /// One picture in a PES packet of its own: annex B, an access unit delimiter in front, parameter sets
    /// where decoding can begin.
    void write_picture(const media::Frame& frame, const Lead& lead, Bytes& out);

    /// Whether the frame must not join what is held.
    bool must_flush_before(const media::Frame& frame) const;
    void hold(const media::Frame& frame);
    bool holds() const { return !held_.empty(); }
    /// When the sound that is held begins and ends. Expects: holds().
    Ticks held_from() const { return held_from_; }
    Ticks held_to() const { return held_to_; }
    /// Writes what is held in one PES packet.
    void write_held(const Lead& lead, Bytes& out);

    /// One ID3 tag in a PES packet of its own.
    void write_tag(ByteView tag, Ticks at, Bytes& out);

    void write_clock(const Lead& lead, Bytes& out) { packets_.write_clock(lead, out); }

private:
    struct Held {
        std::size_t head = 0; ///< Bytes of heads_ that stand before it.
        SharedBytes payload;
    };

    void prepare();
    void gather_units(const media::Frame& frame);
    bool is_set(ByteView unit) const;
    bool is_dropped(ByteView unit) const;

    media::Track track_;
    Packetizer packets_;
    std::size_t length_size_ = 4;
    Bytes parameter_sets_; ///< Annex B.
    std::array<std::uint8_t, 7> adts_{};
    SampleClock clock_;
    std::vector<Held> held_;
    Bytes heads_;
    std::size_t held_bytes_ = 0;
    Ticks held_from_ = 0;
    Ticks held_to_ = 0;
    std::vector<ByteView> parts_; ///< Scratch.
};

} // namespace millrace::mpegts
