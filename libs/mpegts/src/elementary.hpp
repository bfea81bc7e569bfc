// Payloads of one elementary stream: PES packets in, frames out.
#pragma once

#include "findings.hpp"
#include "psi.hpp"
#include <millrace/mpegts/time.hpp>

#include <memory>

namespace millrace::mpegts {

/// The times that one PES packet tells, unwrapped.
struct Times {
    Ticks pts = 0;
    Ticks dts = 0;
};

/// Reads what PES packets of one stream carry.
class ElementaryReader {
public:
    ElementaryReader(media::Track track, Findings& findings) : track_{std::move(track)}, findings_{findings}
    {
    }
    virtual ~ElementaryReader() = default;
    ElementaryReader(const ElementaryReader&) = delete;
    ElementaryReader& operator=(const ElementaryReader&) = delete;

    /// One PES packet's payload, whole; `times`: when its first frame that begins in it is shown and decoded.
    virtual void feed(ByteView payload, std::optional<Times> times) = 0;
    /// What comes next does not go on where the last payload ended.
    virtual void gap() {}

    const media::Track& track() const { return track_; }

protected:
    /// Tells the track, when it has changed or was not told.
    void tell(const media::Track& track);
    bool told() const { return told_; }
    void give(Bytes payload, Times times, bool key);
    void count(std::string_view name, std::uint64_t by = 1) { findings_.count(name, by); }
    Findings& findings() { return findings_; }

private:
    media::Track track_;
    Findings& findings_;
    bool told_ = false;
};

/// A reader for a stream as the program map tells it; null when it is not known
/// here.
std::unique_ptr<ElementaryReader> make_reader(const ProgramStream& stream, std::uint8_t number,
                                              Findings& findings);

/// What a stream is by its type and descriptors; none when it is not known here.
struct Recognized {
    media::Kind kind = media::Kind::video;
    media::Codec codec = media::Codec::opaque;
};
std::optional<Recognized> recognize(const ProgramStream& stream);
/// What a stream that is not read is called: "stream type 0x02 on PID 0x101".
std::string describe(const ProgramStream& stream);
/// Whether it is KLV metadata (SMPTE ST 336), which is known, and not read.
bool is_klv(const ProgramStream& stream);

std::unique_ptr<ElementaryReader> make_picture_reader(media::Track track, Findings& findings);
std::unique_ptr<ElementaryReader> make_sound_reader(media::Track track, bool latm, Findings& findings);
std::unique_ptr<ElementaryReader> make_opus_reader(media::Track track, std::uint8_t channels,
                                                   Findings& findings);

} // namespace millrace::mpegts
