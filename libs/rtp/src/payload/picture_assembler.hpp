// What the depacketizers of pictures without NAL units have alike: the parts of one picture, put together.
#pragma once

#include <millrace/rtp/payload/depacketizer.hpp>

namespace millrace::rtp {

/// Collects the parts of one picture until the marker or another timestamp ends it.
class PictureAssembler : public Depacketizer {
public:
    void feed(const Packet& packet, std::int64_t timestamp, bool lost) final;
    void flush() final;

protected:
    PictureAssembler(media::Track track, const Limits& limits) : track_{std::move(track)}, limits_{limits} {}

    /// Takes a payload; calls append() or damage(). False when it cannot be read.
    virtual bool take(const Packet& packet) = 0;
    /// The picture is whole: gives it, by way of give_picture(). `picture` may be empty.
    virtual void complete(Bytes picture) = 0;
    /// Nothing of the picture before is of use.
    virtual void begin_picture() {}

    void append(ByteView data);
    /// A part is missing: the picture will not come out.
    void damage() { damaged_ = true; }
    bool empty() const { return picture_.empty(); }
    Bytes& picture() { return picture_; }

    /// Gives the picture; the track before it, when it is the first or the track has changed.
    void give_picture(Bytes picture, bool key);
    media::Track& track() { return track_; }
    DepacketizerStats& counts() { return stats_; }

private:
    void finish();

    media::Track track_;
    std::optional<media::Track> told_;
    Limits limits_;
    Bytes picture_;
    std::int64_t timestamp_ = 0;
    bool begun_ = false;
    bool damaged_ = false;
};

} // namespace millrace::rtp
