#include "amf3_reader.hpp"
#include "marker.hpp"
#include <millrace/amf/amf0.hpp>

#include <algorithm>
#include <optional>

namespace millrace::amf {
namespace {

class Category : public std::error_category {
public:
    const char* name() const noexcept override { return "amf"; }

    std::string message(int code) const override
    {
        switch (static_cast<Errc>(code)) {
        case Errc::truncated: return "AMF value ends after its message";
        case Errc::unknown_marker: return "AMF type marker is reserved or unknown";
        case Errc::bad_reference: return "AMF reference to an object that was not begun";
        case Errc::too_deep: return "AMF value is nested too deep";
        case Errc::too_many_values: return "AMF message has too many values";
        case Errc::unknown_class: return "AMF3 object of a class whose own way of writing is not known";
        }
        return "unknown AMF error";
    }
};

} // namespace

std::error_code make_error_code(Errc code)
{
    static const Category kCategory;
    return {static_cast<int>(code), kCategory};
}

// value     := marker:u8 body
// body      := number:f64 | truth:u8 | text | members | index:u16 | count:u32 members | count:u32 value*
//            | ms:f64 zone:u16 | long-text | class:text members
// text      := length:u16 byte*          long-text := length:u32 byte*
// members   := (name:text value)* 0000 09
struct Amf0Reader::State {
    State(ByteView bytes, Limits bounds) : reading{bytes, bounds} {}

    Result<Value> read_value(std::size_t depth);
    Result<Value> read_container(Marker marker, std::size_t depth);
    Result<Value> read_container_body(Marker marker, std::size_t depth);
    Result<Members> read_members(std::size_t depth);
    Result<Value> read_array(std::size_t depth);
    Result<Value> read_reference(std::size_t depth);
    bool ends_members();

    template <class T>
    Result<Value> checked(T value, std::string_view clause) const
    {
        return reading.checked(std::move(value), clause);
    }

