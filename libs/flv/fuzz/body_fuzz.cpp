// A stream of bodies: each that gives a frame is given back as the same bytes.
#include "../test/round_trip.hpp"
#include <millrace/base/reader.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>

// input := (type:u8 time:u8 length:u16 body)*
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace millrace;
    using namespace millrace::flv;
    constexpr std::array kTypes{TagType::audio, TagType::video, TagType::script};
    RoundTrip trip;
    ByteReader in{{data, size}};
    while (!in.at_end()) {
        const auto type = kTypes[in.u8() % kTypes.size()];
        const std::uint32_t time = in.u8();
        const std::size_t length = in.u16();
        const auto body = in.bytes(std::min(length, in.remaining()));
        if (!in.ok()) {
            break;
        }
        if (!trip.feed(type, time, body)) {
            std::abort();
        }
    }
    return 0;
}
