#include "payload/durations.hpp"
#include <millrace/rtp/muxer.hpp>
#include <millrace/rtp/packet.hpp>
#include <millrace/rtp/rtcp.hpp>

#include <algorithm>

namespace millrace::rtp {
namespace {

using std::chrono::nanoseconds;

constexpr std::uint8_t kMagic = 0x24; ///< '$', RFC 2326 §10.12.
constexpr std::size_t kStartBytes = 8;

/// A number that looks random and is the same each time it is asked for.
std::uint64_t mixed(std::uint64_t seed, std::uint64_t what)
{
    auto x = seed + (what + 1) * 0x9e3779b97f4a7c15U;
    x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31U);
}

enum Purpose : std::uint64_t { for_ssrc, for_sequence, for_timestamp, kPurposes };

std::uint64_t number_of(std::uint64_t seed, media::TrackId track, Purpose purpose)
{
    return mixed(seed, std::uint64_t{track} * kPurposes + purpose);
}

/// To the nearest unit of the clock.
std::int64_t units(nanoseconds time, std::uint32_t rate)
{
    constexpr std::int64_t kSecond = 1'000'000'000;
    const auto whole = time.count() / kSecond;
    const auto rest = time.count() % kSecond;
    return whole * rate + (rest * rate + (rest >= 0 ? kSecond / 2 : -kSecond / 2)) / kSecond;
}

void write_framing(ByteWriter& out, std::uint8_t channel, std::size_t size)
{
    out.u8(kMagic);
    out.u8(channel);
    out.u16(static_cast<std::uint16_t>(size));
}

void write_framed(Bytes& bytes, std::uint8_t channel, ByteView packet)
{
    ByteWriter out{bytes};
    write_framing(out, channel, packet.size());
    out.bytes(packet);
}

} // namespace

std::uint32_t ssrc_of(std::uint64_t seed, media::TrackId track)
{
    const auto ssrc = static_cast<std::uint32_t>(number_of(seed, track, for_ssrc));
    return ssrc == 0 ? 1 : ssrc;
}

/// What is counted of one track.
struct Muxer::Counter {
    std::uint16_t next = 0;
    std::uint16_t first = 0; ///< Of the frame below.
    MediaTime dts{MediaTime::min()};
    nanoseconds composition{0};
    std::uint32_t timestamp = 0;              ///< Of that frame.
    std::optional<std::uint32_t> sound_after; ///< Where the next frame of a sound is expected to begin.
    bool begun = false;
};

/// What is counted of the tracks of one stream.
class Numbering {
public:
    explicit Numbering(std::uint64_t seed) : seed_{seed} {}

    Muxer::Counter& of(media::TrackId id)
    {
        const auto [found, added] = tracks_.try_emplace(id);
        if (added) {
            // Far from the wrap, so that no receiver meets one at once.
            found->second.next = static_cast<std::uint16_t>(number_of(seed_, id, for_sequence) % 32768);
        }
        return found->second;
    }

private:
    std::uint64_t seed_;
    std::map<media::TrackId, Muxer::Counter> tracks_;
};

std::shared_ptr<Numbering> make_numbering(std::uint64_t seed)
{
    return std::make_shared<Numbering>(seed);
}

/// What belongs to one track of the image.
struct Muxer::Lane {
    media::Track track;
    Format format;
    std::unique_ptr<Packetizer> packetizer;
    std::uint32_t ssrc = 0;
    std::uint32_t offset = 0; ///< Of its timestamps.
    std::uint32_t packets = 0;
    std::uint32_t octets = 0;
    std::optional<MediaTime> reported;

    std::uint32_t timestamp(MediaTime at) const
    {
        return offset + static_cast<std::uint32_t>(units(at.time_since_epoch(), format.clock_rate));
    }
    std::uint8_t channel() const { return static_cast<std::uint8_t>(2U * slot_of(track.id)); }
};

namespace {

/// Near enough that a sound goes on without a gap: what timestamps in whole milliseconds are off, and a
/// little.
constexpr std::uint32_t kNearPerSecond = 250; // 4 ms

/// Writes payloads as framed packets, one behind the other.
class Framer final : public PayloadSink {
public:
    struct Source {
        std::uint8_t channel;
        std::uint8_t payload_type;
        std::uint32_t ssrc;
        std::uint16_t next;
    };

