#include "marker3.hpp"
#include <millrace/amf/amf3.hpp>

#include <algorithm>
#include <cmath>

namespace millrace::amf {
namespace {

class Amf3Writer {
public:
    explicit Amf3Writer(ByteWriter& out) : out_{out} {}

    void write_value(const Value& value)
    {
        std::visit([this](const auto& held) { (*this)(held); }, value.held());
    }

    void operator()(Undefined) { marker(Marker3::undefined); }
    void operator()(Null) { marker(Marker3::null); }
    void operator()(Unsupported) { marker(Marker3::undefined); }
    void operator()(bool truth) { marker(truth ? Marker3::true_value : Marker3::false_value); }

    void operator()(double number)
    {
        const bool whole = number >= kMinInteger && number <= kMaxInteger && number == std::trunc(number) &&
                           !(number == 0 && std::signbit(number));
        if (whole) {
            marker(Marker3::integer);
            u29(static_cast<std::uint32_t>(static_cast<std::int32_t>(number)));
        } else {
            marker(Marker3::number);
            out_.f64(number);
        }
    }

    void operator()(const std::string& text)
    {
        marker(Marker3::string);
        write_text(text);
    }

    void operator()(const Object& object)
    {
        marker(Marker3::object);
        const auto sealed = std::min(object.sealed, object.members.size());
        const bool dynamic = object.dynamic || sealed < object.members.size();
        u29(static_cast<std::uint32_t>(sealed << kMemberShift) | (dynamic ? kDynamic : 0U) | kInlineTraits |
            kInline);
        write_text(object.class_name);
        const auto declared_end = object.members.begin() + static_cast<std::ptrdiff_t>(sealed);
        std::for_each(object.members.begin(), declared_end,
                      [this](const auto& member) { write_text(member.first); });
        std::for_each(object.members.begin(), declared_end,
                      [this](const auto& member) { write_value(member.second); });
        if (dynamic) {
            named(declared_end, object.members.end());
        }
    }

    void operator()(const EcmaArray& array) { write_array(array.members, array.dense); }
    void operator()(const StrictArray& array) { write_array({}, array); }

    void operator()(Date date)
    {
        marker(Marker3::date);
        u29(kInline);
        out_.f64(date.ms);
    }

    void operator()(const Xml& xml)
    {
        marker(xml.e4x ? Marker3::xml : Marker3::xml_document);
        write_text(xml.text);
    }

    void operator()(const ByteArray& array)
    {
        marker(Marker3::byte_array);
        const auto bytes = ByteView{array.bytes}.first(std::min<std::size_t>(array.bytes.size(), kMaxLength));
        length(bytes.size());
        out_.bytes(bytes);
    }

    void operator()(const IntVector& vector)
    {
        vector_head(Marker3::vector_int, vector.items.size(), vector.fixed);
        for (const auto item : vector.items) {
            out_.u32(static_cast<std::uint32_t>(item));
        }
    }

    void operator()(const UintVector& vector)
    {
        vector_head(Marker3::vector_uint, vector.items.size(), vector.fixed);
        for (const auto item : vector.items) {
            out_.u32(item);
        }
    }

    void operator()(const DoubleVector& vector)
    {
        vector_head(Marker3::vector_double, vector.items.size(), vector.fixed);
        for (const auto item : vector.items) {
            out_.f64(item);
        }
    }

    void operator()(const ObjectVector& vector)
    {
        vector_head(Marker3::vector_object, vector.items.size(), vector.fixed);
        write_text(vector.type_name);
        for (const auto& item : vector.items) {
            write_value(item);
        }
    }

    void operator()(const Dictionary& dictionary)
    {
        vector_head(Marker3::dictionary, dictionary.pairs.size(), dictionary.weak);
        for (const auto& [key, value] : dictionary.pairs) {
            write_value(key);
            write_value(value);
        }
    }

    void operator()(const Externalized& object)
    {
        marker(Marker3::object);
        u29(kExternalizable | kInlineTraits | kInline);
        write_text(object.class_name);
        write_value(object.body.empty() ? Value{Null{}} : object.body.front());
    }

private:
    void marker(Marker3 value) { out_.u8(static_cast<std::uint8_t>(value)); }

    // u29 := (1 bits:u7)*0..3 ((0 bits:u7) | bits:u8 when three stand before it)      AMF3 §1.3.1
    void u29(std::uint32_t value)
    {
        value &= (1U << kU29Bits) - 1;
        if (value < 0x80) {
            return out_.u8(static_cast<std::uint8_t>(value));
        }
        if (value < 0x4000) {
            out_.u8(static_cast<std::uint8_t>(0x80U | value >> 7U));
            return out_.u8(static_cast<std::uint8_t>(value & 0x7fU));
        }
        if (value < 0x200000) {
            out_.u8(static_cast<std::uint8_t>(0x80U | value >> 14U));
            out_.u8(static_cast<std::uint8_t>(0x80U | (value >> 7U & 0x7fU)));
            return out_.u8(static_cast<std::uint8_t>(value & 0x7fU));
        }
        out_.u8(static_cast<std::uint8_t>(0x80U | value >> 22U));
        out_.u8(static_cast<std::uint8_t>(0x80U | (value >> 15U & 0x7fU)));
        out_.u8(static_cast<std::uint8_t>(0x80U | (value >> 8U & 0x7fU)));
        out_.u8(static_cast<std::uint8_t>(value));
    }

    void length(std::size_t count) { u29(static_cast<std::uint32_t>(count) << 1U | kInline); }

    void write_text(std::string_view text)
    {
        text = text.substr(0, kMaxLength);
        length(text.size());
        out_.text(text);
    }

    template <class Iterator>
    void named(Iterator begin, Iterator end)
    {
        std::for_each(begin, end, [this](const auto& member) {
            if (!member.first.empty()) {
                write_text(member.first);
                write_value(member.second);
            }
        });
        write_text({});
    }

    void write_array(const Members& members, const std::vector<Value>& dense)
    {
        marker(Marker3::array);
        length(dense.size());
        named(members.begin(), members.end());
        for (const auto& item : dense) {
            write_value(item);
        }
    }

    void vector_head(Marker3 kind, std::size_t count, bool flag)
    {
        marker(kind);
        length(count);
        out_.u8(flag ? 1 : 0);
    }

    ByteWriter& out_;
};

} // namespace

void write_amf3(ByteWriter& out, const Value& value)
{
    Amf3Writer{out}.write_value(value);
}

} // namespace millrace::amf
