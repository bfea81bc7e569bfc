// Between frames and a container's bytes: what a rendition asks of either container.
#pragma once

#include <millrace/hls/segment.hpp>
#include <millrace/media/frame.hpp>

#include <memory>
#include <span>

namespace millrace::hls {

/// Frames of a rendition's tracks in, parts out. The first track is the one whose frames a part and a segment
/// are measured by.
///
/// For each frame of the first track: settle(), perhaps close(), then add().
class Writer {
public:
    virtual ~Writer() = default;

    /// The initialisation segment; none when the container has none.
    virtual SharedBody initialisation() const = 0;
    /// Where a part that begins with this frame of the first track begins, in the container's time. The frame
    /// before it lasts until then.
    virtual Nanoseconds settle(const media::Frame& next) = 0;
    /// The same where nothing follows what there is: the last frame lasts as long as the one before it.
    virtual Nanoseconds settle() = 0;
    /// Nothing of before reaches across the frame that comes next.
    virtual void begin_anew() = 0;
    /// Appends a frame. `begins`: it is the first of a segment.
    virtual void add(const media::Frame& frame, bool begins) = 0;
    /// The frames added since the last time; those of the first track must be settled.
    virtual media::Pieces close(bool first_of_segment) = 0;
    /// An ID3 tag for a time, to stand beside the samples of the part that is being made. MPEG-TS has frames
    /// of metadata instead.
    virtual void tell(const SharedBytes& id3, MediaTime at)
    {
        static_cast<void>(id3);
        static_cast<void>(at);
    }
};

/// Frames of one track as fragments of MP4.
std::unique_ptr<Writer> make_fragment_writer(const media::Track& track);
/// Frames of several tracks as MPEG-TS. `metadata`: timed metadata is announced.
std::unique_ptr<Writer> make_transport_writer(const std::vector<media::Track>& tracks, bool metadata);

/// Added to all times, so that none is ever below zero.
inline constexpr Nanoseconds kBegin = std::chrono::seconds{10};

} // namespace millrace::hls
