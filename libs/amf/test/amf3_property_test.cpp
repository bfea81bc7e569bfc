#include <millrace/amf/amf3.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace millrace::amf {
namespace {

Value any_value(int depth);

/// Names are distinct and not empty, as AMF3 wants those of dynamic members to be.
Members any_members(int depth)
{
    Members members;
    for (int left = *rc::gen::inRange(0, 4); left > 0; --left) {
        auto name = *rc::gen::nonEmpty<std::string>();
        if (std::ranges::find(members, name, &Members::value_type::first) == members.end()) {
            members.emplace_back(std::move(name), any_value(depth - 1));
        }
    }
    return members;
}

std::vector<Value> any_items(int depth)
{
    std::vector<Value> items;
    for (int left = *rc::gen::inRange(0, 4); left > 0; --left) {
        items.push_back(any_value(depth - 1));
    }
    return items;
}

Value any_object(int depth)
{
    Object object{.class_name = *rc::gen::arbitrary<std::string>(), .members = any_members(depth)};
    object.sealed = *rc::gen::inRange<std::size_t>(0, object.members.size() + 1);
    object.dynamic = object.sealed < object.members.size() || *rc::gen::arbitrary<bool>();
    return object;
}

Value any_array(int depth)
{
    auto members = any_members(depth);
    auto items = any_items(depth);
    return members.empty() ? Value{std::move(items)} : Value{EcmaArray{std::move(members), std::move(items)}};
}

Value any_dictionary(int depth)
{
    Dictionary dictionary{.pairs = {}, .weak = *rc::gen::arbitrary<bool>()};
    for (int left = *rc::gen::inRange(0, 3); left > 0; --left) {
        auto key = any_value(depth - 1);
        dictionary.pairs.emplace_back(std::move(key), any_value(depth - 1));
    }
    return dictionary;
}

Value any_simple(int kind)
{
    switch (kind) {
    case 0: return Undefined{};
    case 1: return Null{};
    case 2: return *rc::gen::arbitrary<bool>();
    case 3: return *rc::gen::arbitrary<double>();
    case 4: return *rc::gen::arbitrary<std::int32_t>();
    case 5: return *rc::gen::arbitrary<std::string>();
    case 6: return Date{*rc::gen::arbitrary<double>()};
    case 7: return Xml{*rc::gen::arbitrary<std::string>(), *rc::gen::arbitrary<bool>()};
    case 8: return ByteArray{*rc::gen::arbitrary<Bytes>()};
    case 9: return IntVector{*rc::gen::arbitrary<std::vector<std::int32_t>>(), *rc::gen::arbitrary<bool>()};
    case 10:
        return UintVector{*rc::gen::arbitrary<std::vector<std::uint32_t>>(), *rc::gen::arbitrary<bool>()};
    default: return DoubleVector{*rc::gen::arbitrary<std::vector<double>>(), *rc::gen::arbitrary<bool>()};
    }
}

Value any_value(int depth)
{
    constexpr int kSimple = 12;
    const int kind = *rc::gen::inRange(0, depth > 0 ? kSimple + 5 : kSimple);
    switch (kind) {
    case kSimple: return any_object(depth);
    case kSimple + 1: return any_array(depth);
    case kSimple + 2: return any_dictionary(depth);
    case kSimple + 3:
        return ObjectVector{*rc::gen::arbitrary<std::string>(), any_items(depth),
                            *rc::gen::arbitrary<bool>()};
    case kSimple + 4: return Externalized{"ArrayList", {any_value(depth - 1)}};
    default: return any_simple(kind);
    }
}

RC_GTEST_PROP(Amf3, ReadsWhatItWrites, ())
{
    const std::vector<Value> values{any_value(4), any_value(4)};
    Bytes wire;
    ByteWriter out{wire};
    for (const auto& value : values) {
        write_amf3(out, value);
    }
    const auto read = read_amf3(wire);
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == values);
}

RC_GTEST_PROP(Amf3, IsASwitchInAmf0OnlyWhereAmf0CannotHoldTheValue, ())
{
    const Value value = any_value(3);
    const auto wire = write_amf0({value});
    const auto read = read_amf0(wire);
    RC_ASSERT(read.has_value());
    RC_ASSERT(write_amf0(*read) == wire);
    RC_ASSERT(amf0_can_hold(read->front()) == amf0_can_hold(value));
}

RC_GTEST_PROP(Amf3, TakesAnyBytesOrSaysWhyNot, (const std::vector<std::uint8_t>& bytes))
{
    const auto read = read_amf3(bytes, {.depth = 4, .items = 8, .values = 64, .copied = 64});
    const auto count = read ? read->size() : std::size_t{0};
    RC_ASSERT(count <= std::size_t{64});
}

} // namespace
} // namespace millrace::amf
