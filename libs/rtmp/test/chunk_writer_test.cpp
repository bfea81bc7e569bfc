#include "chunks.hpp"
#include <millrace/rtmp/chunk_writer.hpp>

#include <gtest/gtest.h>

namespace millrace::rtmp {
namespace {

using namespace testing::literals;
using enum MessageType;

Bytes flat(const std::vector<SharedBytes>& pieces)
{
    Bytes whole;
    for (const SharedBytes& piece : pieces) {
        whole.insert(whole.end(), piece.view().begin(), piece.view().end());
    }
    return whole;
}

TEST(ChunkWriter, WritesAFullHeaderOnlyWhereItMust)
{
    ChunkWriter writer;
    Bytes out;
    writer.write(out, {4, 1, 100, audio}, "0102"_hex);   // the first of its chunk stream
    writer.write(out, {4, 1, 123, audio}, "010203"_hex); // another length
    writer.write(out, {4, 1, 147, audio}, "040506"_hex); // alike
    writer.write(out, {4, 1, 171, audio}, "070809"_hex); // alike, and the same delta: yet no type 3
    writer.write(out, {4, 1, 171, video}, "070809"_hex); // another type
    writer.write(out, {4, 1, 170, video}, "0a0b0c"_hex); // time goes back
    writer.write(out, {4, 2, 170, video}, "0a0b0c"_hex); // another message stream
    writer.write(out, {5, 2, 170, video}, "0a0b0c"_hex); // another chunk stream
    EXPECT_EQ(out, Bytes(R"(
        04 000064 000002 08 01000000 0102
        44 000017 000003 08          010203
        84 000018                    040506
        84 000018                    070809
        44 000000 000003 09          070809
        04 0000aa 000003 09 01000000 0a0b0c
        04 0000aa 000003 09 02000000 0a0b0c
        05 0000aa 000003 09 02000000 0a0b0c)"_hex));
}

TEST(ChunkWriter, WritesTheShortestBasicHeader)
{
    for (const auto& [csid, wire] : std::vector<std::pair<std::uint32_t, Bytes>>{
             {2, "02 000000 000002 14 00000000 aa c2 bb"_hex},
             {63, "3f 000000 000002 14 00000000 aa ff bb"_hex},
             {64, "0000 000000 000002 14 00000000 aa c000 bb"_hex},
             {319, "00ff 000000 000002 14 00000000 aa c0ff bb"_hex},
             {320, "010001 000000 000002 14 00000000 aa c10001 bb"_hex},
             {65599, "01ffff 000000 000002 14 00000000 aa c1ffff bb"_hex}}) {
        Bytes out;
        ChunkWriter{1}.write(out, {csid, 0, 0, command}, "aabb"_hex);
        EXPECT_EQ(out, wire) << csid;
    }
}

TEST(ChunkWriter, RepeatsAnExtendedTimestampInEachChunkOfTheMessage)
{
    const Bytes payload = counting(10);
    ChunkWriter writer{4};
    Bytes out;
    writer.write(out, {6, 1, 0xffffff, video}, payload);
    writer.write(out, {6, 1, 0x1fffffe, video}, payload);
    writer.write(out, {6, 1, 0x2fffffc, video}, payload);
    EXPECT_EQ(out, Bytes(R"(
        06 ffffff 00000a 09 01000000 00ffffff 00010203
        c6                           00ffffff 04050607
        c6                           00ffffff 0809
        86 ffffff                    00ffffff 00010203   # a delta of 2^24 - 1 needs it
        c6                           00ffffff 04050607
        c6                           00ffffff 0809
        86 fffffe                             00010203   # one less does not
        c6                                    04050607
        c6                                    0809)"_hex));
}

TEST(ChunkWriter, GoesOnAcrossTheWrapOfTimeWithADelta)
{
    ChunkWriter writer;
    Bytes out;
    writer.write(out, {4, 1, 4294967280, audio}, "11"_hex);
    writer.write(out, {4, 1, 16, audio}, "22"_hex);
    EXPECT_EQ(out, Bytes("04 ffffff 000001 08 01000000 fffffff0 11   84 000020 22"_hex));
}

TEST(ChunkWriter, WritesFullHeadersAgainAfterARestart)
{
    ChunkWriter writer;
    Bytes out;
    writer.write(out, {4, 1, 1, audio}, "11"_hex);
    writer.write(out, {5, 1, 1, video}, "22"_hex);
    writer.restart(5);
    writer.write(out, {4, 1, 2, audio}, "11"_hex);
    writer.write(out, {5, 1, 2, video}, "22"_hex);
    writer.restart();
    writer.write(out, {4, 1, 3, audio}, "11"_hex);
    writer.write(out, {5, 1, 3, video}, "22"_hex);
    EXPECT_EQ(out, Bytes(R"(
        04 000001 000001 08 01000000 11
        05 000001 000001 09 01000000 22
        84 000001                    11
        05 000002 000001 09 01000000 22
        04 000003 000001 08 01000000 11
        05 000003 000001 09 01000000 22)"_hex));
}

TEST(ChunkWriter, UsesANewChunkSizeFromTheNextMessageOn)
{
    ChunkWriter writer{2};
    Bytes out;
    writer.write(out, {4, 1, 0, audio}, "010203"_hex);
    writer.set_chunk_size(4096);
    writer.write(out, {4, 1, 0, audio}, "010203"_hex);
    EXPECT_EQ(out, Bytes("04 000000 000003 08 01000000 0102 c4 03   84 000000 010203"_hex));
    EXPECT_EQ(writer.chunk_size(), 4096U);
}

TEST(ChunkWriter, WritesMessagesWithoutPayload)
{
    Bytes out;
    ChunkWriter{}.write(out, {4, 1, 7, audio}, {});
    EXPECT_EQ(out, Bytes("04 000007 000000 08 01000000"_hex));
    std::vector<SharedBytes> pieces;
    ChunkWriter{}.write(pieces, {4, 1, 7, audio}, {}, {});
    EXPECT_EQ(flat(pieces), out);
}

TEST(ChunkWriter, WritesTheSameInPieces)
{
    const Bytes body = counting(41);
    for (std::uint32_t chunk_size = 1; chunk_size <= 50; ++chunk_size) {
        for (std::size_t lead = 0; lead <= body.size(); ++lead) {
            for (const std::uint32_t time : {40U, 0xabcdef01U}) {
                const ByteView view{body};
                Bytes expected;
                ChunkWriter{chunk_size}.write(expected, {400, 1, time, video}, body);
                std::vector<SharedBytes> pieces;
                ChunkWriter{chunk_size}.write(pieces, {400, 1, time, video}, view.first(lead),
                                              SharedBytes::copy_of(view.subspan(lead)));
                ASSERT_EQ(flat(pieces), expected) << chunk_size << ", " << lead;
            }
        }
    }
}

TEST(ChunkWriter, SharesThePayloadAndMakesOneAllocationForTheRest)
{
    const SharedBytes payload{counting(300)};
    std::vector<SharedBytes> pieces;
    ChunkWriter{128}.write(pieces, {6, 1, 40, video}, "1701000000"_hex, payload);
    ASSERT_EQ(pieces.size(), 6U);
    EXPECT_EQ(pieces[0], SharedBytes("06 000028 000131 09 01000000   1701000000"_hex));
    EXPECT_EQ(pieces[1].data(), payload.data());
    EXPECT_EQ(pieces[1].size(), 123U);
    EXPECT_EQ(pieces[3].data(), payload.data() + 123);
    EXPECT_EQ(pieces[5].data(), payload.data() + 251);
    EXPECT_EQ(pieces[2].data(), pieces[0].data() + pieces[0].size());
    EXPECT_EQ(pieces[4].data(), pieces[2].data() + 1);
}

} // namespace
} // namespace millrace::rtmp