    Framer(Bytes& bytes, Source source) : bytes_{bytes}, source_{source} {}

    void add(std::uint32_t timestamp, bool marker, std::span<const ByteView> parts) override
    {
        std::size_t size = 0;
        for (const auto part : parts) {
            size += part.size();
        }
        ByteWriter out{bytes_};
        write_framing(out, source_.channel, kHeaderBytes + size);
        out.u8(0x80);
        out.u8(static_cast<std::uint8_t>((marker ? 0x80U : 0U) | source_.payload_type));
        out.u16(source_.next++);
        out.u32(timestamp);
        out.u32(source_.ssrc);
        for (const auto part : parts) {
            out.bytes(part);
        }
        ++packets_;
        octets_ += static_cast<std::uint32_t>(size);
    }

    std::uint16_t next() const { return source_.next; }
    std::uint32_t packets() const { return packets_; }
    std::uint32_t octets() const { return octets_; }

private:
    Bytes& bytes_;
    Source source_;
    std::uint32_t packets_ = 0;
    std::uint32_t octets_ = 0;
};

} // namespace

std::optional<Framed> take_framed(ByteView& bytes)
{
    if (bytes.size() < kFramingBytes || bytes[0] != kMagic) {
        return std::nullopt;
    }
    const auto size = std::size_t{bytes[2]} << 8U | bytes[3];
    if (bytes.size() - kFramingBytes < size) {
        return std::nullopt;
    }
    const Framed framed{.channel = bytes[1],
                        .packet = bytes.subspan(kFramingBytes, size),
                        .whole = bytes.first(kFramingBytes + size)};
    bytes = bytes.subspan(kFramingBytes + size);
    return framed;
}

std::vector<TrackStart> read_starts(ByteView packet)
{
    std::vector<TrackStart> starts;
    ByteReader in{packet};
    while (in.remaining() >= kStartBytes) {
        starts.push_back({.track = in.u16(), .sequence = in.u16(), .timestamp = in.u32()});
    }
    return starts;
}

Muxer::Muxer(Options options) : options_{std::move(options)}
{
    if (!options_.numbering) {
        options_.numbering = make_numbering(options_.seed);
    }
}

Muxer::~Muxer() = default;

/// A sender report and its SDES: the RTP time of `at`, and when that was.
void Muxer::report(media::TrackId /*track*/, const Lane& lane, MediaTime at, Bytes& bytes) const
{
    const auto wall = options_.wall + std::chrono::duration_cast<WallTime::duration>(at - options_.media);
    Bytes packet;
    ByteWriter out{packet};
    rtcp::write(out, rtcp::SenderReport{.ssrc = lane.ssrc,
                                        .ntp = to_ntp(wall),
                                        .rtp = lane.timestamp(at),
                                        .packets = lane.packets,
                                        .octets = lane.octets});
    rtcp::write(out, rtcp::Sdes{{{lane.ssrc, {{rtcp::SdesType::cname, options_.cname}}}}});
    write_framed(bytes, static_cast<std::uint8_t>(lane.channel() + 1), packet);
}

// starts := (track:u16 sequence:u16 timestamp:u32)*
void Muxer::prologue(const media::Head& /*head*/, MediaTime at, media::Pieces& out) const
{
    Bytes bytes;
    Bytes list;
    ByteWriter starts{list};
    for (const auto& start : starts_) {
        starts.u16(start.track);
        starts.u16(start.sequence);
        starts.u32(start.timestamp);
    }
    write_framed(bytes, kStartChannel, list);
    for (const auto& [id, lane] : lanes_) {
        report(id, lane, at, bytes);
    }
    out.emplace_back(std::move(bytes));
}

