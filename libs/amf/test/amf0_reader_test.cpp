#include <millrace/amf/amf0.hpp>
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>

#include <limits>

namespace millrace::amf {
namespace {

using namespace testing::literals;

Value read_one(ByteView bytes)
{
    Amf0Reader reader{bytes};
    const auto value = reader.next();
    EXPECT_TRUE(value) << value.error().message();
    EXPECT_TRUE(reader.at_end());
    return value.value_or(Value{});
}

std::error_code error_of(ByteView bytes, Limits limits = {})
{
    const auto values = read_amf0(bytes, limits);
    return values ? std::error_code{} : values.error().code();
}

struct Vector {
    const char* what;
    Bytes wire;
    std::vector<Value> values;
    bool same_bytes = true; ///< Writing the values gives the wire again.
};

// AMF0 §2; the first six (V6) are what FFmpeg and OBS send or what was checked against two other decoders.
std::vector<Vector> vectors()
{
    return {
        {"command",
         R"(020007636f6e6e656374  003ff0000000000000
            03 0003617070 0200046c697665  000e6f626a656374456e636f64696e67 000000000000000000  000009)"_hex,
         {"connect", 1, Object{.members = {{"app", "live"}, {"objectEncoding", 0}}}}},
        {"ECMA array",
         "08 00000001 00086475726174696f6e 003ff8000000000000 000009"_hex,
         {EcmaArray{{{"duration", 1.5}}}}},
        {"strict array", "0a 00000003 02000161 05 06"_hex, {StrictArray{"a", Null{}, Undefined{}}}},
        {"date", "0b 426d1a94a2000000 0000"_hex, {Date{1e12}}},
        {"typed object", "10 000150 000178 003ff0000000000000 000009"_hex, {Object{"P", {{"x", 1}}}}},
        {"reference",
         "0a 00000002  03 000161 0101 000009  07 0001"_hex,
         {StrictArray{Object{.members = {{"a", true}}}, Object{.members = {{"a", true}}}}},
         false},
        {"date with a time zone", "0b 426d1a94a2000000 0078"_hex, {Date{1e12}}, false},
        {"long string that is short", "0c 00000002 6869"_hex, {"hi"}, false},
        {"XML document", "0f 00000004 3c612f3e"_hex, {Xml{"<a/>"}}},
        {"the rest", "0101 0100 0d 05 06"_hex, {true, false, Unsupported{}, Null{}, Undefined{}}},
        {"nothing", {}, {}},
    };
}

TEST(Amf0, ReadsEachVector)
{
    for (const auto& vector : vectors()) {
        SCOPED_TRACE(vector.what);
        const auto values = read_amf0(vector.wire);
        ASSERT_TRUE(values) << values.error().message();
        EXPECT_EQ(*values, vector.values);
    }
}

TEST(Amf0, WritesEachVector)
{
    for (const auto& vector : vectors()) {
        SCOPED_TRACE(vector.what);
        const auto written = write_amf0(vector.values);
        EXPECT_EQ(written == vector.wire, vector.same_bytes);
        EXPECT_EQ(read_amf0(written).value_or({}), vector.values);
    }
}

TEST(Amf0, NamesAValueThatIsCutAnywhere)
{
    const auto wire = "10 000150 0001780a00000002 0001 0b426d1a94a20000000000 000179 0f000000013c 000009"_hex;
    for (std::size_t cut = 0; cut < wire.size(); ++cut) {
        SCOPED_TRACE(cut);
        Amf0Reader reader{ByteView{wire}.first(cut)};
        const auto value = reader.next();
        if (reader.counters().contains("missing_object_end")) {
            EXPECT_TRUE(value); // cut behind a whole member
            continue;
        }
        ASSERT_FALSE(value);
        EXPECT_EQ(value.error().code(), Errc::truncated);
    }
}

TEST(Amf0Reader, KeepsItsPositionBetweenValues)
{
    const auto wire = "0101 020001 61 05"_hex;
    Amf0Reader reader{wire};
    EXPECT_EQ(reader.position(), 0U);
    ASSERT_TRUE(reader.next());
    EXPECT_EQ(reader.position(), 2U);
    ASSERT_TRUE(reader.next());
    EXPECT_EQ(reader.position(), 6U);
    EXPECT_FALSE(reader.at_end());
}

TEST(Amf0Reader, RepeatsItsError)
{
    const auto wire = "04 05"_hex;
    Amf0Reader reader{wire};
    for (int i = 0; i < 2; ++i) {
        const auto value = reader.next();
        ASSERT_FALSE(value);
        EXPECT_EQ(value.error().code(), Errc::unknown_marker);
    }
}

// Told otherwise in tutorials: that the markers end at 12, the long string.
TEST(Amf0Reader, KnowsTheMarkersFrom13To17)
{
    EXPECT_EQ(read_one("0d"_hex), Unsupported{});
    EXPECT_EQ(error_of("0e"_hex), Errc::unknown_marker); // a record set, reserved
    EXPECT_EQ(read_one("0f 00000004 3c612f3e"_hex), Xml{"<a/>"});
    EXPECT_EQ(read_one("10 000150 000009"_hex), (Object{"P", {}}));
    EXPECT_EQ(read_one("11 0405"_hex), 5);
}

TEST(Amf0Reader, RefusesReservedAndUnknownMarkers)
{
    EXPECT_EQ(error_of("04"_hex), Errc::unknown_marker); // movie clip
    EXPECT_EQ(error_of("0e"_hex), Errc::unknown_marker); // record set
    EXPECT_EQ(error_of("09"_hex), Errc::unknown_marker); // object end without an object
    EXPECT_EQ(error_of("12"_hex), Errc::unknown_marker);
}

TEST(Amf0Reader, ReadsAnObjectWhoseEndIsMissingAtTheEndOfTheMessage)
{
    const Value expected = Object{.members = {{"a", Object{.members = {{"b", true}}}}}};
    const auto whole = "03 000161 03 000162 0101 000009 000009"_hex;
    for (const std::size_t cut : {10U, 12U, 13U, 15U}) {
        SCOPED_TRACE(cut);
        const auto bytes = ByteView{whole}.first(cut);
        EXPECT_EQ(read_one(bytes), expected);
        Amf0Reader reader{bytes};
        ASSERT_TRUE(reader.next());
        EXPECT_GE(reader.counters().at("missing_object_end"), 1U);
    }
    EXPECT_EQ(error_of(ByteView{whole}.first(11)), Errc::truncated); // half of an empty name is no end
}

TEST(Amf0Reader, TakesAnEmptyNameBeforeAnythingButAnEndAsAName)
{
    const auto wire = "03 0000 0101 000178 05 000009"_hex;
    const Value expected = Object{.members = {{"", true}, {"x", Null{}}}};
    EXPECT_EQ(read_one(wire), expected);
    EXPECT_EQ(write_amf0({expected}), Bytes(wire));
    Amf0Reader reader{wire};
    ASSERT_TRUE(reader.next());
    EXPECT_EQ(reader.counters(), (Amf0Reader::Counters{{"empty_key", 1}}));
}

TEST(Amf0Reader, LetsTheLastOfTwoEqualNamesWin)
{
    const auto wire = "03 000161 0101 000162 05 000161 0100 000009"_hex;
    EXPECT_EQ(read_one(wire), (Object{.members = {{"a", false}, {"b", Null{}}}}));
    Amf0Reader reader{wire};
    ASSERT_TRUE(reader.next());
    EXPECT_EQ(reader.counters(), (Amf0Reader::Counters{{"duplicate_key", 1}}));
}

TEST(Amf0Reader, TakesTheCountOfAnEcmaArrayAsAHint)
{
    const auto none = "08 00000000 000161 0101 000009"_hex;
    const auto huge = "08 ffffffff 000161 0101 000009"_hex;
    EXPECT_EQ(read_one(none), (EcmaArray{{{"a", true}}}));
    EXPECT_EQ(read_one(huge), (EcmaArray{{{"a", true}}}));
    Amf0Reader reader{none};
    ASSERT_TRUE(reader.next());
    EXPECT_EQ(reader.counters(), (Amf0Reader::Counters{{"wrong_count", 1}}));
}

TEST(Amf0Reader, CountsEveryContainerForReferences)
{
    // array 0 { ECMA 1 {}, typed 2 {}, array 3 [], reference 2, reference 3 }
    EXPECT_EQ(read_one("0a00000005 0800000000000009 10000150000009 0a00000000 070002 070003"_hex),
              (StrictArray{EcmaArray{}, Object{"P", {}}, StrictArray{}, Object{"P", {}}, StrictArray{}}));
}

TEST(Amf0Reader, KeepsTheReferenceTableForTheWholeMessage)
{
    const auto values = read_amf0("03 000161 0101 000009  05  07 0000"_hex);
    ASSERT_TRUE(values);
    const Value object = Object{.members = {{"a", true}}};
    EXPECT_EQ(*values, (std::vector<Value>{object, Null{}, object}));
}

TEST(Amf0Reader, ReadsACycleAsUndefined)
{
    EXPECT_EQ(read_one("03 000161 070000 000009"_hex), (Object{.members = {{"a", Undefined{}}}}));
    // [o = {up: the array}, o]: both times the same
    const Value o = Object{.members = {{"up", Undefined{}}}};
    EXPECT_EQ(read_one("0a00000002 03 00027570 070000 000009 070001"_hex), (StrictArray{o, o}));
}

TEST(Amf0Reader, RefusesAReferenceToWhatWasNotBegun)
{
    EXPECT_EQ(error_of("07 0000"_hex), Errc::bad_reference);
    EXPECT_EQ(error_of("0a00000001 070001"_hex), Errc::bad_reference);
}

Bytes nested_arrays(std::size_t depth)
{
    Bytes wire;
    ByteWriter out{wire};
    for (std::size_t i = 0; i < depth; ++i) {
        out.u8(0x0a);
        out.u32(1);
    }
    out.u8(0x05);
    return wire;
}

TEST(Amf0Reader, RefusesWhatIsNestedTooDeep)
{
    EXPECT_TRUE(read_amf0(nested_arrays(32)));
    EXPECT_EQ(error_of(nested_arrays(33)), Errc::too_deep);
    EXPECT_EQ(error_of(nested_arrays(1'000'000)), Errc::too_deep);
}

Bytes nulls(std::size_t count)
{
    Bytes wire;
    ByteWriter out{wire};
    out.u8(0x0a);
    out.u32(static_cast<std::uint32_t>(count));
    wire.resize(wire.size() + count, 0x05);
    return wire;
}

TEST(Amf0Reader, RefusesTooManyItems)
{
    EXPECT_TRUE(read_amf0(nulls(4096)));
    EXPECT_EQ(error_of(nulls(4097)), Errc::too_many_values);
    EXPECT_EQ(error_of("08 00000002 000161 05 000162 05 000009"_hex, {.items = 1}), Errc::too_many_values);
}

TEST(Amf0Reader, RefusesTooManyValues)
{
    EXPECT_TRUE(read_amf0(Bytes(16384, 0x05)));
    EXPECT_EQ(error_of(Bytes(16385, 0x05)), Errc::too_many_values);
}

TEST(Amf0Reader, NeverBelievesACount)
{
    EXPECT_EQ(error_of("0a ffffffff 05"_hex, {.items = std::numeric_limits<std::size_t>::max()}),
              Errc::truncated);
    EXPECT_EQ(error_of("0c ffffffff 61"_hex), Errc::truncated);
}

/// Arrays of which each holds `width` references to the one before it: width^rows values when followed.
Bytes reference_bomb(std::uint16_t rows, std::uint16_t width)
{
    Bytes wire;
    ByteWriter out{wire};
    for (std::uint16_t row = 0; row < rows; ++row) {
        out.u8(0x0a);
        out.u32(width);
        for (std::uint16_t i = 0; i < width; ++i) {
            out.u8(row == 0 ? 0x05 : 0x07);
            if (row > 0) {
                out.u16(static_cast<std::uint16_t>(row - 1));
            }
        }
    }
    return wire;
}

TEST(Amf0Reader, BoundsTheCopiesThatReferencesMake)
{
    EXPECT_TRUE(read_amf0(reference_bomb(3, 10)));
    EXPECT_EQ(error_of(reference_bomb(20, 10)), Errc::too_many_values);
    EXPECT_EQ(error_of(reference_bomb(60, 1)), Errc::too_deep);
}

TEST(Amf0Reader, BoundsTheTextThatReferencesCopy)
{
    std::vector<Value> row{StrictArray{std::string(100'000, 'x')}};
    auto wire = write_amf0(row);
    for (int i = 0; i < 2; ++i) {
        wire.insert(wire.end(), {0x07, 0, 0});
    }
    EXPECT_TRUE(read_amf0(wire));
    wire.insert(wire.end(), {0x07, 0, 0});
    EXPECT_EQ(error_of(wire), Errc::too_many_values);
}

} // namespace
} // namespace millrace::amf
