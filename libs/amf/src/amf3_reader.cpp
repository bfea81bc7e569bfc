#include "amf3_reader.hpp"

#include <millrace/amf/amf3.hpp>

namespace millrace::amf {

namespace {

/// Those that hold other values and so nest.
bool is_container(Marker3 marker)
{
    return marker == Marker3::array || marker == Marker3::object || marker == Marker3::vector_object ||
           marker == Marker3::dictionary;
}

} // namespace

// value  := marker:u8 body
// body   := integer:u29 | number:f64 | text | complex
// text   := (index << 1):u29 | (length << 1 | 1):u29 byte*          index into the texts so far, none empty
// complex := (index << 1):u29 | (… | 1):u29 …                       index into the complex values so far
Result<Value> Amf3Part::read_value(std::size_t depth)
{
    auto& in = reading_.in;
    if (++reading_.values > reading_.limits.values) {
        return Unexpected{Errc::too_many_values};
    }
    if (in.at_end()) {
        return Unexpected{Errc::truncated, "AMF3 §3.1"};
    }
    const auto marker = static_cast<Marker3>(in.u8());
    switch (marker) {
    case Marker3::undefined: return Value{Undefined{}};
    case Marker3::null: return Value{Null{}};
    case Marker3::false_value: return Value{false};
    case Marker3::true_value: return Value{true};
    case Marker3::integer: return read_integer();
    case Marker3::number: return reading_.checked(in.f64(), "AMF3 §3.7");
    case Marker3::string: {
        const auto read = text();
        return read ? Result<Value>{Value{*read}} : why_not();
    }
    case Marker3::xml_document:
    case Marker3::date:
    case Marker3::array:
    case Marker3::object:
    case Marker3::xml:
    case Marker3::byte_array:
    case Marker3::vector_int:
    case Marker3::vector_uint:
    case Marker3::vector_double:
    case Marker3::vector_object:
    case Marker3::dictionary: return read_complex(marker, depth);
    }
    return Unexpected{Errc::unknown_marker, "AMF3 §3.1"};
}

// u29 := (1 bits:u7)*0..3 ((0 bits:u7) | bits:u8 when three stand before it)      AMF3 §1.3.1
std::optional<std::uint32_t> Amf3Part::u29()
{
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) {
        const std::uint32_t byte = reading_.in.u8();
        if (i == 3) {
            value = value << 8U | byte;
            break;
        }
        value = value << 7U | (byte & 0x7fU);
        if ((byte & 0x80U) == 0) {
            break;
        }
    }
    why_ = Errc::truncated;
    return reading_.in.ok() ? std::optional{value} : std::nullopt;
}

std::optional<std::string_view> Amf3Part::text()
{
    const auto head = u29();
    if (!head) {
        return std::nullopt;
    }
    const std::size_t number = *head >> 1U;
    if ((*head & kInline) == 0) {
        if (number >= strings_.size()) {
            why_ = Errc::bad_reference;
            return std::nullopt;
        }
        why_ = Errc::too_many_values;
        return reading_.may_copy(strings_[number].size()) ? std::optional{strings_[number]} : std::nullopt;
    }
    const auto read = reading_.in.text(number);
    if (!reading_.in.ok()) {
        return std::nullopt;
    }
    if (!read.empty() && reading_.copying == 0) {
        strings_.push_back(read);
    }
    return read;
}

Unexpected Amf3Part::why_not() const
{
    return {why_, why_ == Errc::truncated ? "AMF3 §1.3" : "AMF3 §2.2"};
}

bool Amf3Part::fits(std::size_t count, std::size_t item_bytes) const
{
    return count <= reading_.in.remaining() / item_bytes;
}

Result<Value> Amf3Part::read_integer()
{
    const auto read = u29();
    if (!read) {
        return why_not();
    }
    const auto value = static_cast<std::int32_t>(*read);
    return Value{value > kMaxInteger ? value - (1 << kU29Bits) : value};
}

Result<Value> Amf3Part::read_complex(Marker3 marker, std::size_t depth)
{
    const auto begin = reading_.in.position() - 1;
    const auto head = u29();
    if (!head) {
        return why_not();
    }
    if ((*head & kInline) == 0) {
        return read_reference(marker, *head >> 1U, begin, depth);
    }
    if (is_container(marker) && depth >= reading_.limits.depth) {
        return Unexpected{Errc::too_deep};
    }
    if (reading_.copying > 0) {
        return read_body(marker, *head, depth + 1);
    }
    const auto index = objects_.size();
    objects_.push_back({.begin = begin});
    auto value = read_body(marker, *head, depth + 1);
    objects_[index].end = reading_.in.position();
    return value;
}

