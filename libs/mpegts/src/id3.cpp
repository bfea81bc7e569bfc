#include <millrace/amf/amf0.hpp>
#include <millrace/base/reader.hpp>
#include <millrace/mpegts/id3.hpp>

#include <array>
#include <cmath>
#include <cstdio>

namespace millrace::mpegts {
namespace {

constexpr std::string_view kRawMember = "id3";
constexpr std::string_view kTimestampOwner = "com.apple.streaming.transportStreamTimestamp";
constexpr std::size_t kTagHeadBytes = 10;
constexpr std::size_t kFrameHeadBytes = 10;
constexpr std::size_t kMostTag = std::size_t{1} << 20U; ///< Of what we make of one message.
constexpr std::uint8_t kUtf8 = 3;

/// Lengths have seven bits a byte, so that they never look like a sync word (ID3 2.4 §6.2).
std::uint32_t synchsafe(std::size_t size)
{
    return static_cast<std::uint32_t>((size & 0x7fU) | (size & 0x3f80U) << 1U | (size & 0x1fc000U) << 2U |
                                      (size & 0xfe00000U) << 3U);
}

std::size_t read_synchsafe(std::uint32_t value)
{
    return (value & 0x7fU) | (value >> 1U & 0x3f80U) | (value >> 2U & 0x1fc000U) | (value >> 3U & 0xfe00000U);
}

// frame := id:4 size:u32 flags:u16 body
void write_frame(ByteWriter& out, std::string_view id, ByteView body)
{
    out.text(id);
    out.u32(synchsafe(body.size()));
    out.u16(0);
    out.bytes(body);
}

// tag := "ID3" 04 00 flags:u8 size:u32 frame*
Bytes make_tag(ByteView frames)
{
    Bytes tag;
    ByteWriter out{tag};
    out.text("ID3");
    out.u16(0x0400);
    out.u8(0);
    out.u32(synchsafe(frames.size()));
    out.bytes(frames);
    return tag;
}

// TXXX := encoding:u8 description 00 value 00
void write_text(Bytes& frames, std::string_view description, std::string_view value)
{
    Bytes body;
    ByteWriter out{body};
    out.u8(kUtf8);
    out.text(description.substr(0, description.find('\0')));
    out.u8(0);
    out.text(value);
    out.u8(0);
    if (frames.size() + body.size() < kMostTag) {
        ByteWriter all{frames};
        write_frame(all, "TXXX", body);
    }
}

std::string text_of(double number)
{
    std::array<char, 40> text{};
    const bool whole = std::abs(number) < 1e15 && number == std::floor(number);
    std::snprintf(text.data(), text.size(), whole ? "%.0f" : "%.9g", number);
    return text.data();
}

void write_value(Bytes& frames, const std::string& name, const amf::Value& value)
{
    if (const auto* text = value.as<std::string>()) {
        write_text(frames, name, *text);
    } else if (const auto* number = value.as<double>()) {
        write_text(frames, name, text_of(*number));
    } else if (const auto* flag = value.as<bool>()) {
        write_text(frames, name, *flag ? "true" : "false");
    } else if (const auto* items = value.as<amf::StrictArray>()) {
        for (std::size_t i = 0; i < items->size(); ++i) {
            write_value(frames, name + "." + std::to_string(i), (*items)[i]);
        }
    } else {
        for (const auto& [member, held] : value.members()) {
            write_value(frames, name.empty() ? member : name + "." + member, held);
        }
    }
}

int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/// The tag that script_of_id3() kept.
Bytes raw_tag(const amf::Value& value)
{
    const auto* held = value.find(kRawMember);
    const auto text = held != nullptr ? held->text() : std::string_view{};
    Bytes tag;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        const auto high = digit(text[i]);
        const auto low = digit(text[i + 1]);
        if (high < 0 || low < 0) {
            return {};
        }
        tag.push_back(static_cast<std::uint8_t>(high * 16 + low));
    }
    return as_text(tag).starts_with("ID3") ? tag : Bytes{};
}

Bytes tag_of(std::string_view name, const std::vector<amf::Value>& values, std::size_t first)
{
    Bytes frames;
    for (auto i = first; i < values.size(); ++i) {
        if (name == kId3Name) {
            if (auto tag = raw_tag(values[i]); !tag.empty()) {
                return tag;
            }
        }
        // Members speak for themselves; a bare value needs a name.
        write_value(frames, values[i].members().empty() ? std::string{name} : std::string{}, values[i]);
    }
    return frames.empty() ? Bytes{} : make_tag(frames);
}

/// A text of ID3 up to its end, in UTF-8; those of UTF-16 are left out but for ASCII.
std::string take_text(ByteReader& in, std::uint8_t encoding)
{
    std::string text;
    if (encoding == 1 || encoding == 2) {
        bool little = false;
        while (in.remaining() >= 2) {
            const auto unit = in.u16();
            if (unit == 0) {
                break;
            }
            if (unit == 0xfffe || unit == 0xfeff) {
                little = unit == 0xfffe;
                continue;
            }
            const auto code = little ? unit >> 8U : unit;
            text.push_back(code > 0 && code < 0x80 ? static_cast<char>(code) : '?');
        }
        return text;
    }
    while (in.remaining() > 0) {
        const auto byte = in.u8();
        if (byte == 0) {
            break;
        }
        text.push_back(static_cast<char>(byte));
    }
    return text;
}

void read_frame(std::string_view id, ByteView body, amf::Members& members)
{
    ByteReader in{body};
    if (id == "TXXX") {
        const auto encoding = in.u8();
        auto description = take_text(in, encoding);
        members.emplace_back(std::move(description), take_text(in, encoding));
    } else if (id.starts_with('T')) {
        const auto encoding = in.u8();
        members.emplace_back(std::string{id}, take_text(in, encoding));
    }
}

struct Tag {
    std::size_t bytes = 0; ///< With its head; 0: no whole tag.
    std::uint8_t version = 0;
    ByteView frames;
};

Tag read_tag(ByteView bytes)
{
    ByteReader in{bytes};
    const auto name = in.text(3);
    const auto version = in.u8();
    in.skip(1);
    const auto flags = in.u8();
    const auto size = read_synchsafe(in.u32());
    if (!in.ok() || name != "ID3" || version < 3 || version > 4 || size > in.remaining()) {
        return {};
    }
    auto frames = in.bytes(size);
    if ((flags & 0x40U) != 0) { // an extended header, which tells its own length
        ByteReader extended{frames};
        const auto length = version == 4 ? read_synchsafe(extended.u32()) : std::size_t{extended.u32()} + 4;
        frames = frames.subspan(std::min(length, frames.size()));
    }
    const std::size_t footer = (flags & 0x10U) != 0 ? kTagHeadBytes : 0;
    return {std::min(kTagHeadBytes + size + footer, bytes.size()), version, frames};
}

/// Calls `visit(id, body)` for each frame.
template <class Visit>
void for_each_frame(const Tag& tag, const Visit& visit)
{
    ByteReader in{tag.frames};
    while (in.remaining() >= kFrameHeadBytes && in.peek() != 0) { // zeros are padding
        const auto id = in.text(4);
        const auto size = in.u32();
        in.skip(2);
        const auto body = in.bytes(tag.version == 4 ? read_synchsafe(size) : size);
        if (!in.ok()) {
            return;
        }
        visit(id, body);
    }
}

std::string hex(ByteView bytes)
{
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const auto byte : bytes) {
        text.push_back(kDigits[byte >> 4U]);
        text.push_back(kDigits[byte & 15U]);
    }
    return text;
}

} // namespace

