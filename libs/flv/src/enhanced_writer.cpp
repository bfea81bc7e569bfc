#include "codec_ids.hpp"
#include "composition.hpp"
#include "enhanced.hpp"
#include <millrace/base/reader.hpp>

namespace millrace::flv::enhanced {
namespace {

using media::Kind;

constexpr unsigned kVideo = 0x80;
constexpr unsigned kAudio = 0x90;

/// All up to the number: the packet type at its place behind ModEx and multitrack type, then the FourCC.
Bytes lead(const media::Track& track, const Form& form, unsigned upper, unsigned packet,
           std::uint32_t nano = 0)
{
    constexpr std::uint8_t kNanoBytes = 3;
    const unsigned several = track.kind == Kind::video ? unsigned{multitrack} : unsigned{audio_multitrack};
    const unsigned outer = form.numbered ? several : packet;
    Bytes bytes;
    bytes.reserve(16);
    ByteWriter out{bytes};
    if (nano > 0) {
        out.u8(static_cast<std::uint8_t>(upper | mod_ex));
        out.u8(kNanoBytes - 1);
        out.u24(nano);
        out.u8(static_cast<std::uint8_t>(kTimestampOffsetNano << 4U | outer));
    } else {
        out.u8(static_cast<std::uint8_t>(upper | outer));
    }
    if (form.numbered) {
        out.u8(static_cast<std::uint8_t>(one_track << 4U | packet));
    }
    out.u32(form.origin);
    if (form.numbered) {
        out.u8(track.number);
    }
    return bytes;
}

Bytes video_lead(const media::Track& track, const media::Frame& frame, const Form& form)
{
    const unsigned upper = kVideo | frame_type(frame.key, frame.disposable) << 4U;
    if (!four_cc(Kind::video, form.origin).composition) {
        return lead(track, form, upper, coded_frames, form.nanoseconds ? own_nano(frame) : 0);
    }
    const auto nano = form.nanoseconds ? nano_of(frame) : 0;
    const auto composition = composition_ms(frame);
    if (composition == 0) {
        return lead(track, form, upper, coded_frames_x, nano);
    }
    auto bytes = lead(track, form, upper, coded_frames, nano);
    ByteWriter{bytes}.u24(composition);
    return bytes;
}

Bytes audio_lead(const media::Track& track, const media::Frame& frame, const Form& form)
{
    if (frame.payload.empty()) {
        return lead(track, form, kAudio, audio_sequence_end);
    }
    return lead(track, form, kAudio, audio_coded_frames, form.nanoseconds ? own_nano(frame) : 0);
}

} // namespace

Bytes frame_lead(const media::Track& track, const media::Frame& frame, const Form& form)
{
    return track.kind == Kind::video ? video_lead(track, frame, form) : audio_lead(track, frame, form);
}

Bytes config_lead(const media::Track& track, const Form& form)
{
    return track.kind == Kind::video ? lead(track, form, kVideo | kKeyFrame << 4U, sequence_start)
                                     : lead(track, form, kAudio, audio_sequence_start);
}

/// The frame type is to be ignored, and FFmpeg reads no other than that of commands.
Bytes colour_lead(const media::Track& track, const Form& form)
{
    // The frame type of commands in front of several tracks would make a command of them.
    const unsigned type = form.numbered ? kKeyFrame : kCommandFrame;
    return lead(track, form, kVideo | type << 4U, metadata);
}

Bytes layout_lead(const media::Track& track, const Form& form)
{
    return lead(track, form, kAudio, multichannel_config);
}

void write(ByteWriter& out, const media::ChannelLayout& layout)
{
    using Order = media::ChannelLayout::Order;
    out.u8(static_cast<std::uint8_t>(layout.order));
    out.u8(layout.channels);
    if (layout.order == Order::native) {
        out.u32(layout.mask);
    } else if (layout.order == Order::custom) {
        for (std::size_t i = 0; i < layout.channels; ++i) {
            out.u8(i < layout.speakers.size() ? layout.speakers[i] : media::ChannelLayout::kUnknown);
        }
    }
}

} // namespace millrace::flv::enhanced
