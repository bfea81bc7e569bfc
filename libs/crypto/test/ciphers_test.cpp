#include <millrace/crypto/block_ciphers.hpp>
#include <millrace/crypto/rc4.hpp>
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>

namespace millrace::crypto {
namespace {

using namespace testing::literals;

Bytes keystream(Rc4 stream, std::size_t from, std::size_t count)
{
    Bytes zeros(count);
    stream.skip(from);
    stream.apply(zeros);
    return zeros;
}

// RFC 6229 §2, the keys of 40 and 128 bits.
TEST(Rc4, GivesTheKeystreamsOfRfc6229)
{
    const Rc4 small{"0102030405"_hex};
    EXPECT_EQ(keystream(small, 0, 32),
              Bytes("b2396305f03dc027ccc3524a0a1118a8 6982944f18fc82d589c403a47a0d0919"_hex));
    EXPECT_EQ(keystream(small, 1536, 16), Bytes("d8729db41882259bee4f825325f5a130"_hex));
    const Rc4 large{"0102030405060708090a0b0c0d0e0f10"_hex};
    EXPECT_EQ(keystream(large, 0, 16), Bytes("9ac7cc9a609d1ef7b2932899cde41b97"_hex));
    EXPECT_EQ(keystream(large, 4096, 16), Bytes("a36a4c301ae8ac13610ccbc12256cacc"_hex));
}

TEST(Rc4, GivesTheSameBytesHoweverTheStreamIsCut)
{
    const auto key = "0102030405"_hex;
    Bytes whole(64, 0x5a);
    Rc4{key}.apply(whole);
    for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
        Bytes parts(64, 0x5a);
        Rc4 stream{key};
        stream.apply(std::span{parts}.first(cut));
        stream.apply(std::span{parts}.subspan(cut));
        EXPECT_EQ(parts, whole) << cut;
    }
}

TEST(Rc4, DeciphersWhatItEnciphered)
{
    const auto key = "0102030405060708090a0b0c0d0e0f10"_hex;
    Bytes text = to_bytes(as_bytes("a stream of bytes"));
    Rc4{key}.apply(text);
    EXPECT_NE(as_text(text), "a stream of bytes");
    Rc4{key}.apply(text);
    EXPECT_EQ(as_text(text), "a stream of bytes");
}

// The words of the much used vector key 00 01 … 0f, text "ABCDEFGH", big endian.
TEST(Xtea, GivesTheKnownAnswers)
{
    EXPECT_EQ(xtea_encrypt({0x00010203, 0x04050607, 0x08090a0b, 0x0c0d0e0f}, Block64{0x41424344, 0x45464748}),
              (Block64{0x497df3d0, 0x72612cb5}));
    EXPECT_EQ(xtea_encrypt({0, 0, 0, 0}, Block64{0, 0}), (Block64{0xdee9d4d8, 0xf7131ed9}));
}

// Eric Young's vectors, "set_key": 24 bytes of key.
TEST(Blowfish, GivesTheKnownAnswer)
{
    constexpr std::array<std::uint8_t, 24> kKey = "f0e1d2c3b4a5968778695a4b3c2d1e0f0011223344556677"_hex;
    EXPECT_EQ(blowfish_encrypt(kKey, Block64{0xfedcba98, 0x76543210}), (Block64{0x05044b62, 0xfa52d080}));
}

} // namespace
} // namespace millrace::crypto