Result<Value> Amf3Part::read_reference(Marker3 marker, std::size_t index, std::size_t begin,
                                       std::size_t depth)
{
    if (index >= objects_.size()) {
        return Unexpected{Errc::bad_reference, "AMF3 §2.2"};
    }
    const auto place = objects_[index];
    if (static_cast<Marker3>(reading_.message[place.begin]) != marker) {
        return Unexpected{Errc::bad_reference, "AMF3 §2.2: to a value of another type"};
    }
    if (Reading::is_open(place, begin)) {
        return Value{Undefined{}};
    }
    return reading_.read_again(place, [&] { return read_value(depth); });
}

/// Expects: `head` is no reference.
Result<Value> Amf3Part::read_body(Marker3 marker, std::uint32_t head, std::size_t depth)
{
    auto& in = reading_.in;
    const std::size_t count = head >> 1U;
    switch (marker) {
    case Marker3::date: return reading_.checked(Date{in.f64()}, "AMF3 §3.10");
    case Marker3::xml_document:
    case Marker3::xml: return read_xml(marker, count);
    case Marker3::byte_array: return reading_.checked(ByteArray{to_bytes(in.bytes(count))}, "AMF3 §3.14");
    case Marker3::vector_int:
        return read_vector<std::int32_t>(
            count, 4, [](ByteReader& item) { return static_cast<std::int32_t>(item.u32()); });
    case Marker3::vector_uint:
        return read_vector<std::uint32_t>(count, 4, [](ByteReader& item) { return item.u32(); });
    case Marker3::vector_double:
        return read_vector<double>(count, 8, [](ByteReader& item) { return item.f64(); });
    case Marker3::vector_object: return read_object_vector(count, depth);
    case Marker3::dictionary: return read_dictionary(count, depth);
    case Marker3::array: return read_array(count, depth);
    default: return read_object(head, depth);
    }
}

Result<Value> Amf3Part::read_xml(Marker3 marker, std::size_t length)
{
    const auto text = reading_.in.text(length);
    return reading_.checked(Xml{std::string{text}, marker == Marker3::xml}, "AMF3 §3.9, §3.13");
}

template <class T, class Read>
Result<Value> Amf3Part::read_vector(std::size_t count, std::size_t item_bytes, Read read)
{
    auto& in = reading_.in;
    NumberVector<T> vector{.items = {}, .fixed = in.u8() != 0};
    if (!in.ok() || !fits(count, item_bytes)) {
        return Unexpected{Errc::truncated, "AMF3 §3.15"};
    }
    if (count > reading_.limits.items) {
        return Unexpected{Errc::too_many_values};
    }
    for (std::size_t i = 0; i < count; ++i) {
        vector.items.push_back(read(in));
    }
    return Value{std::move(vector)};
}

Result<std::vector<Value>> Amf3Part::read_items(std::size_t count, std::size_t depth)
{
    if (!fits(count, 1)) {
        return Unexpected{Errc::truncated, "AMF3 §3.11"};
    }
    if (count > reading_.limits.items) {
        return Unexpected{Errc::too_many_values};
    }
    std::vector<Value> items;
    for (std::size_t i = 0; i < count; ++i) {
        auto item = read_value(depth);
        if (!item) {
            return Unexpected{item.error()};
        }
        items.push_back(std::move(*item));
    }
    return items;
}

// array := named value*count
Result<Value> Amf3Part::read_array(std::size_t count, std::size_t depth)
{
    MemberList members{reading_};
    if (const auto read = read_named(members, depth); !read) {
        return Unexpected{read.error()};
    }
    auto items = read_items(count, depth);
    if (!items) {
        return Unexpected{items.error()};
    }
    if (members.size() == 0) {
        return Value{std::move(*items)};
    }
    return Value{EcmaArray{members.take(), std::move(*items)}};
}

Result<std::vector<Value>> read_amf3(ByteView message, Limits limits)
{
    Reading reading{message, limits};
    Amf3Part part{reading};
    std::vector<Value> values;
    while (!reading.in.at_end()) {
        auto value = part.read_value(0);
        if (!value) {
            return Unexpected{value.error()};
        }
        values.push_back(std::move(*value));
    }
    return values;
}

} // namespace millrace::amf
