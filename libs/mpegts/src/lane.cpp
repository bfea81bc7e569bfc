#include "lane.hpp"

#include "sound.hpp"
#include <millrace/base/reader.hpp>
#include <millrace/codec/h264.hpp>
#include <millrace/codec/h265.hpp>

#include <algorithm>

namespace millrace::mpegts {
namespace {

using media::Codec;
using media::Kind;

constexpr std::array<std::uint8_t, 4> kStartCode{0, 0, 0, 1};
constexpr std::array<std::uint8_t, 6> kH264Delimiter{0, 0, 0, 1, 0x09, 0xf0};       // any kind of slice
constexpr std::array<std::uint8_t, 7> kH265Delimiter{0, 0, 0, 1, 0x46, 0x01, 0x50}; // any kind of slice

constexpr std::uint8_t kVideoId = 0xe0;
constexpr std::uint8_t kAudioId = 0xc0;
constexpr std::uint8_t kPrivateId = 0xbd;

constexpr std::size_t kMostHeld = 60'000; ///< Of a PES packet that must tell its length, in 16 bits.
constexpr unsigned kH264Filler = 12;
constexpr unsigned kH265Delimiters = 35;
constexpr unsigned kH265Filler = 38;

using PesHead = std::array<std::uint8_t, 19>;

// pes := 000001 id:u8 length:u16 10:u2 0:u3 aligned:u1 0:u2 times:u2 0:u6 header:u8 pts [dts] payload
//        length 0 for pictures alone: to the next PES packet; times: 2 for a PTS, 3 for both
ByteView write_pes_head(PesHead& to, std::uint8_t id, bool aligned, std::size_t payload, Ticks pts, Ticks dts)
{
    const bool both = pts != dts;
    const std::size_t times = both ? 10 : 5;
    const auto length = id == kVideoId ? 0 : payload + times + 3;
    to = {0,
          0,
          1,
          id,
          static_cast<std::uint8_t>(length >> 8U),
          static_cast<std::uint8_t>(length),
          static_cast<std::uint8_t>(aligned ? 0x84 : 0x80),
          static_cast<std::uint8_t>(both ? 0xc0 : 0x80),
          static_cast<std::uint8_t>(times)};
    std::ranges::copy(write_timestamp(both ? 3 : 2, pts), to.begin() + 9);
    if (both) {
        std::ranges::copy(write_timestamp(1, dts), to.begin() + 14);
    }
    return ByteView{to}.first(9 + times);
}

StreamType stream_type(const media::Track& track)
{
    switch (track.codec) {
    case Codec::h264: return StreamType::h264;
    case Codec::h265: return StreamType::h265;
    case Codec::aac: return StreamType::adts;
    // Half the rates came with MPEG-2.
    case Codec::mp3:
        return track.sample_rate > 0 && track.sample_rate < 32'000 ? StreamType::mpeg2_audio
                                                                   : StreamType::mpeg1_audio;
    case Codec::ac3: return StreamType::ac3;
    case Codec::eac3: return StreamType::eac3;
    case Codec::script: return StreamType::metadata;
    default: return StreamType::private_pes;
    }
}

constexpr std::size_t kMostDescriptor = 32;

Bytes registration(std::string_view format)
{
    Bytes bytes;
    bytes.reserve(kMostDescriptor); // GCC 12 sees overflows in inserts into an empty vector.
    ByteWriter out{bytes};
    out.u8(0x05);
    out.u8(4);
    out.text(format);
    return bytes;
}

/// Which decoder (ISO/IEC 13818-1 §2.6.8, §2.6.60; ATSC A/52 annex A; Opus in MPEG-TS §4).
Bytes descriptors(const media::Track& track)
{
    switch (track.codec) {
    case Codec::h265: return registration("HEVC");
    case Codec::ac3: return registration("AC-3");
    case Codec::eac3: return registration("EAC3");
    case Codec::opus: {
        auto bytes = registration("Opus");
        ByteWriter out{bytes};
        out.u8(0x7f); // extension descriptor
        out.u8(2);
        out.u8(0x80); // Opus
        out.u8(static_cast<std::uint8_t>(track.channels == 0 ? 2 : track.channels));
        return bytes;
    }
    case Codec::script: { // metadata_descriptor of ID3
        Bytes bytes;
        bytes.reserve(kMostDescriptor);
        ByteWriter out{bytes};
        out.u8(0x26);
        out.u8(13);
        out.u16(0xffff);
        out.text("ID3 ");
        out.u8(0xff);
        out.text("ID3 ");
        out.u16(0x000f);
        return bytes;
    }
    default: return {};
    }
}

std::uint8_t pes_id(Codec codec)
{
    const bool is_private = codec == Codec::ac3 || codec == Codec::eac3 || codec == Codec::opus;
    return is_private ? kPrivateId : kAudioId;
}

void put_unit(Bytes& to, const Bytes& unit)
{
    to.insert(to.end(), kStartCode.begin(), kStartCode.end());
    to.insert(to.end(), unit.begin(), unit.end());
}

} // namespace

Lane::Lane(media::Track track, std::uint16_t pid) : track_{std::move(track)}, packets_{pid}
{
    prepare();
}

void Lane::change(media::Track track)
{
    track_ = std::move(track);
    prepare();
}

ProgramStream Lane::announced() const
{
    return {stream_type(track_), pid(), descriptors(track_)};
}

void Lane::prepare()
{
    parameter_sets_.clear();
    if (track_.codec == Codec::h264) {
        if (const auto config = codec::h264::read_config(track_.config)) {
            length_size_ = config->length_size;
            std::ranges::for_each(config->sps,
                                  [this](const Bytes& unit) { put_unit(parameter_sets_, unit); });
            std::ranges::for_each(config->pps,
                                  [this](const Bytes& unit) { put_unit(parameter_sets_, unit); });
        }
    } else if (track_.codec == Codec::h265) {
        if (const auto config = codec::h265::read_config(track_.config)) {
            length_size_ = config->length_size;
            std::ranges::for_each(config->units,
                                  [this](const Bytes& unit) { put_unit(parameter_sets_, unit); });
        }
    } else if (track_.codec == Codec::aac) {
        adts_ = adts_head(track_.config).value_or(std::array<std::uint8_t, 7>{});
    }
}

bool Lane::is_set(ByteView unit) const
{
    if (track_.codec == Codec::h264) {
        return codec::h264::type_of(unit) == codec::h264::NalType::sps;
    }
    return codec::h265::type_of(unit) == codec::h265::NalType::sps;
}

/// Filler, and delimiters, which we write ourselves.
bool Lane::is_dropped(ByteView unit) const
{
    if (track_.codec == Codec::h264) {
        const auto type = codec::h264::type_of(unit);
        return type == codec::h264::NalType::access_unit_delimiter ||
               static_cast<unsigned>(type) == kH264Filler;
    }
    const auto type = static_cast<unsigned>(codec::h265::type_of(unit));
    return type == kH265Delimiters || type == kH265Filler;
}

/// Appends the picture's units to parts_. What stands behind a length that is wrong is lost.
void Lane::gather_units(const media::Frame& frame)
{
    parts_.emplace_back(track_.codec == Codec::h264 ? ByteView{kH264Delimiter} : ByteView{kH265Delimiter});
    const auto sets = parts_.size();
    parts_.emplace_back();
    bool told = false; // The picture brings its own parameter sets.
    auto left = frame.payload.view();
    while (left.size() > length_size_) {
        std::size_t length = 0;
        for (std::size_t i = 0; i < length_size_; ++i) {
            length = length << 8U | left[i];
        }
        left = left.subspan(length_size_);
        const auto unit = left.first(std::min(length, left.size()));
        left = left.subspan(unit.size());
        if (unit.empty() || is_dropped(unit)) {
            continue;
        }
        told = told || is_set(unit);
        parts_.emplace_back(kStartCode);
        parts_.push_back(unit);
    }
    if (frame.key && !told) {
        parts_[sets] = parameter_sets_;
    }
}

void Lane::write_picture(const media::Frame& frame, const Lead& lead, Bytes& out)
{
    const auto pts = timestamp_of(frame.pts());
    PesHead head{};
    parts_.clear();
    // A picture that is shown before it is decoded cannot be said.
    parts_.push_back(write_pes_head(head, kVideoId, false, 0, pts, std::min(pts, timestamp_of(frame.dts))));
    gather_units(frame);
    packets_.write(lead, parts_, out);
}

bool Lane::must_flush_before(const media::Frame& frame) const
{
    if (held_.empty()) {
        return false;
    }
    const auto apart = timestamp_of(frame.dts) - held_to_;
    return held_bytes_ + frame.payload.size() > kMostHeld || apart > SampleClock::kMostDrift ||
           apart < -SampleClock::kMostDrift;
}

void Lane::hold(const media::Frame& frame)
{
    const auto before = heads_.size();
    if (frame.payload.size() > kMostHeld || !write_sound_head(track_, adts_, frame.payload.size(), heads_)) {
        return;
    }
    const auto length = length_of(track_, frame.payload);
    const auto at = clock_.take(timestamp_of(frame.pts()), length.samples, length.rate);
    held_from_ = held_.empty() ? at : held_from_;
    held_to_ = length.rate > 0 ? clock_.next() : at;
    held_.push_back({heads_.size() - before, frame.payload});
    held_bytes_ += heads_.size() - before + frame.payload.size();
}

void Lane::write_held(const Lead& lead, Bytes& out)
{
    PesHead head{};
    parts_.clear();
    parts_.push_back(write_pes_head(head, pes_id(track_.codec), false, held_bytes_, held_from_, held_from_));
    auto heads = ByteView{heads_};
    for (const auto& held : held_) {
        parts_.push_back(heads.first(held.head));
        parts_.push_back(held.payload.view());
        heads = heads.subspan(held.head);
    }
    packets_.write(lead, parts_, out);
    held_.clear();
    heads_.clear();
    held_bytes_ = 0;
}

void Lane::write_tag(ByteView tag, Ticks at, Bytes& out)
{
    if (tag.empty() || tag.size() > kMostHeld) {
        return;
    }
    PesHead head{};
    const std::array<ByteView, 2> parts{write_pes_head(head, kPrivateId, true, tag.size(), at, at), tag};
    packets_.write({}, parts, out);
}

} // namespace millrace::mpegts
