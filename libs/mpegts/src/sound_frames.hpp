// How frames of sound are told apart in a byte stream.
#pragma once

#include <millrace/media/track.hpp>

#include <optional>

namespace millrace::mpegts {

/// What stands at the beginning of some bytes.
struct SoundFrame {
    enum class Verdict : std::uint8_t {
        whole,
        needs_more,
        none,    ///< No frame begins here.
        unknown, ///< A frame that is not given on.
    };

    Verdict verdict = Verdict::none;
    std::size_t bytes = 0; ///< With all that belongs to it.
    std::uint32_t samples = 0;
    std::uint32_t rate = 0;      ///< Hertz, of the samples counted.
    Bytes payload;               ///< In canonical form.
    std::optional<Bytes> config; ///< When the frame tells it.
};

/// Looks at what begins at the first byte.
SoundFrame look_at_adts(ByteView bytes);
SoundFrame look_at_mpeg_audio(ByteView bytes);
SoundFrame look_at_ac3(ByteView bytes);

/// LOAS with AudioSyncStream, and LATM in it (ISO/IEC 14496-3 §1.7): one program, one layer, one frame in
/// each.
class LatmFrames {
public:
    SoundFrame look_at(ByteView bytes);

private:
    std::optional<Bytes> config_; ///< AudioSpecificConfig of the newest StreamMuxConfig.
    std::uint32_t rate_ = 0;      ///< Of the core.
};

} // namespace millrace::mpegts
