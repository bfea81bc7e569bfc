// RTP payloads to frames: one depacketizer a codec.
#pragma once

#include <millrace/media/track.hpp>
#include <millrace/rtp/format.hpp>
#include <millrace/rtp/packet.hpp>
#include <millrace/rtp/quirk.hpp>

#include <chrono>
#include <deque>
#include <memory>
#include <variant>

namespace millrace::rtp {

/// One access unit, timed by the source's RTP clock.
struct Unit {
    media::TrackId track = 0;
    media::Kind kind = media::Kind::video;
    std::int64_t timestamp = 0; ///< Of presentation; extended, in units of the format's clock rate.
    bool key = true;
    bool disposable = false;
    SharedBytes payload; ///< In the canonical form of media::Frame.
    /// Of a transport stream, which has decode times of its own: decode minus presentation time.
    std::optional<std::chrono::nanoseconds> decode_offset;

    friend bool operator==(const Unit&, const Unit&) = default;
};

/// A track stands before the first unit that needs it; again, when its configuration has changed.
using Output = std::variant<media::Track, Unit>;

/// What one medium costs and what went wrong.
struct DepacketizerStats {
    std::uint64_t units = 0;
    std::uint64_t damaged = 0;  ///< Access units dropped because a part of them was lost.
    std::uint64_t bad = 0;      ///< Payloads that cannot be read.
    std::uint64_t oversize = 0; ///< Dropped because of Limits.
    QuirkCounts quirks;
};

/// Puts the packets of one medium together. They come in the order of their sequence numbers; an access unit
/// of which a part is lost never comes out.
class Depacketizer {
public:
    /// How much one peer may make us hold.
    struct Limits {
        std::size_t unit_bytes = std::size_t{16} << 20U;
        std::size_t nal_bytes = std::size_t{8} << 20U;
        std::size_t nals = 512; ///< In one access unit.
    };

    virtual ~Depacketizer() = default;

    /// Takes the next packet. `lost`: packets are missing between the one before and this.
    /// `timestamp`: that of the packet, extended.
    virtual void feed(const Packet& packet, std::int64_t timestamp, bool lost) = 0;
    /// Nothing more comes for now: gives what is whole, such as a picture whose end no marker told.
    virtual void flush() {}
    /// The next track or unit; none when more packets are needed.
    std::optional<Output> next();

    const DepacketizerStats& stats() const { return stats_; }

protected:
    void give(media::Track track);
    void give(Unit unit);

    DepacketizerStats stats_;

private:
    std::deque<Output> ready_;
};

/// The depacketizer of a medium; its track's id and number are as given. Errors: unsupported_format.
Result<std::unique_ptr<Depacketizer>> make_depacketizer(const Format& format, media::TrackId id,
                                                        std::uint8_t number = 0,
                                                        const Depacketizer::Limits& limits = {});

} // namespace millrace::rtp