    Reading reading;
    ByteReader& in = reading.in;
    Amf3Part amf3{reading};
    std::vector<Reading::Place>
        containers; ///< In the order of their markers: the reference table (AMF0 §2.9).
    std::optional<Error> failed;
    bool switched = false;
};

Result<Value> Amf0Reader::State::read_value(std::size_t depth)
{
    if (++reading.values > reading.limits.values) {
        return Unexpected{Errc::too_many_values};
    }
    if (in.at_end()) {
        return Unexpected{Errc::truncated, "AMF0 §2.1"};
    }
    const auto marker = static_cast<Marker>(in.u8());
    switch (marker) {
    case Marker::number: return checked(in.f64(), "AMF0 §2.2");
    case Marker::boolean: return checked(in.u8() != 0, "AMF0 §2.3");
    case Marker::string: return checked(std::string{in.text(in.u16())}, "AMF0 §2.4");
    case Marker::null: return Value{Null{}};
    case Marker::undefined: return Value{Undefined{}};
    case Marker::reference: return read_reference(depth);
    case Marker::date: {
        const Date date{in.f64()};
        in.skip(2);
        return checked(date, "AMF0 §2.13");
    }
    case Marker::long_string: return checked(std::string{in.text(in.u32())}, "AMF0 §2.14");
    case Marker::unsupported: return Value{Unsupported{}};
    case Marker::xml_document: return checked(Xml{std::string{in.text(in.u32())}}, "AMF0 §2.17");
    case Marker::object:
    case Marker::typed_object:
    case Marker::ecma_array:
    case Marker::strict_array: return read_container(marker, depth);
    case Marker::amf3:
        --reading.values;
        switched = true;
        return amf3.read_value(depth);
    case Marker::object_end: break;
    }
    return Unexpected{Errc::unknown_marker, "AMF0 §2.1"};
}

Result<Value> Amf0Reader::State::read_container(Marker marker, std::size_t depth)
{
    if (depth >= reading.limits.depth) {
        return Unexpected{Errc::too_deep};
    }
    if (reading.copying > 0) {
        return read_container_body(marker, depth + 1);
    }
    const auto index = containers.size();
    containers.push_back({.begin = in.position() - 1});
    auto value = read_container_body(marker, depth + 1);
    containers[index].end = in.position();
    return value;
}

Result<Value> Amf0Reader::State::read_container_body(Marker marker, std::size_t depth)
{
    if (marker == Marker::strict_array) {
        return read_array(depth);
    }
    std::string class_name;
    std::size_t count = 0;
    if (marker == Marker::typed_object) {
        class_name = in.text(in.u16());
    } else if (marker == Marker::ecma_array) {
        count = in.u32();
    }
    if (!in.ok()) {
        return Unexpected{Errc::truncated, marker == Marker::ecma_array ? "AMF0 §2.10" : "AMF0 §2.18"};
    }
    auto members = read_members(depth);
    if (!members) {
        return Unexpected{members.error()};
    }
    if (marker != Marker::ecma_array) {
        return Value{Object{.class_name = std::move(class_name), .members = std::move(*members)}};
    }
    if (count != members->size()) {
        ++reading.counters["wrong_count"]; // Quirk: many writers leave the count of an ECMA array at 0
                                           // (FFmpeg to pipes).
    }
    return Value{EcmaArray{.members = std::move(*members), .dense = {}}};
}

/// Consumes what ends an object. Expects: a name is next.
bool Amf0Reader::State::ends_members()
{
    const auto rest = reading.message.subspan(in.position());
    const bool empty_key = rest.size() >= 2 && rest[0] == 0 && rest[1] == 0;
    if (rest.empty() || (empty_key && rest.size() == 2)) {
        // Quirk: some encoders leave out the end of the last object of a message.
        ++reading.counters["missing_object_end"];
        in.skip(rest.size());
        return true;
    }
    if (empty_key && rest[2] == static_cast<std::uint8_t>(Marker::object_end)) {
        in.skip(3);
        return true;
    }
    if (empty_key) {
        ++reading
              .counters["empty_key"]; // Quirk: an empty name before anything but 09 is a member of that name.
    }
    return false;
}

Result<Members> Amf0Reader::State::read_members(std::size_t depth)
{
    MemberList members{reading};
    while (!ends_members()) {
        if (!members.has_room()) {
            return Unexpected{Errc::too_many_values};
        }
        const auto name = in.text(in.u16());
        if (!in.ok()) {
            return Unexpected{Errc::truncated, "AMF0 §2.5"};
        }
        auto value = read_value(depth);
        if (!value) {
            return Unexpected{value.error()};
        }
        members.add(name, std::move(*value));
    }
    return members.take();
}

Result<Value> Amf0Reader::State::read_array(std::size_t depth)
{
    const std::size_t count = in.u32();
    if (!in.ok() || count > in.remaining()) { // each item has at least its marker
        return Unexpected{Errc::truncated, "AMF0 §2.12"};
    }
    if (count > reading.limits.items) {
        return Unexpected{Errc::too_many_values};
    }
    StrictArray items;
    for (std::size_t i = 0; i < count; ++i) {
        auto item = read_value(depth);
        if (!item) {
            return item;
        }
        items.push_back(std::move(*item));
    }
    return Value{std::move(items)};
}

Result<Value> Amf0Reader::State::read_reference(std::size_t depth)
{
    const auto at = in.position();
    const std::size_t index = in.u16();
    if (!in.ok()) {
        return Unexpected{Errc::truncated, "AMF0 §2.9"};
    }
    if (index >= containers.size()) {
        return Unexpected{Errc::bad_reference, "AMF0 §2.9"};
    }
    const auto container = containers[index];
    if (Reading::is_open(container, at)) {
        return Value{Undefined{}};
    }
    return reading.read_again(container, [&] { return read_value(depth); });
}

Amf0Reader::Amf0Reader(ByteView message, Limits limits) : state_{std::make_unique<State>(message, limits)} {}

Amf0Reader::~Amf0Reader() = default;

bool Amf0Reader::at_end() const
{
    return state_->in.at_end();
}

std::size_t Amf0Reader::position() const
{
    return state_->in.position();
}

void Amf0Reader::move_to(std::size_t position)
{
    auto& reading = state_->reading;
    reading.in = ByteReader{reading.message};
    reading.in.skip(position);
}

Result<Value> Amf0Reader::next()
{
    auto& state = *state_;
    if (state.failed) {
        return Unexpected{*state.failed};
    }
    auto value = state.read_value(0);
    if (!value) {
        state.failed = value.error();
    }
    return value;
}

bool Amf0Reader::switched() const
{
    return state_->switched;
}

const Amf0Reader::Counters& Amf0Reader::counters() const
{
    return state_->reading.counters;
}

Result<std::vector<Value>> read_amf0(ByteView message, Limits limits)
{
    Amf0Reader reader{message, limits};
    std::vector<Value> values;
    while (!reader.at_end()) {
        auto value = reader.next();
        if (!value) {
            return Unexpected{value.error()};
        }
        values.push_back(std::move(*value));
    }
    return values;
}

} // namespace millrace::amf
