// What the AMF3 reader does with references, limits and nonsense.
#include <millrace/amf/amf3.hpp>
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>

namespace millrace::amf {
namespace {

using namespace testing::literals;

std::error_code error_of(ByteView bytes, Limits limits = {})
{
    const auto values = read_amf3(bytes, limits);
    return values ? std::error_code{} : values.error().code();
}

std::vector<Value> read(ByteView bytes)
{
    const auto values = read_amf3(bytes);
    EXPECT_TRUE(values) << values.error().message();
    return values.value_or({});
}

TEST(Amf3Reader, SharesItsTablesAmongTheValuesOfAMessage)
{
    EXPECT_EQ(read("0603 61 0600"_hex), (std::vector<Value>{"a", "a"}));
    EXPECT_EQ(read("0a0b01 0361 0401 01 0a00"_hex),
              (std::vector<Value>{Object{.members = {{"a", 1}}}, Object{.members = {{"a", 1}}}}));
    const auto point = [](int x) {
        return Object{.class_name = "P", .members = {{"x", x}}, .sealed = 1, .dynamic = false};
    };
    EXPECT_EQ(read("0a13 0350 0378 0401 0a01 0402"_hex), (std::vector<Value>{point(1), point(2)}));
}

TEST(Amf3Reader, CountsEveryComplexValueInTheTableOfObjects)
{
    const Value date = Date{1e12};
    EXPECT_EQ(read("0801426d1a94a2000000 0800"_hex), (std::vector<Value>{date, date}));
    EXPECT_EQ(read("0c03aa 0801426d1a94a2000000 0d030000000001 0802 0c00 0d04"_hex),
              (std::vector<Value>{ByteArray{"aa"_hex}, date, IntVector{{1}}, date, ByteArray{"aa"_hex},
                                  IntVector{{1}}}));
    EXPECT_EQ(read("0703 61 0b0362 0700 0b02"_hex),
              (std::vector<Value>{Xml{"a"}, Xml{"b", true}, Xml{"a"}, Xml{"b", true}}))
        << "the text of XML is in the table of objects, not in that of strings";
}

TEST(Amf3Reader, ReadsAReferenceToWhatItStandsInAsUndefined)
{
    EXPECT_EQ(read("0903 01 0900"_hex), std::vector<Value>{StrictArray{Undefined{}}});
    EXPECT_EQ(read("0a0b01 0361 0a00 01"_hex), (std::vector<Value>{Object{.members = {{"a", Undefined{}}}}}));
    EXPECT_EQ(read("1103000a0b010361110001 0401"_hex).size(), 1U) << "a dictionary inside its own key";
    // Two arrays that name each other: the second stands in the first, and a copy of it equals it.
    const Value inner = StrictArray{Undefined{}};
    EXPECT_EQ(read("0905 01 0903 01 0900 0902"_hex), (std::vector<Value>{StrictArray{inner, inner}}));
}

TEST(Amf3Reader, RefusesReferencesToNothing)
{
    EXPECT_EQ(error_of("0600"_hex), Errc::bad_reference);
    EXPECT_EQ(error_of("0601 0600"_hex), Errc::bad_reference) << "the empty string is in no table";
    EXPECT_EQ(error_of("0900"_hex), Errc::bad_reference);
    EXPECT_EQ(error_of("0a01"_hex), Errc::bad_reference) << "traits";
    EXPECT_EQ(error_of("0c01 0900"_hex), Errc::bad_reference) << "a byte array is no array";
    EXPECT_EQ(error_of("0907 01 0401 0401 0902"_hex), Errc::bad_reference);
}

TEST(Amf3Reader, StopsAtAnObjectWhoseOwnBodyItDoesNotKnow)
{
    const auto values = read_amf3("0a07 0344 0401"_hex);
    ASSERT_FALSE(values);
    EXPECT_EQ(values.error(), make_error_code(Errc::unknown_class));
    EXPECT_NE(values.error().message().find("not known"), std::string::npos);
    EXPECT_EQ(read("0a07 13 41727261794c697374 0901 01"_hex),
              (std::vector<Value>{Externalized{"ArrayList", {StrictArray{}}}}));
    EXPECT_EQ(
        read("0a07 3b 666c65782e6d6573736167696e672e696f2e4f626a65637450726f7879 0a0b01 0361 0401 01"_hex),
        std::vector<Value>{(Externalized{"flex.messaging.io.ObjectProxy", {Object{.members = {{"a", 1}}}}})});
}

TEST(Amf3Reader, RefusesUnknownMarkersAndLyingCounts)
{
    EXPECT_EQ(error_of("12"_hex), Errc::unknown_marker);
    EXPECT_EQ(error_of("09ffffffff 01"_hex), Errc::truncated) << "an array of 2^28 - 1 items";
    EXPECT_EQ(error_of("0dffffffff 00 00000000"_hex), Errc::truncated);
    EXPECT_EQ(error_of("0fffffffff 00 00000000"_hex), Errc::truncated);
    EXPECT_EQ(error_of("10ffffffff 00 01 00"_hex), Errc::truncated);
    EXPECT_EQ(error_of("11ffffffff 00 00"_hex), Errc::truncated);
    EXPECT_EQ(error_of("0cffffffff 00"_hex), Errc::truncated);
    EXPECT_EQ(error_of("06ffffffff 61"_hex), Errc::truncated);
    EXPECT_EQ(error_of("0afffffff3 01 0361"_hex), Errc::truncated) << "traits of 2^25 names";
    EXPECT_EQ(error_of("1105 00 0401 0401 0401"_hex), Errc::truncated) << "half a pair";
    EXPECT_EQ(error_of("04ffffff"_hex), Errc::truncated);
}

TEST(Amf3Reader, HasALimitForEachThingThatAMessageCanBuild)
{
    Bytes deep;
    for (int i = 0; i < 33; ++i) {
        deep.insert(deep.end(), {0x09, 0x03, 0x01});
    }
    deep.push_back(1);
    EXPECT_EQ(error_of(deep), Errc::too_deep);
    EXPECT_EQ(error_of(ByteView{deep}.subspan(3)), std::error_code{});
    EXPECT_EQ(error_of("0907 01 01 01 01"_hex, {.items = 2}), Errc::too_many_values);
    EXPECT_EQ(error_of("0d0700 00000000 00000000 00000000"_hex, {.items = 2}), Errc::too_many_values);
    EXPECT_EQ(error_of("110700 0101 0101 0101"_hex, {.items = 2}), Errc::too_many_values);
    EXPECT_EQ(error_of("0a0b01 0361 01 0362 01 0363 01 01"_hex, {.items = 2}), Errc::too_many_values);
    EXPECT_EQ(error_of("0a33 01 0361 0362 0363 010101"_hex, {.items = 2}), Errc::too_many_values);
    EXPECT_EQ(error_of("0907 01 01 01 01"_hex, {.values = 3}), Errc::too_many_values);
}

/// References that copy references: each doubles what the one before it made.
TEST(Amf3Reader, BoundsWhatReferencesCopy)
{
    Bytes bomb;
    ByteWriter out{bomb};
    for (int i = 0; i < 30; ++i) {
        out.u8(9); // [previous, previous]
        out.u8(5);
        out.u8(1);
        for (int twice = 0; twice < 2; ++twice) {
            out.u8(i == 0 ? 1 : 9);
            if (i > 0) {
                out.u8(static_cast<std::uint8_t>((i - 1) << 1));
            }
        }
    }
    EXPECT_EQ(error_of(bomb), Errc::too_many_values);

    Bytes names; // One long name in the traits, and many objects that have it.
    ByteWriter list{names};
    list.bytes("0a13 01"_hex);
    list.bytes("8f01"_hex); // 1920 / 2 letters
    list.bytes(Bytes(960, 'n'));
    list.bytes("01"_hex);
    for (int i = 0; i < 300; ++i) {
        list.bytes("0a01 01"_hex);
    }
    EXPECT_EQ(error_of(names), Errc::too_many_values);
    EXPECT_EQ(error_of(ByteView{names}.first(names.size() - std::size_t{3} * 100)), std::error_code{});

    Bytes texts;
    ByteWriter more{texts};
    more.bytes("068f01"_hex);
    more.bytes(Bytes(960, 't'));
    for (int i = 0; i < 300; ++i) {
        more.bytes("0600"_hex);
    }
    EXPECT_EQ(error_of(texts), Errc::too_many_values);
}

TEST(Amf3Reader, LetsTheLastOfTwoEqualNamesWin)
{
    EXPECT_EQ(read("0a0b01 0361 0401 0361 0402 01"_hex), (std::vector<Value>{Object{.members = {{"a", 2}}}}));
    const Object expected{.members = {{"a", 3}, {"b", 4}}, .sealed = 1};
    EXPECT_EQ(read("0a2b01 0361 0361 0401 0402 0361 0403 0362 0404 01"_hex), std::vector<Value>{expected});
}

} // namespace
} // namespace millrace::amf
