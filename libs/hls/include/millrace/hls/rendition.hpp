// One media playlist's worth of a stream: its segments and parts, the newest of them growing.
#pragma once

#include <millrace/hls/segment.hpp>
#include <millrace/media/frame.hpp>

#include <deque>
#include <optional>
#include <string>

namespace millrace::hls {

class Writer;

/// Where a segment begins: the same for all renditions of a packaging.
struct Boundary {
    std::uint64_t msn = 0;           ///< Of the segment that begins here.
    std::uint64_t discontinuity = 0; ///< Its discontinuity sequence number.
    bool discontinuous = false;      ///< It carries the tag.
    MediaTime at;
    WallTime wall;       ///< Program date time of `at`.
    MediaTime period_at; ///< Of the last boundary that carried the tag, or the first of all.
    WallTime period_wall;
};

/// Frames in their order in, segments and parts out, in memory. The bytes are those of the frames: a segment
/// is its parts, and fMP4 shares the payloads with all else that sends them.
class Rendition {
public:
    /// What a rendition and its siblings agree on.
    struct Rules {
        Settings settings;
        Nanoseconds part_target{0}; ///< Once it is known; parts are no longer.
        std::string token;
        bool timed_metadata = false; ///< There is some; MPEG-TS announces it.
    };

    /// `tracks`: the first is the one that is measured by.
    Rendition(std::string id, std::vector<media::Track> tracks, const Rules& rules);
    ~Rendition();
    Rendition(const Rendition&) = delete;
    Rendition& operator=(const Rendition&) = delete;

    const std::string& id() const { return id_; }
    const std::vector<media::Track>& tracks() const { return tracks_; }
    media::Kind kind() const { return tracks_.front().kind; }
    bool has_track(media::TrackId track) const;

    /// What a segment that begins here needs of its tracks; takes effect with the next boundary.
    void change(const media::Track& track);
    /// The same with other tracks than before.
    void assign(std::vector<media::Track> tracks);

    /// A segment begins with the next frame of the first track; the one before ends.
    void begin(const Boundary& boundary, const media::Frame& first, std::shared_ptr<const Key> key,
               Clock::time_point now);
    /// A segment begins and ends that has nothing in it.
    void skip(const Boundary& boundary, Nanoseconds duration, Clock::time_point now);
    /// A frame of the segment that has begun.
    void take(const media::Frame& frame, Clock::time_point now);
    /// Nothing follows: the open segment ends.
    void finish(Clock::time_point now);
    /// Timed metadata in the open segment.
    void tell(const SharedBytes& id3, MediaTime at);

    /// Lets go of what is no longer to be had; `target` is the target duration.
    void trim(Nanoseconds target, Clock::time_point now);
    /// Lets go of the oldest segment that is in no playlist, or else the oldest but three; false: there is
    /// none.
    bool drop_oldest();

    /// Segments in the playlist, the oldest first, the open one last.
    const std::deque<Segment>& listed() const { return listed_; }
    /// Closed segments that a playlist has.
    std::size_t closed() const { return listed_.size() - (open() ? 1 : 0); }
    bool open() const { return !listed_.empty() && !listed_.back().closed; }
    /// The open segment has begun its next part: there will be one.
    const Segment* find(std::uint64_t msn) const;
    SharedBody init(std::uint64_t number) const;
    std::shared_ptr<const Key> key(const std::string& id) const;

    /// Goes up with each part and segment that a playlist shows.
    std::uint64_t version() const { return version_; }
    std::size_t bytes() const { return bytes_; }

    /// Bits a second: the most of any segment, and the mean of all so far; 0 before there is one.
    double peak_rate() const;
    double mean_rate() const;
    std::uint64_t long_parts() const { return long_parts_; }
    /// Of the frames of the first track; zero when not known.
    Nanoseconds frame_duration() const { return frame_duration_; }

private:
    struct Gone {
        Segment segment;
        Clock::time_point until;
    };
    double first_rate() const;

    void close_part(Nanoseconds end);
    void close_segment(Nanoseconds end, Clock::time_point now);
    void encipher(Segment& segment, media::Pieces& pieces);
    void measure(const Segment& segment);
    void let_go(const Segment& segment);

    std::string id_;
    std::vector<media::Track> tracks_;
    const Rules& rules_;
    std::unique_ptr<Writer> writer_;
    std::shared_ptr<const Init> init_;
    std::deque<Segment> listed_;
    std::deque<Gone> gone_;
    std::vector<media::TrackId> stale_; ///< Tracks whose frames wait for the next segment.
    bool changed_ = false;              ///< The next segment needs a new writer.
    Nanoseconds part_begin_{0};         ///< Of the part that is being made.
    bool part_independent_ = false;
    bool part_empty_ = true;
    std::size_t part_bytes_ = 0;
    std::optional<MediaTime> newest_; ///< Of the first track.
    Nanoseconds frame_duration_{0};
    std::uint64_t inits_ = 0;
    std::uint64_t version_ = 0;
    std::size_t bytes_ = 0;
    double peak_rate_ = 0;
    double seconds_ = 0;
    double bits_ = 0;
    std::uint64_t long_parts_ = 0;
};

} // namespace millrace::hls
