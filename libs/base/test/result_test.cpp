#include <millrace/base/result.hpp>

#include <gtest/gtest.h>

namespace millrace {
namespace {

TEST(Result, HoldsAValueOrTheErrorWithItsClause)
{
    const Result<int> good{7};
    ASSERT_TRUE(good);
    EXPECT_EQ(*good, 7);

    const Result<int> bad{Unexpected{Error{std::make_error_code(std::errc::bad_message), "RTMP 1.0 §5.3"}}};
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.value_or(3), 3);
    EXPECT_EQ(bad.error().message(),
              std::make_error_code(std::errc::bad_message).message() + " (RTMP 1.0 §5.3)");
}

TEST(Result, OfNothingIsSuccessUnlessTold)
{
    EXPECT_TRUE(Result<>{});
    EXPECT_FALSE(Result<>{Unexpected{Error{std::make_error_code(std::errc::timed_out)}}});
}

} // namespace
} // namespace millrace
