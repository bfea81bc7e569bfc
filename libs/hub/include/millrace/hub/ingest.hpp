// What stands between a publisher and its stream: one clock, key-frame alignment, the measuring of quality.
#pragma once

#include <millrace/hub/ingest_clock.hpp>
#include <millrace/hub/meter.hpp>
#include <millrace/hub/update.hpp>

#include <set>
#include <vector>

namespace millrace::hub {

/// Turns what publishers bring, one after the other, into the steps of one timeline.
///
/// A successor's frames begin with a key frame (if the stream has a picture); its times go on where the
/// predecessor's ended; tracks that it does not bring are told to be gone.
class Ingest {
public:
    struct Limits {
        IngestClock::Limits clock;
        Clock::duration key_frame =
            std::chrono::seconds{10}; ///< How long a successor's key frame is waited for.
        std::size_t tracks = 32;
    };

    Ingest() : Ingest{Limits{}} {}
    explicit Ingest(Limits limits);

    /// A publisher begins. `wrap`: the period of its timestamps, zero when they do not wrap.
    void begin(std::chrono::nanoseconds wrap, Clock::time_point now);

    /// Takes one item with the source's times; appends to `out` what goes on the timeline.
    /// Expects: begin() was called.
    void feed(media::Item item, Clock::time_point now, std::vector<Update>& out);

    SourceQuality quality(Clock::time_point now) const { return meter_.read(now); }
    const IngestClock& clock() const { return clock_; }
    std::uint64_t waited_out() const
    {
        return waited_out_;
    } ///< Frames dropped before a successor's key frame.
    /// What the publisher does wrong, in sentences for its operator; empty when nothing is.
    std::vector<std::string> warnings(Clock::time_point now) const;

private:
    void feed_track(media::Track track, std::vector<Update>& out);
    void feed_frame(media::Frame frame, Clock::time_point now, std::vector<Update>& out);
    std::optional<media::TrackId> picture() const;
    bool waits(const media::Frame& frame, Clock::time_point now) const;
    void align(std::vector<Update>& out);

    Limits limits_;
    IngestClock clock_;
    SourceMeter meter_;
    std::vector<media::Track> tracks_; ///< As the timeline knows them.
    std::set<media::TrackId> brought_; ///< By the present publisher.
    bool aligning_ = false;            ///< A successor has not yet brought a key frame.
    bool first_ = true;
    Clock::time_point began_;
    std::optional<Clock::time_point> key_seen_;
    std::uint64_t waited_out_ = 0;
};

} // namespace millrace::hub
