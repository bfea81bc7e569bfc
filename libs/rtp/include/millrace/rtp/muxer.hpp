// RTP packets of a stream, made once for all its viewers.
#pragma once

#include <millrace/media/container.hpp>
#include <millrace/rtp/payload/packetizer.hpp>

#include <map>
#include <memory>
#include <string>

namespace millrace::rtp {

/// Numbers that all images of one stream share, so that a viewer who changes from one image to another (to
/// sound alone, and back) sees no gap: a frame that is muxed twice gets the same numbers twice. Not for
/// several threads.
class Numbering;
std::shared_ptr<Numbering> make_numbering(std::uint64_t seed);

/// What a track's packets begin with at a join point, for RTP-Info.
struct TrackStart {
    media::TrackId track = 0;
    std::uint16_t sequence = 0;  ///< Of the next packet of that track.
    std::uint32_t timestamp = 0; ///< Of the join point's time, on the track's clock.

    friend bool operator==(const TrackStart&, const TrackStart&) = default;
};

/// One framed packet of an image.
struct Framed {
    std::uint8_t channel = 0; ///< 2 * slot for RTP, 2 * slot + 1 for RTCP, kStartChannel.
    ByteView packet;
    ByteView whole; ///< With its four bytes of framing.
};

constexpr std::uint8_t kStartChannel = 255; ///< Not to be sent: a list of TrackStart.
constexpr std::size_t kFramingBytes = 4;

/// Takes the next packet from the beginning of `bytes`; none when there is no whole one.
std::optional<Framed> take_framed(ByteView& bytes);
/// What a packet on kStartChannel says.
std::vector<TrackStart> read_starts(ByteView packet);

/// The SSRC under which a track of the stream with that seed is sent.
std::uint32_t ssrc_of(std::uint64_t seed, media::TrackId track);

/// Tracks and frames in, RTP and RTCP packets out, each framed as RTSP interleaves them:
///
///     framed := 24 channel:u8 length:u16 packet
///
/// with channels by slot_of(), so that a viewer who chose those gets the very bytes, and another one all but
/// the four of framing. A piece holds whole packets. The prologue has one packet on kStartChannel and a
/// sender report for each track; reports go on every few seconds of media time. The payload is copied once,
/// so that each packet stands in one place: a viewer then costs one view a frame instead of two a packet.
class Muxer final : public media::Muxer {
public:
    struct Options {
        std::uint64_t seed = 1;          ///< Random, one for each stream: SSRCs and offsets come from it.
        std::size_t most = kUsualPacket; ///< Bytes of an RTP packet.
        std::string cname = "millrace";  ///< Printable.
        MediaTime media{};               ///< This moment of the stream …
        WallTime wall{};                 ///< … was captured at that one.
        std::chrono::nanoseconds report_every = std::chrono::seconds{5};
        std::shared_ptr<Numbering> numbering; ///< Made from the seed when there is none.
    };

    explicit Muxer(Options options);
    ~Muxer() override;

    void prologue(const media::Head& head, MediaTime at, media::Pieces& out) const override;
    /// Parameter sets go in band before the next key frame. A track that RTP cannot carry is left out.
    void write(const media::Track& track, MediaTime at, media::Pieces& out) override;
    /// Left out: RTP has no place for it.
    void write(const media::Metadata& metadata, MediaTime at, media::Pieces& out) override;
    void write(const media::Frame& frame, bool join, media::Pieces& out) override;
    /// Says BYE for the track.
    void forget(media::TrackId track, MediaTime at, media::Pieces& out) override;

private:
    friend class Numbering;
    struct Lane;
    struct Counter;
    static std::uint32_t follow_on(const Lane& lane, const media::Frame& frame, Counter& counter);
    void report(media::TrackId track, const Lane& lane, MediaTime at, Bytes& out) const;

    Options options_;
    std::map<media::TrackId, Lane> lanes_;
    std::vector<TrackStart> starts_; ///< Of the newest join point.
    MediaTime joined_{};
};

} // namespace millrace::rtp
