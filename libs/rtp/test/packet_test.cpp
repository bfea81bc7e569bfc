#include "payload_test.hpp"

#include <rapidcheck/gtest.h>

namespace millrace::rtp {
namespace {

// V4: padding of 4, an extension with two elements, two contributors, marker, wrapping numbers.
const Bytes kV4 = "b280fffffffffff011223344aaaaaaaabbbbbbbbbede000210ff211234000000deadbeef00000004"_hex;

TEST(RtpPacket, ReadsAndWritesV4)
{
    const auto packet = packet_of(kV4);
    EXPECT_TRUE(packet.marker);
    EXPECT_EQ(packet.payload_type, 0);
    EXPECT_EQ(packet.sequence, 65535);
    EXPECT_EQ(packet.timestamp, 0xfffffff0);
    EXPECT_EQ(packet.ssrc, 0x11223344U);
    EXPECT_EQ(packet.csrc, (std::vector<std::uint32_t>{0xaaaaaaaa, 0xbbbbbbbb}));
    ASSERT_TRUE(packet.extension);
    EXPECT_EQ(elements(*packet.extension), (std::vector<Element>{{1, "ff"_hex}, {2, "1234"_hex}}));
    EXPECT_EQ(packet.padding, 4);
    EXPECT_EQ(packet.payload, shared("deadbeef"_hex));
    EXPECT_EQ(bytes_of(packet), kV4);
}

TEST(RtpPacket, RefusesWhatIsCut)
{
    for (std::size_t size = 0; size < kV4.size(); ++size) {
        const auto packet = read_packet(SharedBytes::copy_of(ByteView{kV4}.first(size)));
        // Cut in its payload, the last byte is no longer a count of padding that fits, or it is by chance.
        if (packet) {
            EXPECT_GE(size, 32U);
        }
    }
    const auto code = [](const Bytes& bytes) {
        return read_packet(SharedBytes::copy_of(bytes)).error().code();
    };
    EXPECT_EQ(code("400000010000000200000003"_hex), make_error_code(Errc::bad_version));
    EXPECT_EQ(code("a00000010000000200000003"_hex), make_error_code(Errc::bad_padding));
    EXPECT_EQ(code("a0000001000000020000000300"_hex), make_error_code(Errc::bad_padding));
    EXPECT_EQ(code("a0000001000000020000000302"_hex), make_error_code(Errc::bad_padding));
    EXPECT_EQ(code("8f0000010000000200000003"_hex), make_error_code(Errc::truncated));
    EXPECT_EQ(code("900000010000000200000003bede0001"_hex), make_error_code(Errc::truncated));
    EXPECT_EQ(read_packet(SharedBytes::copy_of("a000000100000002000000030001020303"_hex))->payload.size(),
              2U);
}

TEST(RtpExtension, ReadsTheTwoByteForm)
{
    const Extension extension{0x1003, "0100 0203aabbcc 00 0501ee 00"_hex};
    EXPECT_EQ(elements(extension), (std::vector<Element>{{1, {}}, {2, "aabbcc"_hex}, {5, "ee"_hex}}));
    EXPECT_TRUE(elements({0xabac, "0011223344556677"_hex}).empty());
    EXPECT_EQ(elements({Extension::kOneByte, "10ff f0 2199"_hex}).size(), 1U); // id 15 ends the list
    EXPECT_EQ(elements({Extension::kOneByte, "10ff 2f1122"_hex}).size(), 1U);  // what is cut ends it too
}

RC_GTEST_PROP(RtpExtension, ReadsWhatItWrites, (const std::vector<std::pair<std::uint8_t, Bytes>>& given))
{
    std::vector<Element> list;
    for (const auto& [id, data] : given) {
        list.push_back({static_cast<std::uint8_t>(id == 0 ? 1 : id),
                        Bytes(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(
                                                               std::min<std::size_t>(data.size(), 255)))});
    }
    const auto extension = make_extension(list);
    RC_ASSERT(extension.data.size() % 4 == 0);
    RC_ASSERT(elements(extension) == list);
}

RC_GTEST_PROP(Sequence, ExtendsNumbersAcrossWraps,
              (std::uint16_t first, const std::vector<std::uint8_t>& steps))
{
    SequenceExtender extender;
    std::int64_t truth = std::int64_t{first} + 65536;
    RC_ASSERT(extender.extend(first) == truth);
    for (const auto step : steps) {
        truth += step * 100 - 5000; // back and forth, near enough
        RC_ASSERT(extender.extend(static_cast<std::uint16_t>(truth)) == truth ||
                  truth < extender.highest() - 32768);
        truth = std::max(truth, extender.highest() - 5000);
    }
}

TEST(Sequence, ExtendsTimestampsAcrossWraps)
{
    TimestampExtender extender;
    EXPECT_EQ(extender.extend(0xfffffff0), 0xfffffff0);
    EXPECT_EQ(extender.extend(0x10), 0x100000010);
    EXPECT_EQ(extender.near(0xffffff00), 0xffffff00);
    EXPECT_EQ(extender.extend(0xffffff00), 0xffffff00);
}

TEST(IsRtcp, IsToldByTheSecondByte)
{
    EXPECT_TRUE(is_rtcp("80c80006"_hex));
    EXPECT_TRUE(is_rtcp("80ce"_hex));
    EXPECT_FALSE(is_rtcp("8060"_hex));
    EXPECT_FALSE(is_rtcp("80e0"_hex)); // 96 with the marker
    EXPECT_FALSE(is_rtcp("80"_hex));
}

} // namespace
} // namespace millrace::rtp
