// A live stream made a file: its begin, its times.
#pragma once

#include <millrace/clients/pacing.hpp>
#include <millrace/media/container.hpp>

#include <memory>
#include <set>
#include <vector>

namespace millrace::clients {

/// Items of a live stream in, the bytes of a file out. The file begins at time 0 with a key frame (when
/// it has video), its head names all tracks; wherever the stream's own times jump, the file goes on.
class Recording {
public:
    enum class Tracks : std::uint8_t {
        all,     ///< As FLV files hold them: several of a kind by their numbers.
        default_ ///< One of each kind, in the form that every reader of FLV knows.
    };

    enum class Format : std::uint8_t { flv, ts };

    explicit Recording(Tracks tracks = Tracks::all, Format format = Format::flv);
    ~Recording();
    Recording(const Recording&) = delete;
    Recording& operator=(const Recording&) = delete;

    /// Takes an item and appends what is to be written now. The begin is held until it is clear which tracks
    /// there are: until frames of picture and sound have come, or a second of the stream.
    void take(media::Item item, Clock::time_point now, media::Pieces& out);
    /// The stream is over.
    void end(media::Pieces& out);

    /// From the first frame to the newest.
    std::chrono::nanoseconds position() const { return timeline_.position(); }
    std::uint64_t frames() const { return frames_; }

private:
    bool wanted(const media::Frame& frame);
    bool begin_is_clear() const;
    void begin(media::Pieces& out);
    void write(const media::Item& item, media::Pieces& out);

    Timeline timeline_;
    std::unique_ptr<media::Muxer> muxer_;
    std::vector<media::Item> held_;
    bool begun_ = false;
    std::set<media::TrackId> key_seen_; ///< Video tracks of which a key frame has come.
    MediaTime zero_;
    MediaTime newest_;
    std::uint64_t frames_ = 0;
};

} // namespace millrace::clients
