#include <millrace/rtmp/swf.hpp>
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>

namespace millrace::rtmp {
namespace {

using namespace testing::literals;

Bytes bytes_of(const SwfFile& file)
{
    return {file.hash.begin(), file.hash.end()};
}

SwfFile known_file()
{
    SwfFile file{.size = 4321};
    file.hash.fill(0xab);
    return file;
}

// V4.
TEST(Swf, AnswersWithTheVectorsResponse)
{
    constexpr SwfChallenge kChallenge =
        "61666b70757a7f84898e93989da2a7ac b1b6bbc0c5cacfd4d9dee3e8edf2f7fc"_hex;
    const auto response = swf_response(known_file(), kChallenge);
    EXPECT_EQ(control_message(response).payload, Bytes(R"(
        001b 01 01 000010e1 000010e1
        330cb19f93eead3529c5a182db30e0f7 654f275a33f9025f1f0810493d0838e1)"_hex));
    EXPECT_TRUE(proves(response, known_file(), kChallenge));
}

// V4.
TEST(Swf, HashesAPlainFile)
{
    const auto file = swf_file("4657530000000000"_hex);
    ASSERT_TRUE(file);
    EXPECT_EQ(file->size, 8U);
    EXPECT_EQ(bytes_of(*file), Bytes("a5518213480b1e32bce2a3c0693d9355fbbe71bcf56c1819131535efab797f5d"_hex));
}

// The same file, plain and with what zlib makes of the bytes behind its head.
TEST(Swf, HashesACompressedFileAsThePlainOne)
{
    const auto plain = swf_file("465753 08 14000000 68656c6c6f2068656c6c6f20"_hex);
    const auto compressed = swf_file("435753 08 14000000 789ccb48cdc9c957c80093001dfa0469"_hex);
    ASSERT_TRUE(plain);
    ASSERT_TRUE(compressed) << compressed.error().message();
    EXPECT_EQ(compressed->size, 20U);
    EXPECT_EQ(*compressed, *plain);
}

TEST(Swf, RefusesWhatIsNoWholeFile)
{
    const std::vector<Bytes> bad{
        {},
        Bytes("465753 08 1400"_hex),                                      // ends in its head
        Bytes("5a5753 08 14000000 00000000"_hex),                         // LZMA
        Bytes("435753 08 14000000 789ccb48cdc9c957c80093001dfa04"_hex),   // cut off
        Bytes("435753 08 15000000 789ccb48cdc9c957c80093001dfa0469"_hex), // shorter than it says
        Bytes("435753 08 13000000 789ccb48cdc9c957c80093001dfa0469"_hex), // longer
        Bytes("435753 08 07000000 789ccb48cdc9c957c80093001dfa0469"_hex), // less than its head
        Bytes("435753 08 ffffffff 789ccb48cdc9c957c80093001dfa0469"_hex), // more than the limit
        Bytes("435753 08 14000000 00000000"_hex),                         // not compressed at all
    };
    for (const auto& bytes : bad) {
        const auto file = swf_file(bytes);
        ASSERT_FALSE(file);
        EXPECT_EQ(file.error(), make_error_code(Errc::bad_swf));
    }
}

} // namespace
} // namespace millrace::rtmp