Bytes id3_of_script(ByteView script)
{
    const auto values = amf::read_amf0(script);
    return values && !values->empty() ? tag_of(values->front().text(), *values, 1) : Bytes{};
}

Bytes id3_of_metadata(const media::Metadata& metadata)
{
    const auto values = amf::read_amf0(metadata.values);
    return values ? tag_of(metadata.name, *values, 0) : Bytes{};
}

Bytes script_of_id3(ByteView bytes)
{
    amf::EcmaArray array;
    auto rest = bytes;
    std::size_t used = 0;
    for (auto tag = read_tag(rest); tag.bytes > 0; tag = read_tag(rest)) {
        for_each_frame(tag,
                       [&array](std::string_view id, ByteView body) { read_frame(id, body, array.members); });
        used += tag.bytes;
        rest = rest.subspan(tag.bytes);
    }
    if (used == 0) {
        return {};
    }
    array.members.emplace_back(std::string{kRawMember}, hex(bytes.first(used)));
    return amf::write_amf0({amf::Value{kId3Name}, amf::Value{std::move(array)}});
}

Bytes id3_of_timestamp(std::int64_t ticks)
{
    Bytes body;
    ByteWriter out{body};
    out.text(kTimestampOwner);
    out.u8(0);
    out.u64(static_cast<std::uint64_t>(ticks) & ((std::uint64_t{1} << 33U) - 1));
    Bytes frames;
    ByteWriter all{frames};
    write_frame(all, "PRIV", body);
    return make_tag(frames);
}

PackedAudioHead read_packed_audio_head(ByteView segment)
{
    PackedAudioHead head;
    for (auto tag = read_tag(segment); tag.bytes > 0; tag = read_tag(segment)) {
        for_each_frame(tag, [&head](std::string_view id, ByteView body) {
            ByteReader in{body};
            if (id == "PRIV" && in.text(kTimestampOwner.size()) == kTimestampOwner && in.u8() == 0 &&
                in.remaining() == 8) {
                head.timestamp = static_cast<std::int64_t>(in.u64() & ((std::uint64_t{1} << 33U) - 1));
            }
        });
        head.bytes += tag.bytes;
        segment = segment.subspan(tag.bytes);
    }
    return head;
}

} // namespace millrace::mpegts
