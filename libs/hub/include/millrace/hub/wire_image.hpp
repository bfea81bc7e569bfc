// A stream, muxed once for one packaging: the bytes that all its viewers get.
#pragma once

#include <millrace/media/container.hpp>

#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace millrace::hub {

/// Which frames of a stream stand in an image.
enum class Selection : std::uint8_t { all, audio_only, video_only };

/// An append-only run of bytes with absolute 64-bit offsets: frames in, muxed once; any number of readers,
/// each of which is nothing but an offset.
///
/// A reader begins at a join point, after that point's prologue, and may then read on for ever. The bytes at
/// an offset never change; those below `begin()` are gone.
class WireImage {
public:
    struct Limits {
        std::size_t bytes = std::size_t{96}
                            << 20U; ///< Held at once; a join point that would need more is given up.
        std::chrono::nanoseconds join_every =
            std::chrono::seconds{1}; ///< Between join points of an audio-only image.
    };

    WireImage(std::unique_ptr<media::Muxer> muxer, Selection selection)
        : WireImage{std::move(muxer), selection, Limits{}}
    {
    }
    WireImage(std::unique_ptr<media::Muxer> muxer, Selection selection, Limits limits);

    /// Appends one item. `head` is what is known at this point; `join`: a reader of the whole stream may
    /// begin here. (An audio-only image makes join points of its own.)
    void append(const media::Item& item, bool join, const media::Head& head, MediaTime at);
    /// Makes a track known without a trace in the bytes.
    void tell(const media::Track& track);
    /// A track will not come again.
    void forget(media::TrackId track, MediaTime at);

    /// The lowest offset that any reader needs; see trim().
    void set_floor(std::uint64_t offset) { floor_ = offset; }
    std::uint64_t floor() const { return floor_; }
    /// Forgets what is below both the floor and the newest join point.
    void trim();

    std::uint64_t begin() const { return begin_; }
    std::uint64_t end() const { return end_; }
    MediaTime end_time() const { return end_time_; } ///< Decode time of the newest frame.
    Selection selection() const { return selection_; }

    /// The offset at which the newest join point's frame begins; none while there is no join point.
    std::optional<std::uint64_t> join_offset() const;
    /// What a reader that begins at the newest join point gets before the bytes at join_offset().
    /// Expects: join_offset() has a value.
    const media::Pieces& join_prologue();

    /// Views of the bytes from `from` on, at most kMostViews of them. Valid until the next call of a
    /// non-const function. Expects: begin() <= from <= end().
    std::span<const ByteView> gather(std::uint64_t from);

    /// Shared ownership of the bytes [from, to).
    media::Pieces share(std::uint64_t from, std::uint64_t to) const;

    /// Where the item ends that the byte before `offset` belongs to: `offset` itself between two items.
    std::uint64_t boundary(std::uint64_t offset) const;
    /// Decode time of the item at `offset`; end_time() at the end.
    MediaTime time_at(std::uint64_t offset) const;

    /// Most views that gather() gives at once.
    static constexpr std::size_t kMostViews = 128;

private:
    struct Piece {
        std::uint64_t begin;
        SharedBytes bytes;
    };
    struct Mark {
        std::uint64_t begin;
        MediaTime time;
    };
    struct Join {
        std::uint64_t offset;
        MediaTime time;
        media::Head head;
        std::optional<media::Pieces> prologue;
    };

    bool selected(const media::Item& item) const;
    bool joins(const media::Item& item, bool join) const;
    void add(media::Pieces& pieces, MediaTime time);
    std::size_t piece_at(std::uint64_t offset) const;
    std::size_t mark_at(std::uint64_t offset) const;

    std::unique_ptr<media::Muxer> muxer_;
    Selection selection_;
    Limits limits_;
    std::deque<Piece> pieces_;
    std::deque<Mark> marks_;
    std::optional<Join> join_;
    std::uint64_t begin_ = 0;
    std::uint64_t end_ = 0;
    std::uint64_t floor_ = 0;
    MediaTime end_time_{};
    media::Pieces scratch_;
    std::vector<ByteView> views_;
    std::uint64_t views_from_ = UINT64_MAX; ///< The offset that views_ was made for.
};

} // namespace millrace::hub
