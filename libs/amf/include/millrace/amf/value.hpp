// The values that AMF carries, as one C++ type.
#pragma once

#include <millrace/base/bytes.hpp>

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
///
/// AMF3 tells the members that the class declares (sealed) from those that an object got later (dynamic);
/// AMF0 knows only the latter, and writes all as such.
struct Object {
    std::string class_name; ///< Empty: anonymous.
    Members members;
    std::size_t sealed = 0; ///< How many of the first members the class declares.
    bool dynamic = true;    ///< False: the class declares all members.
    friend bool operator==(const Object&, const Object&);
};

/// An array with named members (AMF0 ECMA array, AMF3 associative array).
struct EcmaArray {
    Members members;
    std::vector<Value> dense; ///< AMF3 only: further items, by index.
    friend bool operator==(const EcmaArray&, const EcmaArray&);
};

using StrictArray = std::vector<Value>;

struct Date {
    double ms = 0; ///< Milliseconds since 1970-01-01 UTC.
    friend bool operator==(const Date&, const Date&) = default;
};

struct Xml {
    std::string text;
    bool e4x = false; ///< AMF3 only: the type XML of ECMA-357 instead of the older XMLDocument.
    friend bool operator==(const Xml&, const Xml&) = default;
};

/// AMF3 only (AMF3 §3.14).
struct ByteArray {
    Bytes bytes;
    friend bool operator==(const ByteArray&, const ByteArray&) = default;
};

/// AMF3 only (AMF3 §3.15): items of one type.
template <class T>
struct NumberVector {
    std::vector<T> items;
    bool fixed = false; ///< Its length may not change.
    friend bool operator==(const NumberVector&, const NumberVector&) = default;
};
using IntVector = NumberVector<std::int32_t>;
using UintVector = NumberVector<std::uint32_t>;
using DoubleVector = NumberVector<double>;

/// AMF3 only (AMF3 §3.15): items of one class.
struct ObjectVector {
    std::string type_name; ///< "*" or empty: of any class.
    std::vector<Value> items;
    bool fixed = false;
    friend bool operator==(const ObjectVector&, const ObjectVector&);
};

/// AMF3 only (AMF3 §3.16): values by keys of any type, in wire order.
struct Dictionary {
    std::vector<std::pair<Value, Value>> pairs;
    bool weak = false; ///< Its keys do not keep alive what they are.
    friend bool operator==(const Dictionary&, const Dictionary&);
};

/// AMF3 only (AMF3 §3.12): an object that writes its own body. Of the classes whose bodies are known, it is
/// one value.
struct Externalized {
    std::string class_name;  ///< See can_externalize().
    std::vector<Value> body; ///< One value.
    friend bool operator==(const Externalized&, const Externalized&);
};

/// True for flex.messaging.io.ArrayCollection, flex.messaging.io.ObjectProxy and ArrayList: the classes that
/// write their own body as one value.
bool can_externalize(std::string_view class_name);

/// One AMF value. Numbers of all AMF flavours are doubles. References are resolved while reading; what
/// refers to an unfinished container (a cycle) reads as Undefined.
class Value {
public:
    using Held = std::variant<Undefined, Null, Unsupported, bool, double, std::string, Object, EcmaArray,
                              StrictArray, Date, Xml, ByteArray, IntVector, UintVector, DoubleVector,
                              ObjectVector, Dictionary, Externalized>;

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
    Value(ByteArray v) : held_{std::move(v)} {}
    Value(IntVector v) : held_{std::move(v)} {}
    Value(UintVector v) : held_{std::move(v)} {}
    Value(DoubleVector v) : held_{std::move(v)} {}
    Value(ObjectVector v) : held_{std::move(v)} {}
    Value(Dictionary v) : held_{std::move(v)} {}
    Value(Externalized v) : held_{std::move(v)} {}

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
