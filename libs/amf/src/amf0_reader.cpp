#include "marker.hpp"
#include <millrace/amf/amf0.hpp>

#include <algorithm>
#include <optional>
#include <unordered_map>

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
        case Errc::amf3_value: return "AMF0 message switches to AMF3";
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
    /// Where a container stands in the message. A reference reads it again from there.
    struct Container {
        std::size_t begin = 0; ///< Of its marker.
        std::size_t end = 0;   ///< Behind its last byte; 0 while it is still open.
    };

    State(ByteView bytes, Limits bounds) : message{bytes}, limits{bounds}, in{bytes} {}

    Result<Value> read_value(std::size_t depth);
    Result<Value> read_container(Marker marker, std::size_t depth);
    Result<Value> read_container_body(Marker marker, std::size_t depth);
    Result<Members> read_members(std::size_t depth);
    Result<Value> read_array(std::size_t depth);
    Result<Value> read_reference(std::size_t depth);
    Result<Value> copy_of(const Container& container, std::size_t depth);
    bool ends_members();

    template <class T>
    Result<Value> checked(T value, std::string_view clause) const
    {
        if (!in.ok()) {
            return Unexpected{Errc::truncated, clause};
        }
        return Value{std::move(value)};
    }

    ByteView message;
    Limits limits;
    ByteReader in;
    std::vector<Container> containers; ///< In the order of their markers: the reference table (AMF0 §2.9).
    std::size_t values = 0;
    std::size_t copied = 0;
    int copying = 0; ///< Inside of how many references; what is read there is in the table already.
    Counters counters;
    std::optional<Error> failed;
};

Result<Value> Amf0Reader::State::read_value(std::size_t depth)
{
    if (++values > limits.values) {
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
    case Marker::amf3: return Unexpected{Errc::amf3_value, "AMF0 §3.1"};
    case Marker::object_end: break;
    }
    return Unexpected{Errc::unknown_marker, "AMF0 §2.1"};
}

Result<Value> Amf0Reader::State::read_container(Marker marker, std::size_t depth)
{
    if (depth >= limits.depth) {
        return Unexpected{Errc::too_deep};
    }
    if (copying > 0) {
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
        return Value{Object{std::move(class_name), std::move(*members)}};
    }
    if (count != members->size()) {
        ++counters["wrong_count"]; // Quirk: many writers leave the count of an ECMA array at 0 (FFmpeg to
                                   // pipes).
    }
    return Value{EcmaArray{std::move(*members)}};
}

/// Consumes what ends an object. Expects: a name is next.
bool Amf0Reader::State::ends_members()
{
    const auto rest = message.subspan(in.position());
    const bool empty_key = rest.size() >= 2 && rest[0] == 0 && rest[1] == 0;
    if (rest.empty() || (empty_key && rest.size() == 2)) {
        // Quirk: some encoders leave out the end of the last object of a message.
        ++counters["missing_object_end"];
        in.skip(rest.size());
        return true;
    }
    if (empty_key && rest[2] == static_cast<std::uint8_t>(Marker::object_end)) {
        in.skip(3);
        return true;
    }
    if (empty_key) {
        ++counters["empty_key"]; // Quirk: an empty name before anything but 09 is a member of that name.
    }
    return false;
}

Result<Members> Amf0Reader::State::read_members(std::size_t depth)
{
    Members members;
    std::unordered_map<std::string_view, std::size_t> seen; // names are views of the message
    while (!ends_members()) {
        if (members.size() >= limits.items) {
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
        const auto [known, fresh] = seen.try_emplace(name, members.size());
        if (fresh) {
            members.emplace_back(name, std::move(*value));
        } else {
            // Quirk: a name may stand twice in one object; the last one wins.
            ++counters["duplicate_key"];
            members[known->second].second = std::move(*value);
        }
    }
    return members;
}

Result<Value> Amf0Reader::State::read_array(std::size_t depth)
{
    const std::size_t count = in.u32();
    if (!in.ok() || count > in.remaining()) { // each item has at least its marker
        return Unexpected{Errc::truncated, "AMF0 §2.12"};
    }
    if (count > limits.items) {
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
    // What had not ended here had not ended here, also when this place is read again by a reference to what
    // is around it: so that a copy equals its original, and that no chain of references can come back to
    // itself.
    const auto container = containers[index];
    if (container.end == 0 || container.end > at) {
        return Value{Undefined{}};
    }
    return copy_of(container, depth);
}

Result<Value> Amf0Reader::State::copy_of(const Container& container, std::size_t depth)
{
    copied += container.end - container.begin;
    if (copied > limits.copied) {
        return Unexpected{Errc::too_many_values};
    }
    --values; // the copy counts instead of its reference
    ByteReader here = in;
    in = ByteReader{message.first(container.end)};
    in.skip(container.begin);
    ++copying;
    auto value = read_value(depth);
    --copying;
    in = here;
    return value;
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

const Amf0Reader::Counters& Amf0Reader::counters() const
{
    return state_->counters;
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
