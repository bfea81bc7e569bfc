#include "marker.hpp"
#include <millrace/amf/amf0.hpp>
#include <millrace/amf/amf3.hpp>

#include <algorithm>
#include <limits>

namespace millrace::amf {
namespace {

constexpr std::size_t kMaxShortText = std::numeric_limits<std::uint16_t>::max();

struct Amf3Only {
    bool operator()(const EcmaArray& array) const { return !array.dense.empty(); }
    bool operator()(const Xml& xml) const { return xml.e4x; }
    bool operator()(const ByteArray&) const { return true; }
    template <class T>
    bool operator()(const NumberVector<T>&) const
    {
        return true;
    }
    bool operator()(const ObjectVector&) const { return true; }
    bool operator()(const Dictionary&) const { return true; }
    bool operator()(const Externalized&) const { return true; }
    template <class T>
    bool operator()(const T&) const
    {
        return false;
    }
};

/// The value itself, not what is in it.
bool is_amf3_only(const Value& value)
{
    return std::visit(Amf3Only{}, value.held());
}

class Amf0Writer {
public:
    explicit Amf0Writer(ByteWriter& out) : out_{out} {}

    void write_value(const Value& value)
    {
        if (is_amf3_only(value)) {
            marker(Marker::amf3);
            return write_amf3(out_, value);
        }
        std::visit([this](const auto& held) { (*this)(held); }, value.held());
    }

    void operator()(Undefined) { marker(Marker::undefined); }
    void operator()(Null) { marker(Marker::null); }
    void operator()(Unsupported) { marker(Marker::unsupported); }

    void operator()(bool truth)
    {
        marker(Marker::boolean);
        out_.u8(truth ? 1 : 0);
    }

    void operator()(double number)
    {
        marker(Marker::number);
        out_.f64(number);
    }

    void operator()(const std::string& text)
    {
        if (text.size() > kMaxShortText) {
            marker(Marker::long_string);
            long_text(text);
        } else {
            marker(Marker::string);
            short_text(text);
        }
    }

    void operator()(const Object& object)
    {
        if (object.class_name.empty()) {
            marker(Marker::object);
        } else {
            marker(Marker::typed_object);
            short_text(object.class_name);
        }
        members(object.members);
    }

    void operator()(const EcmaArray& array)
    {
        marker(Marker::ecma_array);
        out_.u32(static_cast<std::uint32_t>(array.members.size()));
        members(array.members);
    }

    void operator()(const StrictArray& array)
    {
        marker(Marker::strict_array);
        out_.u32(static_cast<std::uint32_t>(array.size()));
        for (const auto& item : array) {
            write_value(item);
        }
    }

    void operator()(Date date)
    {
        marker(Marker::date);
        out_.f64(date.ms);
        out_.u16(0); // time zone: reserved, zero (AMF0 §2.13)
    }

    void operator()(const Xml& xml)
    {
        marker(Marker::xml_document);
        long_text(xml.text);
    }

    /// Only what is_amf3_only() comes here, and that does not.
    template <class Amf3Type>
    void operator()(const Amf3Type&)
    {
    }

private:
    void marker(Marker value) { out_.u8(static_cast<std::uint8_t>(value)); }

    void short_text(std::string_view text)
    {
        text = text.substr(0, kMaxShortText);
        out_.u16(static_cast<std::uint16_t>(text.size()));
        out_.text(text);
    }

    void long_text(std::string_view text)
    {
        out_.u32(static_cast<std::uint32_t>(text.size()));
        out_.text(text);
    }

    void members(const Members& all)
    {
        for (const auto& [name, value] : all) {
            short_text(name);
            write_value(value);
        }
        short_text({});
        marker(Marker::object_end);
    }

    ByteWriter& out_;
};

template <class Range>
Bytes write_all(const Range& values)
{
    Bytes bytes;
    ByteWriter out{bytes};
    std::ranges::for_each(values, [&out](const Value& value) { write(out, value); });
    return bytes;
}

} // namespace

void write(ByteWriter& out, const Value& value)
{
    Amf0Writer{out}.write_value(value);
}

bool amf0_can_hold(const Value& value)
{
    if (is_amf3_only(value)) {
        return false;
    }
    if (const auto* items = value.as<StrictArray>()) {
        return std::ranges::all_of(*items, amf0_can_hold);
    }
    return std::ranges::all_of(value.members(), amf0_can_hold, &Members::value_type::second);
}

Bytes write_amf0(std::initializer_list<Value> values)
{
    return write_all(values);
}

Bytes write_amf0(const std::vector<Value>& values)
{
    return write_all(values);
}

} // namespace millrace::amf
