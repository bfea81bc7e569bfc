#include <millrace/rtmp/error.hpp>

#include <gtest/gtest.h>

#include <set>

namespace millrace::rtmp {
namespace {

TEST(Errc, HasATextOfItsOwnForEachCode)
{
    std::set<std::string> texts;
    for (int code = 1; code <= static_cast<int>(Errc::disconnected); ++code) {
        EXPECT_TRUE(texts.insert(make_error_code(static_cast<Errc>(code)).message()).second) << code;
    }
    EXPECT_FALSE(texts.contains(make_error_code(static_cast<Errc>(0)).message()));
}

TEST(Errc, StandsInALogLineWithItsClause)
{
    const Error error{Errc::orphan_chunk, "RTMP 1.0 §5.3.1.2"};
    EXPECT_EQ(error.message(), "chunk continues a chunk stream that has no header yet (RTMP 1.0 §5.3.1.2)");
    EXPECT_STREQ(error.code().category().name(), "rtmp");
}

} // namespace
} // namespace millrace::rtmp
