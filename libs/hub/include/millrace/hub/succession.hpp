// Who feeds a stream: one source on air, one in reserve.
#pragma once

#include <millrace/hub/ingest.hpp>
#include <millrace/hub/reserve.hpp>

#include <optional>
#include <string_view>

namespace millrace::hub {

/// Frames of two sources in, one timeline out. The one in reserve is heard but not seen; when the one on air
/// leaves or falls silent, it goes on air with the key frame that its newest GOP begins with, right behind
/// the last time of the timeline: no time steps back, picture and sound move together, and the gap is that
/// between two frames. What falls silent without leaving goes into reserve.
///
/// The clock of a silence is the reserve's own frames: without them there is nothing to go over to.
class Succession {
public:
    struct Limits {
        /// How long the source on air may be silent. None: a second, or three quarters of its GOP when that
        /// is shorter, though not less than 0.3 s.
        std::optional<Clock::duration> silence;
        bool prefer_primary = false; ///< A primary in reserve goes on air at its next key frame.
        Reserve::Limits reserve;
    };

    struct Source {
        std::uint64_t token = 0; ///< Not 0; tells the two apart.
        bool backup = false;     ///< It was sent as one.
        std::chrono::nanoseconds wrap{0};
    };

    /// Why one in reserve went on air: what the other one did.
    enum class Reason : std::uint8_t { left, fell_silent, is_not_preferred };

    /// `ingest` is fed with what is on air; it must outlive this.
    explicit Succession(Ingest& ingest, Limits limits) : ingest_{ingest}, limits_{limits} {}

    /// Puts a source on air; whoever was there is gone.
    void begin(Source source, Clock::time_point now);
    /// Puts a source into reserve; whoever was there is gone. Expects: one is on air.
    void hold(Source source, Clock::time_point now);
    /// A source leaves; appends to `out` what its successor brings. False: it was not there.
    bool leave(std::uint64_t token, Clock::time_point now, std::vector<Update>& out);
    /// Frames of a source; appends to `out` what goes on the timeline. Those of others are dropped.
    void feed(std::uint64_t token, std::vector<media::Item> items, Clock::time_point now,
              std::vector<Update>& out);

    /// The tokens; 0: nobody.
    std::uint64_t on_air() const { return on_air_ ? on_air_->source.token : 0; }
    std::uint64_t in_reserve() const { return reserve_ ? reserve_->source.token : 0; }
    /// When each was last heard. Expects: somebody is there.
    Clock::time_point heard() const { return on_air_->heard; }
    Clock::time_point reserve_heard() const { return reserve_->heard; }
    bool backup_on_air() const { return on_air_ && on_air_->source.backup; }

    /// Times that the one in reserve went on air, and why the last time.
    std::uint64_t takeovers() const { return takeovers_; }
    Reason reason() const { return reason_; }
    std::size_t bytes_in_reserve() const { return reserve_ ? reserve_->held.bytes() : 0; }

private:
    struct Slot {
        Source source;
        Reserve held;
        Clock::time_point heard;
    };

    std::optional<Reason> due(Clock::time_point now) const;
    Clock::duration patience(Clock::time_point now) const;
    void go_on_air(Reason reason, Clock::time_point now, std::vector<Update>& out);

    Ingest& ingest_;
    Limits limits_;
    std::optional<Slot> on_air_;
    std::optional<Slot> reserve_;
    std::uint64_t takeovers_ = 0;
    Reason reason_ = Reason::left;
};

/// "fell silent".
std::string_view name(Succession::Reason reason);

} // namespace millrace::hub
