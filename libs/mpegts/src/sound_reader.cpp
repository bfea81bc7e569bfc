// Sound that comes as a stream of frames, which may be cut by PES packets anywhere.
#include "elementary.hpp"
#include "sound.hpp"
#include "sound_frames.hpp"
#include <millrace/base/reader.hpp>
#include <millrace/media/describe.hpp>

namespace millrace::mpegts {
namespace {

using media::Codec;
using Verdict = SoundFrame::Verdict;

class SoundReader final : public ElementaryReader {
public:
    SoundReader(media::Track track, bool latm, Findings& findings)
        : ElementaryReader{std::move(track), findings}, latm_{latm}
    {
    }

    void feed(ByteView payload, std::optional<Times> times) override
    {
        const auto before = left_.size();
        left_.insert(left_.end(), payload.begin(), payload.end());
        std::size_t at = 0;
        for (;;) {
            const auto frame = look_at(ByteView{left_}.subspan(at));
            if (frame.verdict == Verdict::needs_more) {
                break;
            }
            if (frame.verdict == Verdict::none) {
                count("broken_frames", lost_ ? 0 : 1);
                lost_ = true;
                ++at;
                continue;
            }
            // After garbage, what looks like a frame must have one behind it.
            if (lost_) {
                const auto next = look_at(ByteView{left_}.subspan(at + frame.bytes));
                if (next.verdict == Verdict::needs_more && left_.size() - at - frame.bytes < kEnough) {
                    break;
                }
                if (next.verdict == Verdict::none) {
                    ++at;
                    continue;
                }
                lost_ = false;
            }
            // A PES packet's time is that of the first frame that begins in it (ISO/IEC 13818-1 §2.4.3.7).
            if (times && at >= before) {
                anchor_ = times->pts;
                samples_ = 0;
                times.reset();
            }
            put(frame);
            at += frame.bytes;
        }
        left_.erase(left_.begin(), left_.begin() + static_cast<std::ptrdiff_t>(at));
    }

    void gap() override { left_.clear(); }

private:
    SoundFrame look_at(ByteView bytes)
    {
        switch (track().codec) {
        case Codec::aac: return latm_ ? latm_frames_.look_at(bytes) : look_at_adts(bytes);
        case Codec::mp3: return look_at_mpeg_audio(bytes);
        default: return look_at_ac3(bytes);
        }
    }

    void put(const SoundFrame& frame)
    {
        auto at = anchor_;
        if (at && rate_ > 0) {
            *at += (samples_ * kTicksPerSecond + rate_ / 2) / rate_;
        }
        if (frame.rate != rate_ && at) {
            anchor_ = at;
            samples_ = 0;
            rate_ = frame.rate;
        }
        samples_ += frame.samples;
        if (!at) {
            return count("pes_without_time");
        }
        if (frame.verdict == Verdict::unknown) {
            if (!warned_) {
                findings().warn(
                    track().codec == Codec::mp3
                        ? "MPEG audio of layer I or II is not read: only layer III (MP3)"
                        : "AAC is not read that has several blocks in a frame, or channels of its own");
                warned_ = true;
            }
            return count("sound_ignored");
        }
        if (!told() || frame.config) {
            describe(frame);
        }
        if (told()) {
            give(frame.payload, {*at, *at}, true);
        }
    }

    void describe(const SoundFrame& frame)
    {
        if (told() && (!frame.config || (ByteView{track().config}.size() == frame.config->size() &&
                                         track().config == SharedBytes::copy_of(*frame.config)))) {
            return;
        }
        auto changed = track();
        if (frame.config) {
            changed.config = SharedBytes::copy_of(*frame.config);
        }
        if (media::describe(changed)) {
            media::describe_by_frame(changed, frame.payload);
            tell(changed);
        }
    }

    static constexpr std::size_t kEnough = 8; ///< Bytes with which each kind of frame is known.

    bool latm_;
    LatmFrames latm_frames_;
    Bytes left_; ///< Of a frame that is not whole yet.
    bool lost_ = false;
    bool warned_ = false;
    std::optional<Ticks> anchor_;
    std::int64_t samples_ = 0; ///< Since the anchor.
    std::int64_t rate_ = 0;
};

/// Channels as PMTs tell them, and how a decoder maps them (Opus in MPEG-TS §4; RFC 7845 §5.1.1.2).
struct OpusLayout {
    std::uint8_t streams;
    std::uint8_t coupled;
    std::array<std::uint8_t, 8> mapping;
};
constexpr std::array<OpusLayout, 8> kOpusLayouts{{{1, 0, {0}},
                                                  {1, 1, {0, 1}},
                                                  {2, 1, {0, 2, 1}},
                                                  {2, 2, {0, 1, 2, 3}},
                                                  {3, 2, {0, 4, 1, 2, 3}},
                                                  {4, 2, {0, 4, 1, 2, 3, 5}},
                                                  {4, 3, {0, 4, 1, 2, 3, 5, 6}},
                                                  {5, 3, {0, 6, 1, 2, 3, 4, 5, 7}}}};

// head := "OpusHead" 01 channels:u8 pre-skip:u16le rate:u32le gain:u16le family:u8 [streams:u8 coupled:u8
// mapping]
Bytes opus_head(std::uint8_t channels)
{
    Bytes head;
    ByteWriter out{head};
    out.text("OpusHead");
    out.u8(1);
    out.u8(channels);
    out.u16le(0);
    out.u32le(48000);
    out.u16le(0);
    out.u8(channels > 2 ? 1 : 0);
    if (channels > 2) {
        const auto& layout = kOpusLayouts[channels - 1U];
        out.u8(layout.streams);
        out.u8(layout.coupled);
        out.bytes(ByteView{layout.mapping}.first(channels));
    }
    return head;
}

class OpusReader final : public ElementaryReader {
public:
    using ElementaryReader::ElementaryReader;

    void feed(ByteView payload, std::optional<Times> times) override
    {
        if (!times) {
            return count("pes_without_time");
        }
        tell(track());
        auto at = times->pts;
        ByteReader in{payload};
        while (in.remaining() > 0) {
            const auto control = in.u16();
            std::size_t size = 0;
            for (auto byte = std::uint8_t{0xff}; byte == 0xff && in.ok();) {
                byte = in.u8();
                size += byte;
            }
            in.skip((control & 0x10U) != 0 ? 2 : 0); // start trim
            in.skip((control & 0x08U) != 0 ? 2 : 0); // end trim
            if ((control & 0x04U) != 0) {            // extension
                in.skip(in.u8());
            }
            const auto packet = in.bytes(size);
            if (control >> 5U != 0x3ff || !in.ok() || packet.empty()) {
                return count("broken_frames");
            }
            give(to_bytes(packet), {at, at}, true);
            at += length_of(track(), packet).samples * kTicksPerSecond / 48000;
        }
    }
};

} // namespace

std::unique_ptr<ElementaryReader> make_sound_reader(media::Track track, bool latm, Findings& findings)
{
    return std::make_unique<SoundReader>(std::move(track), latm, findings);
}

std::unique_ptr<ElementaryReader> make_opus_reader(media::Track track, std::uint8_t channels,
                                                   Findings& findings)
{
    track.config = SharedBytes{opus_head(channels)};
    static_cast<void>(media::describe(track));
    return std::make_unique<OpusReader>(std::move(track), findings);
}

} // namespace millrace::mpegts
