// MPEG-2 transport streams, read (ISO/IEC 13818-1).
#pragma once

#include <millrace/media/container.hpp>
#include <millrace/mpegts/error.hpp>

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace millrace::mpegts {

/// Reads one program of a transport stream: bytes in, tracks and frames out; for files, HTTP uploads, HLS
/// segments and datagrams.
///
/// The bytes may be cut anywhere; how they are cut never changes what comes out. Where packets are lost or
/// broken, the frames that they belonged to are left out, and it goes on. Of several programs the first with
/// media that is known here is read; warnings name the others. Times are those of the stream, unwrapped: they
/// begin with any number, and may jump where the source's do.
class Demuxer final : public media::Demuxer {
public:
    /// How much one source may make us hold.
    struct Limits {
        std::size_t search = std::size_t{64} << 10U;   ///< Bytes until it is clear that this is no stream.
        std::size_t pes_bytes = std::size_t{8} << 20U; ///< Of one PES packet.
        std::size_t streams = 16;                      ///< Of the program, that are read.
        std::size_t programs = 64;                     ///< That are looked at.
        std::size_t warnings = 64;                     ///< Waiting to be asked for; more are only counted.
    };

    /// Something to tell the operator, once.
    struct Warning {
        std::uint64_t offset = 0; ///< Of the packet, from the first byte that was fed.
        std::string reason;

        friend bool operator==(const Warning&, const Warning&) = default;
    };

    /// What was tolerated or lost, by name.
    using Counters = std::map<std::string_view, std::uint64_t>;

    Demuxer();
    explicit Demuxer(Limits limits);
    ~Demuxer() override;
    Demuxer(Demuxer&&) noexcept;
    Demuxer& operator=(Demuxer&&) noexcept;

    /// Errors: not_ts.
    Result<> feed(ByteView bytes) override;
    std::optional<media::Item> next() override;

    /// No more bytes will come, or a segment has ended: gives the frames that wait for what is behind them.
    /// Bytes that go on where these ended may be fed all the same.
    void end();
    /// What comes next does not belong to what came before, such as a segment after a discontinuity or one
    /// that was left out: frames in the making are given, counters and times begin anew. Tracks stay.
    void restart();

    std::optional<Warning> next_warning();
    /// "garbage_bytes", "broken_packets" (marked so by who received them), "lost_packets" (gaps in continuity
    /// counters), "repeated_packets", "scrambled_packets", "bad_crc", "bad_section", "bad_pes",
    /// "pes_too_big", "pes_without_time", "broken_frames", "frame_before_config", "time_jumps",
    /// "clock_jumps", "klv_ignored", "streams_ignored", "program_changes".
    const Counters& counters() const;
    /// The newest program clock reference, in 27 MHz ticks; none when none has come.
    std::optional<std::int64_t> clock() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace millrace::mpegts
