// PES packets, made whole from the packets of one PID (ISO/IEC 13818-1 §2.4.3.6).
#pragma once

#include "elementary.hpp"

namespace millrace::mpegts {

/// The time line that all streams of a program share: 33 bits become 64.
struct Timeline {
    std::optional<Ticks> newest;

    /// The nearest to the newest time; `jumped` when it is far from it.
    Ticks place(Ticks stamp, bool& jumped);
};

/// Payloads of one PID in, PES packets to its elementary stream's reader.
class PesReader {
public:
    PesReader(std::unique_ptr<ElementaryReader> reader, Timeline& timeline, Findings& findings)
        : reader_{std::move(reader)}, timeline_{&timeline}, findings_{&findings}
    {
    }

    /// Takes the payload of one packet; `start`: a PES packet begins with it.
    void feed(ByteView payload, bool start);
    /// Packets were lost: what was begun is given up.
    void gap();
    /// No more packets will come, or none that belong to these.
    void end();

    const ElementaryReader& reader() const { return *reader_; }

private:
    void finish();
    std::optional<Times> read_times(ByteView head, unsigned flags);

    std::unique_ptr<ElementaryReader> reader_;
    Timeline* timeline_;
    Findings* findings_;
    Bytes held_;
    std::size_t whole_ = 0; ///< Bytes of the PES packet, its head included; 0: until the next one begins.
    bool running_ = false;
};

} // namespace millrace::mpegts
