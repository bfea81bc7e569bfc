#include "elementary.hpp"
#include "sound_frames.hpp"
#include <millrace/mpegts/id3.hpp>
#include <millrace/mpegts/packed_audio.hpp>

namespace millrace::mpegts {
namespace {

using Verdict = SoundFrame::Verdict;

bool begins(const SoundFrame& frame)
{
    return frame.verdict == Verdict::whole || frame.verdict == Verdict::unknown;
}

/// What the frames of a segment are, by the first of them.
std::optional<media::Codec> codec_of(ByteView frames)
{
    if (begins(look_at_adts(frames))) {
        return media::Codec::aac;
    }
    if (begins(look_at_mpeg_audio(frames))) {
        return media::Codec::mp3;
    }
    if (begins(look_at_ac3(frames))) {
        constexpr std::size_t kVersionAt = 5;
        return frames[kVersionAt] >> 3U > 10 ? media::Codec::eac3 : media::Codec::ac3;
    }
    return std::nullopt;
}

} // namespace

struct PackedAudioReader::State {
    Findings findings;
    std::unique_ptr<ElementaryReader> reader;
    std::optional<Ticks> newest; ///< The time that was told last, unwrapped.
};

PackedAudioReader::PackedAudioReader() : state_{std::make_unique<State>()} {}
PackedAudioReader::~PackedAudioReader() = default;

bool PackedAudioReader::looks_like(ByteView segment)
{
    return codec_of(segment.subspan(read_packed_audio_head(segment).bytes)).has_value();
}

void PackedAudioReader::feed(ByteView segment)
{
    auto& state = *state_;
    const auto head = read_packed_audio_head(segment);
    const auto frames = segment.subspan(head.bytes);
    const auto codec = codec_of(frames);
    if (!codec) {
        return state.findings.count("broken_frames");
    }
    if (!state.reader || state.reader->track().codec != *codec) {
        media::Track track{
            .id = media::track_id(media::Kind::audio, 0), .kind = media::Kind::audio, .codec = *codec};
        state.reader = make_sound_reader(std::move(track), false, state.findings);
    }
    std::optional<Times> times;
    if (head.timestamp || !state.newest) {
        const auto stamp = head.timestamp.value_or(0);
        state.newest = unwrap(stamp, state.newest.value_or(stamp));
        times = Times{*state.newest, *state.newest};
    }
    state.reader->gap();
    state.reader->feed(frames, times);
}

std::optional<media::Item> PackedAudioReader::next()
{
    auto& items = state_->findings.items;
    if (items.empty()) {
        return std::nullopt;
    }
    auto item = std::move(items.front());
    items.pop_front();
    return item;
}

void PackedAudioReader::restart()
{
    state_->newest.reset();
}

const Demuxer::Counters& PackedAudioReader::counters() const
{
    return state_->findings.counters;
}

} // namespace millrace::mpegts
