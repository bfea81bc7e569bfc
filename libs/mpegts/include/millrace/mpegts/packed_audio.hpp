// Packed audio: frames of sound in a row, as HLS has them beside MPEG-TS (RFC 8216 §3.4).
#pragma once

#include <millrace/mpegts/demuxer.hpp>

#include <memory>

namespace millrace::mpegts {

/// Reads AAC in ADTS, MP3, AC-3 and E-AC-3. Each segment begins with an ID3 tag that tells its time; without
/// one it goes on where the segment before ended.
class PackedAudioReader {
public:
    PackedAudioReader();
    ~PackedAudioReader();
    PackedAudioReader(const PackedAudioReader&) = delete;
    PackedAudioReader& operator=(const PackedAudioReader&) = delete;

    /// Whether a segment begins like this.
    static bool looks_like(ByteView segment);

    /// Takes a whole segment.
    void feed(ByteView segment);
    std::optional<media::Item> next();
    /// What comes next does not belong to what came before.
    void restart();

    const Demuxer::Counters& counters() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace millrace::mpegts
