#include <millrace/amf/amf0.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace millrace::amf {
namespace {

Value any_value(int depth);

/// Names are distinct, as those of an object that was read are.
Members any_members(int depth)
{
    Members members;
    for (int left = *rc::gen::inRange(0, 4); left > 0; --left) {
        auto name = *rc::gen::arbitrary<std::string>();
        if (std::ranges::find(members, name, &Members::value_type::first) == members.end()) {
            members.emplace_back(std::move(name), any_value(depth - 1));
        }
    }
    return members;
}

StrictArray any_array(int depth)
{
    StrictArray items;
    for (int left = *rc::gen::inRange(0, 4); left > 0; --left) {
        items.push_back(any_value(depth - 1));
    }
    return items;
}

Value any_value(int depth)
{
    switch (*rc::gen::inRange(0, depth > 0 ? 11 : 8)) {
    case 0: return Undefined{};
    case 1: return Null{};
    case 2: return Unsupported{};
    case 3: return *rc::gen::arbitrary<bool>();
    case 4: return *rc::gen::arbitrary<double>();
    case 5: return *rc::gen::arbitrary<std::string>();
    case 6: return Date{*rc::gen::arbitrary<double>()};
    case 7: return Xml{*rc::gen::arbitrary<std::string>()};
    case 8: return Object{*rc::gen::arbitrary<std::string>(), any_members(depth)};
    case 9: return EcmaArray{any_members(depth)};
    default: return any_array(depth);
    }
}

RC_GTEST_PROP(Amf0, ReadsWhatItWrites, ())
{
    const std::vector<Value> values{any_value(5), any_value(5)};
    const auto wire = write_amf0(values);
    Amf0Reader reader{wire};
    for (const auto& value : values) {
        const auto read = reader.next();
        RC_ASSERT(read.has_value());
        RC_ASSERT(*read == value);
    }
    RC_ASSERT(reader.at_end());
}

RC_GTEST_PROP(Amf0, NeverReadsPastItsBytes, (const std::vector<std::uint8_t>& bytes))
{
    Amf0Reader reader{bytes};
    while (!reader.at_end() && reader.next()) {
    }
    RC_ASSERT(reader.position() <= bytes.size());
}

} // namespace
} // namespace millrace::amf
