#include "round_trip.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace millrace::flv {
namespace {

using namespace testing::literals;

/// Bodies that begin as real ones do, so that most of them get past the first byte.
std::pair<TagType, Bytes> any_body()
{
    static const std::vector<std::pair<TagType, Bytes>> kStarts{
        {TagType::video, "17 01 0000c8"_hex},
        {TagType::video, "27 01 ffffec"_hex},
        {TagType::video, "1c 01 000000"_hex},
        {TagType::video, "1c00"_hex},
        {TagType::video, "12"_hex},
        {TagType::video, "24"_hex},
        {TagType::video, "91 61763031"_hex},
        {TagType::video, "93 61766331"_hex},
        {TagType::video, "91 61766331"_hex},
        {TagType::video, "93 76766331"_hex},
        {TagType::audio, "af01"_hex},
        {TagType::audio, "af00"_hex},
        {TagType::audio, "2f"_hex},
        {TagType::audio, "91 4f707573"_hex},
        {TagType::audio, "91 6d703461"_hex},
        {TagType::audio, {}},
        {TagType::script, "020001 61"_hex},
        {TagType::video, {}},
        {TagType::script, "02000d4073657444617461467261 6d65 020001 61"_hex},
        {TagType::video,
         "17 00 000000 0164000affe100186764000aacd9447b011000000300100000030140f122596000"_hex},
        {TagType::video, "17 00 000000 0142c00affe0 00"_hex},
        {TagType::video, "90 61766331 0142c00affe0 00"_hex},
        {TagType::audio, "af 00 1210"_hex},
        {TagType::audio, "90 6d703461 1210"_hex},
        {TagType::video, "96 00 61763031 01"_hex},
        {TagType::video, "96 01 61763031 01"_hex},
        {TagType::video, "96 11 61763031 01 000002 1200 02 000001 aa"_hex},
        {TagType::video, "96 21 61763031 01 000002 1200 76703038 00 000004"_hex},
        {TagType::video, "96 03 61766331 05"_hex},
        {TagType::video, "96 00 61766331 05 0142c00affe000"_hex},
        {TagType::video, "97 02 07a120 01 61763031 1200"_hex},
        {TagType::video, "97 02 000001 01 61766331"_hex},
        {TagType::video, "97 02 07a120 06 01 61763031 01"_hex},
        {TagType::video, "97"_hex},
        {TagType::video, "d4 61763031 020009636f6c6f72496e666f"_hex},
        {TagType::audio, "92 4f707573"_hex},
        {TagType::audio, "94 4f707573 01 02"_hex},
        {TagType::audio, "95 00 6d703461 01 1210"_hex},
        {TagType::audio, "95 01 6d703461 01"_hex},
        {TagType::audio, "95 02 6d703461 01"_hex},
        {TagType::audio, "95 11 4f707573 01 000002 aabb 02 000001 cc"_hex},
        {TagType::audio, "95 20 4f707573 00 000013 4f707573486561640101380180bb0000000000"_hex},
        {TagType::audio, "97 02 07a120 01 4f707573"_hex},
    };
    auto [type, body] = *rc::gen::elementOf(kStarts);
    const auto rest = *rc::gen::arbitrary<Bytes>();
    body.insert(body.end(), rest.begin(), rest.end());
    return {type, body};
}

RC_GTEST_PROP(Body, IsGivenBackByteByByte, ())
{
    RoundTrip trip;
    for (int left = *rc::gen::inRange(1, 40); left > 0; --left) {
        const auto [type, body] = any_body();
        RC_ASSERT(trip.feed(type, *rc::gen::arbitrary<std::uint32_t>(), body));
    }
}

} // namespace
} // namespace millrace::flv
