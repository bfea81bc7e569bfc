// The values that AMF carries, as one C++ type.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace millrace::amf {

class Value;

struct Undefined {
    friend bool operator==(Undefined, Undefined) = default;
};
struct Null {
    friend bool operator==(Null, Null) = default;
};
struct Unsupported {
    friend bool operator==(Unsupported, Unsupported) = default;
};

/// Named members in wire order. A duplicate name overwrites (the last wins).
using Members = std::vector<std::pair<std::string, Value>>;

/// An anonymous or, with a class name, a typed object.
struct Object {
    std::string class_name; ///< Empty: anonymous.
    Members members;
    friend bool operator==(const Object&, const Object&);
};

/// An array with named members (AMF0 ECMA array).
struct EcmaArray {
    Members members;
    friend bool operator==(const EcmaArray&, const EcmaArray&);
};

using StrictArray = std::vector<Value>;

struct Date {
    double ms = 0; ///< Milliseconds since 1970-01-01 UTC.
    friend bool operator==(const Date&, const Date&) = default;
};

struct Xml {
    std::string text;
    friend bool operator==(const Xml&, const Xml&) = default;
};

/// One AMF value. Numbers of all AMF flavours are doubles. References are resolved while reading; what
/// refers to an unfinished container (a cycle) reads as Undefined.
class Value {
public:
    using Held = std::variant<Undefined, Null, Unsupported, bool, double, std::string, Object, EcmaArray,
                              StrictArray, Date, Xml>;

    Value();
    ~Value();
    Value(const Value&);
    Value(Value&&) noexcept;
    Value& operator=(const Value&);
    Value& operator=(Value&&) noexcept;

    Value(Undefined) {}
    Value(Null) : held_{Null{}} {}
    Value(Unsupported v) : held_{v} {}
    Value(bool v) : held_{v} {}
    Value(double v) : held_{v} {}
    Value(int v) : held_{static_cast<double>(v)} {}
    Value(std::uint32_t v) : held_{static_cast<double>(v)} {}
    Value(const char* v) : held_{std::string{v}} {}
    Value(std::string_view v) : held_{std::string{v}} {}
    Value(std::string v) : held_{std::move(v)} {}
    Value(Object v) : held_{std::move(v)} {}
    Value(EcmaArray v) : held_{std::move(v)} {}
    Value(StrictArray v) : held_{std::move(v)} {}
    Value(Date v) : held_{v} {}
    Value(Xml v) : held_{std::move(v)} {}

    const Held& held() const { return held_; }
    Held& held() { return held_; }

    template <class T>
    const T* as() const
    {
        return std::get_if<T>(&held_);
    }

    bool is_null() const
    {
        return std::holds_alternative<Null>(held_) || std::holds_alternative<Undefined>(held_);
    }

    /// The number, also of a boolean or of a string that spells one; `other` when it is none of these.
    double number_or(double other) const;
    /// The boolean, also of a number (not zero); `other` when it is neither.
    bool bool_or(bool other) const;
    /// The text, or an empty one when this is no string. Valid as long as this value.
    std::string_view text() const;

    /// The member of that name of an object or ECMA array; null when absent or when this has no members.
    const Value* find(std::string_view name) const;
    /// The same without regard to ASCII case, for peers that send `tcurl`.
    const Value* find_any_case(std::string_view name) const;
    /// All members of an object or ECMA array; empty for anything else.
    const Members& members() const;

    friend bool operator==(const Value&, const Value&);

private:
    Held held_;
};

/// One line for logs, such as `{app:"live",objectEncoding:0}`; at most about `limit` characters.
std::string to_string(const Value& value, std::size_t limit = 200);

} // namespace millrace::amf
