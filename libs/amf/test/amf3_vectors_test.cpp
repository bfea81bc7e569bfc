// V7: the AMF3 vectors, each read and written: what two independent decoders agree on (of the vector of
// objects: one).
#include <millrace/amf/amf3.hpp>
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>

namespace millrace::amf {
namespace {

using namespace testing::literals;

struct Case {
    Bytes wire;
    Value value;
    bool same_bytes = true; ///< Writing the value gives the wire again; not where it holds references.
};

Value point(int x, int y)
{
    return Object{.class_name = "P", .members = {{"x", x}, {"y", y}}, .sealed = 2, .dynamic = false};
}

std::vector<Case> cases()
{
    return {
        {"00"_hex, Undefined{}},
        {"01"_hex, Null{}},
        {"02"_hex, false},
        {"03"_hex, true},
        {"047f"_hex, 127},
        {"048100"_hex, 128},
        {"04ff7f"_hex, 16383},
        {"04818000"_hex, 16384},
        {"04ffff7f"_hex, 2097151},
        {"0480c08000"_hex, 2097152},
        {"04bfffffff"_hex, 268435455},
        {"04c0808000"_hex, -268435456},
        {"04ffffffff"_hex, -1},
        {"053ff8000000000000"_hex, 1.5},
        {"0541b0000000000000"_hex, 268435456}, // one more than an integer holds
        {"05c1b0000001000000"_hex, -268435457},
        {"058000000000000000"_hex, -0.0},
        {"0607616263"_hex, "abc"},
        {"0601"_hex, ""},
        {"0801426d1a94a2000000"_hex, Date{1e12}},
        {"0c07010203"_hex, ByteArray{"010203"_hex}},
        {"0905036b04050104010607616263"_hex, EcmaArray{{{"k", 5}}, {1, "abc"}}},
        {"090701060761626306000601"_hex, StrictArray{"abc", "abc", ""}, false},
        {"0a0b010361040103620301"_hex, Object{.members = {{"a", 1}, {"b", true}}}},
        {"1103000603610401"_hex, Dictionary{{{"a", 1}}}},
        {"0d0501ffffffff00000005"_hex, IntVector{{-1, 5}, true}},
        {"0e030000000007"_hex, UintVector{{7}}},
        {"0f03003fe0000000000000"_hex, DoubleVector{{0.5}}},
        {"100500032a06036101"_hex, ObjectVector{"*", {"a", Null{}}}},
        {"0907010a23035003780379040104020a01040304040a02"_hex,
         StrictArray{point(1, 2), point(3, 4), point(1, 2)}, false},
        {"0a0743666c65782e6d6573736167696e672e696f2e4172726179436f6c6c656374696f6e0903010407"_hex,
         Externalized{"flex.messaging.io.ArrayCollection", {StrictArray{7}}}},
        {"07093c612f3e"_hex, Xml{"<a/>"}},
        {"0b093c612f3e"_hex, Xml{"<a/>", true}},
        {"0a1b03500378 0401 0379 0402 01"_hex, // one declared member and one that came later
         Object{.class_name = "P", .members = {{"x", 1}, {"y", 2}}, .sealed = 1}},
    };
}

TEST(Amf3Vectors, ReadAndWrite)
{
    for (const auto& each : cases()) {
        SCOPED_TRACE(to_string(each.value));
        const auto read = read_amf3(each.wire);
        ASSERT_TRUE(read) << read.error().message();
        EXPECT_EQ(*read, std::vector<Value>{each.value});
        Bytes written;
        ByteWriter out{written};
        write_amf3(out, each.value);
        if (each.same_bytes) {
            EXPECT_EQ(written, each.wire);
        }
        EXPECT_EQ(*read_amf3(written), std::vector<Value>{each.value});
    }
}

TEST(Amf3Vectors, AreTruncatedWhereverTheyAreCut)
{
    for (const auto& each : cases()) {
        for (std::size_t size = 1; size < each.wire.size(); ++size) {
            const auto read = read_amf3(ByteView{each.wire}.first(size));
            ASSERT_FALSE(read) << to_string(each.value) << " cut at " << size;
            EXPECT_EQ(read.error(), make_error_code(Errc::truncated)) << to_string(each.value);
        }
    }
}

TEST(Amf3Vectors, StandInsideOfAmf0AsWell)
{
    for (const auto& each : cases()) {
        Bytes wire = "05 11"_hex;
        wire.insert(wire.end(), each.wire.begin(), each.wire.end());
        wire.push_back(6);
        const std::vector<Value> expected{Null{}, each.value, Undefined{}};
        const auto read = read_amf0(wire);
        ASSERT_TRUE(read) << to_string(each.value);
        EXPECT_EQ(*read, expected);
    }
}

} // namespace
} // namespace millrace::amf
