// A stream as one worker has it: the timeline's newest part, its images and its viewers.
#pragma once

#include <millrace/base/clock.hpp>
#include <millrace/hub/update.hpp>
#include <millrace/hub/viewer.hpp>
#include <millrace/hub/wire_image.hpp>
#include <millrace/media/container.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::hub {

/// A way to put a stream into bytes. Viewers whose packagings have the same key share one image.
struct Packaging {
    std::string key; ///< "flv", "rtmp/1".
    std::function<std::unique_ptr<media::Muxer>()> make;
};

/// One item of the timeline, with what every reader of it must agree on.
struct Entry {
    media::Item item;
    MediaTime at;      ///< Decode time of a frame; of other items, that of the newest frame before them.
    bool join = false; ///< A reader may begin here.
};

/// The end of a timeline, with enough of its past to begin at once: frames in, viewers' bytes out.
///
/// The same on a stream's home and on its replicas: what is appended there in the same order gives the same
/// bytes. Knows no publisher and no thread; see Ingest for what stands before it.
class Stream {
public:
    struct Limits {
        WireImage::Limits image;
        std::size_t kept_bytes = std::size_t{64} << 20U; ///< Of frames kept for new images and replicas.
        Clock::duration audio_ride =
            std::chrono::milliseconds{50}; ///< How long sound may wait for the next picture.
        std::size_t small_audience = 16;   ///< Up to so many viewers, sound goes out at once.
        Clock::duration join_every =
            std::chrono::seconds{1}; ///< Between join points where there is no picture.
        std::size_t packagings = 24; ///< In use at once: each is muxed and kept.
    };

    explicit Stream(std::string name) : Stream{std::move(name), Limits{}} {}
    Stream(std::string name, Limits limits);
    ~Stream();
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    const std::string& name() const { return name_; }

    /// Appends; nothing is sent before flush().
    void append(Update update);

    /// Sends what is due to all viewers: at once when a picture is among it, else when deadline() has come.
    void flush(Clock::time_point now);
    /// When flush must be called again at the latest; time_point::max() when never.
    Clock::time_point deadline() const { return deadline_; }
    /// Sends what is due and lets slow viewers' ladders go on, also while nothing comes in.
    void tick(Clock::time_point now);
    /// Tells all viewers that nothing more will come.
    void end();

    /// Whether a viewer in that packaging can be let in: it is in use, or there is room for one more.
    bool has_room(const Packaging& packaging) const;
    /// Lets a viewer in. It is let out by its destructor, or by detach.
    void attach(Viewer& viewer, const Packaging& packaging);
    void detach(Viewer& viewer);
    const std::vector<Viewer*>& viewers() const { return viewers_; }

    const media::Head& head() const { return head_; }
    MediaTime newest() const { return newest_; } ///< The latest decode time on the timeline.
    bool has_audio_and_video() const { return picture_ && has_audio_; }
    /// The newest GOP: what a replica must append to be where this stream is. The head at its beginning comes
    /// first.
    std::vector<Update> snapshot() const;
    std::size_t bytes_held() const { return kept_bytes_; }
    /// Bytes given to viewers' connections, those of viewers who left included.
    std::uint64_t bytes_out() const;
    /// Bytes that the images span; their payloads are shared with the frames kept.
    std::uint64_t image_bytes() const;

private:
    friend class Viewer;

    struct Images {
        Packaging packaging;
        std::unique_ptr<WireImage> by_selection[3];
        std::size_t viewers = 0;
    };

    void append_item(media::Item item);
    void forget_track(media::TrackId id);
    WireImage& image(std::size_t packaging, Selection selection);
    std::vector<ByteView>& scratch() { return scratch_; }
    std::span<const ByteView> cut(std::span<const ByteView> views, std::size_t bytes);
    bool is_join(const media::Frame& frame);
    void learn(const media::Item& item);
    void see_tracks();
    void keep(Entry entry);
    void send(Clock::time_point now);
    void trim_images();

    std::string name_;
    Limits limits_;
    media::Head head_;
    media::Head kept_head_; ///< As it stood before the first kept entry.
    std::vector<Entry> kept_;
    std::size_t kept_bytes_ = 0;
    bool keeping_ = false;                  ///< A join point is among what is kept.
    std::optional<media::TrackId> picture_; ///< The first video track; readers begin with its key frames.
    bool has_audio_ = false;
    MediaTime newest_{};
    std::optional<MediaTime> last_join_;
    std::vector<std::unique_ptr<Images>> images_;
    std::vector<Viewer*> viewers_;
    std::vector<ByteView> scratch_;
    std::uint64_t bytes_of_departed_ = 0;
    bool picture_due_ = false;
    bool due_ = false;
    Clock::time_point deadline_ = Clock::time_point::max();
};

} // namespace millrace::hub
