#include "elementary.hpp"

#include <millrace/base/reader.hpp>
#include <millrace/mpegts/id3.hpp>

#include <array>
#include <cstdio>

namespace millrace::mpegts {
namespace {

using media::Codec;
using media::Kind;

constexpr std::uint8_t kRegistration = 0x05;
constexpr std::uint8_t kMetadata = 0x26;
constexpr std::uint8_t kDvbAc3 = 0x6a;
constexpr std::uint8_t kDvbEac3 = 0x7a;

/// The body of the first descriptor of that tag (ISO/IEC 13818-1 §2.6); empty when there is none.
ByteView find_descriptor(ByteView descriptors, std::uint8_t tag)
{
    ByteReader in{descriptors};
    while (in.remaining() >= 2) {
        const auto found = in.u8();
        const auto body = in.bytes(in.u8());
        if (in.ok() && found == tag) {
            return body;
        }
    }
    return {};
}

bool has_descriptor(ByteView descriptors, std::uint8_t tag)
{
    return find_descriptor(descriptors, tag).data() != nullptr;
}

std::string_view registration_of(const ProgramStream& stream)
{
    return as_text(find_descriptor(stream.descriptors, kRegistration)).substr(0, 4);
}

/// metadata_descriptor := application:u16 [ffff: identifier:4] format:u8 [ff: identifier:4] …
bool is_id3(const ProgramStream& stream)
{
    ByteReader in{find_descriptor(stream.descriptors, kMetadata)};
    if (in.u16() == 0xffff) {
        in.skip(4);
    }
    return in.u8() == 0xff && in.text(4) == "ID3 ";
}

std::optional<Recognized> recognize_private(const ProgramStream& stream)
{
    const auto format = registration_of(stream);
    if (format == "Opus") {
        return Recognized{Kind::audio, Codec::opus};
    }
    if (format == "HEVC") {
        return Recognized{Kind::video, Codec::h265};
    }
    if (format == "EAC3" || has_descriptor(stream.descriptors, kDvbEac3)) {
        return Recognized{Kind::audio, Codec::eac3};
    }
    if (format == "AC-3" || has_descriptor(stream.descriptors, kDvbAc3)) {
        return Recognized{Kind::audio, Codec::ac3};
    }
    return std::nullopt;
}

/// extension := 7f length:u8 80 channels:u8; stereo when it does not say, or a layout that it names
/// otherwise.
std::uint8_t opus_channels(const ProgramStream& stream)
{
    ByteReader in{find_descriptor(stream.descriptors, 0x7f)};
    const bool is_opus = in.u8() == 0x80;
    const auto channels = in.u8();
    return is_opus && channels >= 1 && channels <= 8 ? channels : 2;
}

/// ID3 tags, one or several in a PES packet.
class Id3Reader final : public ElementaryReader {
public:
    using ElementaryReader::ElementaryReader;

    void feed(ByteView payload, std::optional<Times> times) override
    {
        auto script = script_of_id3(payload);
        if (script.empty() || !times) {
            count(script.empty() ? "broken_frames" : "pes_without_time");
            return;
        }
        tell(track());
        give(std::move(script), {times->pts, times->pts}, true);
    }
};

} // namespace

void ElementaryReader::tell(const media::Track& track)
{
    if (told_ && track == track_) {
        return;
    }
    told_ = true;
    track_ = track;
    findings_.items.emplace_back(track);
}

void ElementaryReader::give(Bytes payload, Times times, bool key)
{
    findings_.items.emplace_back(media::Frame{.track = track_.id,
                                              .kind = track_.kind,
                                              .key = key,
                                              .dts = MediaTime{to_duration(times.dts)},
                                              .composition = to_duration(times.pts) - to_duration(times.dts),
                                              .payload = SharedBytes{std::move(payload)}});
}

std::optional<Recognized> recognize(const ProgramStream& stream)
{
    switch (stream.type) {
    case StreamType::mpeg1_audio:
    case StreamType::mpeg2_audio: return Recognized{Kind::audio, Codec::mp3};
    case StreamType::adts:
    case StreamType::latm: return Recognized{Kind::audio, Codec::aac};
    case StreamType::h264: return Recognized{Kind::video, Codec::h264};
    case StreamType::h265: return Recognized{Kind::video, Codec::h265};
    case StreamType::ac3: return Recognized{Kind::audio, Codec::ac3};
    case StreamType::eac3: return Recognized{Kind::audio, Codec::eac3};
    case StreamType::metadata:
        return is_id3(stream) ? std::optional{Recognized{Kind::data, Codec::script}} : std::nullopt;
    case StreamType::private_pes: return recognize_private(stream);
    }
    return std::nullopt;
}

bool is_klv(const ProgramStream& stream)
{
    return registration_of(stream) == "KLVA" || (stream.type == StreamType::metadata && !is_id3(stream));
}

std::string describe(const ProgramStream& stream)
{
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "stream type 0x%02x on PID 0x%x",
                  static_cast<unsigned>(stream.type), static_cast<unsigned>(stream.pid));
    return text.data();
}

std::unique_ptr<ElementaryReader> make_reader(const ProgramStream& stream, std::uint8_t number,
                                              Findings& findings)
{
    const auto recognized = recognize(stream);
    if (!recognized) {
        return nullptr;
    }
    media::Track track{.id = media::track_id(recognized->kind, number),
                       .kind = recognized->kind,
                       .number = number,
                       .codec = recognized->codec};
    switch (recognized->codec) {
    case Codec::h264:
    case Codec::h265: return make_picture_reader(std::move(track), findings);
    case Codec::opus: return make_opus_reader(std::move(track), opus_channels(stream), findings);
    case Codec::script: return std::make_unique<Id3Reader>(std::move(track), findings);
    default: return make_sound_reader(std::move(track), stream.type == StreamType::latm, findings);
    }
}

} // namespace millrace::mpegts
