// A stream, cut for HLS and DASH in memory.
#pragma once

#include <millrace/hls/rendition.hpp>

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace millrace::hls {

/// Tracks and frames of one timeline in, renditions out: all cut at the same places, the key frames of the
/// leading picture (of the leading sound where there is no picture), with the same media and discontinuity
/// sequence numbers, which never go back.
///
/// Frames of other tracks wait until the leading one has come as far, so that it is known which segment is
/// theirs; one that has fallen silent is waited for no longer than kPatience.
class Packager {
public:
    Packager(Settings settings, Start start);
    ~Packager();
    Packager(const Packager&) = delete;
    Packager& operator=(const Packager&) = delete;

    const Settings& settings() const { return rules_.settings; }
    const std::string& token() const { return rules_.token; }

    /// What comes next ends with a frame of this time, which was there at `wall`: program date times are told
    /// from this. To be called before the frames of each batch.
    void hear(MediaTime newest, WallTime wall);
    /// A track appears, or its configuration changes.
    void tell(const media::Track& track);
    /// A track will not come again.
    void gone(media::TrackId track);
    /// What comes next has nothing to do with what came before: another publisher, or a jump of its times.
    /// When its times begin anew (`anew`), they are moved behind what was there.
    void interrupt(bool anew = false);
    void take(const media::Frame& frame, Clock::time_point now);
    /// Nothing will come: open segments end, and the playlists too until something comes after all.
    void end(Clock::time_point now);
    /// Lets go of what is no longer to be had. About once a second.
    void tick(Clock::time_point now);

    /// Whether there is something to play: a whole segment of the leading track.
    bool ready() const { return target_ > Nanoseconds{0}; }
    bool ended() const { return ended_; }
    /// Whole seconds; never changes. Expects: ready().
    Nanoseconds target() const { return target_; }
    /// Zero where there are no parts. Expects: ready().
    Nanoseconds part_target() const { return rules_.part_target; }

    const std::vector<const Rendition*>& renditions() const { return view_; }
    const Rendition* find(std::string_view id) const;
    /// Whether the rendition's tracks are still brought by the source.
    bool present(const Rendition& rendition) const;

    /// A track that no rendition has, and why, in words.
    struct LeftOut {
        media::Track track;
        std::string why;
    };
    std::vector<LeftOut> left_out() const;
    /// What the operator should know of the source; empty when all is well.
    std::vector<std::string> warnings() const;

    std::uint64_t next_msn() const { return next_msn_; }
    std::uint64_t discontinuities() const { return discontinuity_; }
    std::uint64_t forced_cuts() const { return forced_cuts_; }
    std::size_t bytes() const;
    /// Where the stream has come to, as containers tell it.
    Nanoseconds newest() const;
    /// Goes up whenever a playlist of any rendition shows something new.
    std::uint64_t version() const;

    /// Random bytes for keys, when there is encryption; before the first frame.
    std::function<void(std::span<std::uint8_t>)> random;

    /// How long a leading track may be silent while others go on.
    static constexpr Nanoseconds kPatience = std::chrono::seconds{2};

private:
    struct Lane;
    struct Seat;

    Lane* lane(media::TrackId id);
    void examine(Lane& lane);
    void arrange();
    Seat& seat_for(const Lane& lane, const std::vector<media::Track>& tracks);
    const Rendition& lead_rendition();
    void elect();
    void announce(const media::Frame& frame, Clock::time_point now);
    bool gathered() const;
    void begin_all(Clock::time_point now);
    void choose_part_target();
    Nanoseconds usual_duration(const Lane& lane) const;
    void lead(const media::Frame& frame, Clock::time_point now);
    bool cuts(const media::Frame& frame);
    void cut(MediaTime at, bool discontinuous);
    void lead_by_another(const media::Frame& frame);
    void release(MediaTime before, Clock::time_point now);
    void deliver(Lane& lane, const media::Frame& frame, Clock::time_point now);
    void deliver(Seat& seat, const Lane& lane, const media::Frame& frame, Clock::time_point now);
    bool begins(const Seat& seat, const Lane& lane, const media::Frame& frame) const;
    void leave_behind(Clock::time_point now);
    void settle_target();
    void move_clock(bool anew);
    std::shared_ptr<const Key> key_for(std::uint64_t msn);

    Rendition::Rules rules_;
    Start start_;
    std::map<media::TrackId, std::unique_ptr<Lane>> lanes_;
    std::vector<std::unique_ptr<Seat>> seats_;
    std::vector<const Rendition*> view_;
    std::deque<Boundary> boundaries_; ///< Those that some rendition has not yet come to, and the newest.
    media::TrackId leader_ = 0;
    bool running_ = false;
    bool ended_ = false;
    bool interrupted_ = false; ///< The next frame of the leader begins a segment, with the tag.
    bool tag_next_ = false;    ///< The next segment carries the tag.
    bool rebase_ = false;      ///< The next frame's time is moved behind what was there.
    bool last_was_forced_ = false;
    bool leaderless_ = false; ///< What is released leads itself.
    Nanoseconds base_{0};     ///< Added to all times.
    MediaTime newest_{};      ///< Of the leader, or of who leads in its place.
    MediaTime leader_seen_{};
    MediaTime newest_of_all_{};
    std::size_t open_bytes_ = 0;
    std::size_t held_ = 0;
    Nanoseconds target_{0};
    std::optional<Nanoseconds> clock_; ///< Wall time minus the stream's time, as playlists have it.
    std::optional<Nanoseconds> heard_; ///< The least seen in this segment: who came in least late.
    std::optional<std::pair<MediaTime, WallTime>> period_; ///< Where the last tag was.
    std::uint64_t next_msn_ = 0;
    std::uint64_t discontinuity_ = 0;
    std::uint64_t forced_cuts_ = 0;
    std::uint64_t dropped_ = 0;
    std::shared_ptr<const Key> key_;
    std::uint64_t key_since_ = 0;
};

} // namespace millrace::hls