void Muxer::write(const media::Track& track, MediaTime /*at*/, media::Pieces& /*out*/)
{
    auto format = format_for(track);
    auto packetizer = make_packetizer(track, options_.most - kHeaderBytes);
    if (!format || !packetizer) {
        lanes_.erase(track.id);
        return;
    }
    auto& lane = lanes_[track.id];
    lane.track = track;
    lane.format = std::move(*format);
    lane.packetizer = std::move(*packetizer);
    lane.ssrc = ssrc_of(options_.seed, track.id);
    lane.offset = static_cast<std::uint32_t>(number_of(options_.seed, track.id, for_timestamp));
}

/// The timestamp of a frame. A sound that goes on where the last frame ended follows it exactly, though its
/// times are rounded.
std::uint32_t Muxer::follow_on(const Lane& lane, const media::Frame& frame, Counter& numbers)
{
    auto timestamp = lane.timestamp(frame.pts());
    if (frame.kind != media::Kind::audio) {
        return timestamp;
    }
    const auto near = static_cast<std::int32_t>(lane.format.clock_rate / kNearPerSecond);
    if (numbers.sound_after) {
        const auto off = static_cast<std::int32_t>(timestamp - *numbers.sound_after);
        timestamp = off >= -near && off <= near ? *numbers.sound_after : timestamp;
    }
    const auto duration = sound_duration(lane.format, lane.track, frame.payload);
    numbers.sound_after = duration > 0 ? std::optional{timestamp + duration} : std::nullopt;
    return timestamp;
}

void Muxer::write(const media::Metadata& /*metadata*/, MediaTime /*at*/, media::Pieces& /*out*/) {}

void Muxer::write(const media::Frame& frame, bool join, media::Pieces& out)
{
    if (join) {
        starts_.clear();
        for (const auto& [id, lane] : lanes_) {
            auto& numbers = options_.numbering->of(id);
            const bool again = id == frame.track && numbers.begun && numbers.dts == frame.dts &&
                               numbers.composition == frame.composition;
            const auto at = id == frame.track ? frame.pts() : frame.dts;
            starts_.push_back({id, again ? numbers.first : numbers.next, lane.timestamp(at)});
        }
    }
    const auto found = lanes_.find(frame.track);
    if (found == lanes_.end() || frame.payload.empty()) {
        return;
    }
    auto& lane = found->second;
    auto& numbers = options_.numbering->of(frame.track);
    const bool again = numbers.begun && numbers.dts == frame.dts && numbers.composition == frame.composition;
    if (!again) {
        numbers.begun = true;
        numbers.first = numbers.next;
        numbers.dts = frame.dts;
        numbers.composition = frame.composition;
        numbers.timestamp = follow_on(lane, frame, numbers);
    }
    Bytes bytes;
    bytes.reserve(frame.payload.size() + frame.payload.size() / (options_.most / 32) + 256);
    Framer framer{bytes, {lane.channel(), lane.format.payload_type, lane.ssrc, numbers.first}};
    lane.packetizer->packetize(frame, numbers.timestamp, framer);
    numbers.next = framer.next();
    if (framer.packets() == 0) {
        return;
    }
    lane.packets += framer.packets();
    lane.octets += framer.octets();
    if (!lane.reported || frame.dts - *lane.reported >= options_.report_every) {
        // With the first packets, again a second later, then every few seconds.
        const bool first = !lane.reported;
        lane.reported = first ? frame.dts - options_.report_every + std::chrono::seconds{1} : frame.dts;
        report(frame.track, lane, frame.dts, bytes);
    }
    out.emplace_back(std::move(bytes));
}

void Muxer::forget(media::TrackId track, MediaTime /*at*/, media::Pieces& out)
{
    const auto found = lanes_.find(track);
    if (found == lanes_.end()) {
        return;
    }
    const auto& lane = found->second;
    Bytes packet;
    ByteWriter writer{packet};
    rtcp::write(writer, rtcp::ReceiverReport{.ssrc = lane.ssrc});
    rtcp::write(writer, rtcp::Sdes{{{lane.ssrc, {{rtcp::SdesType::cname, options_.cname}}}}});
    rtcp::write(writer, rtcp::Bye{{lane.ssrc}, {}});
    Bytes bytes;
    write_framed(bytes, static_cast<std::uint8_t>(lane.channel() + 1), packet);
    out.emplace_back(std::move(bytes));
    lanes_.erase(found);
}

} // namespace millrace::rtp
