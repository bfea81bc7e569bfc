#include <millrace/amf/value.hpp>

#include <algorithm>
#include <charconv>

namespace millrace::amf {
namespace {

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_any_case(std::string_view a, std::string_view b)
{
    return std::ranges::equal(a, b, {}, lower, lower);
}

} // namespace

bool operator==(const Object& a, const Object& b)
{
    return a.class_name == b.class_name && a.members == b.members && a.sealed == b.sealed &&
           a.dynamic == b.dynamic;
}

bool operator==(const EcmaArray& a, const EcmaArray& b)
{
    return a.members == b.members && a.dense == b.dense;
}

bool operator==(const ObjectVector& a, const ObjectVector& b)
{
    return a.type_name == b.type_name && a.items == b.items && a.fixed == b.fixed;
}

bool operator==(const Dictionary& a, const Dictionary& b)
{
    return a.pairs == b.pairs && a.weak == b.weak;
}

bool operator==(const Externalized& a, const Externalized& b)
{
    return a.class_name == b.class_name && a.body == b.body;
}

bool can_externalize(std::string_view class_name)
{
    return class_name == "flex.messaging.io.ArrayCollection" ||
           class_name == "flex.messaging.io.ObjectProxy" || class_name == "ArrayList";
}

bool operator==(const Value& a, const Value& b)
{
    return a.held_ == b.held_;
}

// Not inline: a variant this wide, moved in many places, costs build time and makes g++ 12 see uninitialized
// members.
Value::Value() = default;
Value::~Value() = default;
Value::Value(const Value&) = default;
Value::Value(Value&&) noexcept = default;
Value& Value::operator=(const Value&) = default;
Value& Value::operator=(Value&&) noexcept = default;

double Value::number_or(double other) const
{
    if (const auto* number = as<double>()) {
        return *number;
    }
    if (const auto* truth = as<bool>()) {
        return *truth ? 1 : 0;
    }
    if (const auto* spelled = as<std::string>()) {
        double number = 0;
        const char* end = spelled->data() + spelled->size();
        const auto [stop, ec] = std::from_chars(spelled->data(), end, number);
        return ec == std::errc{} && stop == end ? number : other;
    }
    return other;
}

bool Value::bool_or(bool other) const
{
    if (const auto* truth = as<bool>()) {
        return *truth;
    }
    if (const auto* number = as<double>()) {
        return *number != 0;
    }
    return other;
}

std::string_view Value::text() const
{
    const auto* text = as<std::string>();
    return text != nullptr ? std::string_view{*text} : std::string_view{};
}

const Value* Value::find(std::string_view name) const
{
    const auto& all = members();
    const auto found = std::ranges::find(all, name, &Members::value_type::first);
    return found != all.end() ? &found->second : nullptr;
}

const Value* Value::find_any_case(std::string_view name) const
{
    if (const auto* exact = find(name)) {
        return exact;
    }
    const auto& all = members();
    const auto found =
        std::ranges::find_if(all, [name](const auto& member) { return same_any_case(member.first, name); });
    return found != all.end() ? &found->second : nullptr;
}

const Members& Value::members() const
{
    static const Members kNone;
    if (const auto* object = as<Object>()) {
        return object->members;
    }
    if (const auto* array = as<EcmaArray>()) {
        return array->members;
    }
    return kNone;
}

} // namespace millrace::amf
