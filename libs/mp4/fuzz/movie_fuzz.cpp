// Whatever the bytes say: the opener asks only for bytes of the file and never twice for the same, a walker
// gives only samples that stand in the file, and seeking gives what walking gives.
#include <millrace/mp4/opener.hpp>

#include <cstdlib>
#include <numeric>

namespace {

using namespace millrace;
using namespace millrace::mp4;

constexpr int kMostSamples = 20000;

void check(bool right)
{
    if (!right) {
        std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const ByteView file{data, size};
    Opener opener{size, {.head_bytes = 1U << 16U, .boxes = 1000, .samples = 5000}};
    std::uint64_t at = 0;
    while (const auto range = opener.wants()) {
        check(range->bytes > 0 && range->offset >= at && range->offset + range->bytes <= size);
        at = range->offset;
        if (!opener.feed(file.subspan(static_cast<std::size_t>(range->offset), range->bytes))) {
            check(!opener.wants());
            return 0;
        }
    }
    const auto movie = opener.finish();
    if (!movie) {
        return 0;
    }
    std::vector<std::size_t> all(movie->tracks().size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    Movie::Walker walker{*movie, all};
    std::vector<Sample> samples;
    while (auto sample = walker.next()) {
        check(sample->track < all.size() && sample->offset + sample->size <= size);
        samples.push_back(*sample);
        if (samples.size() >= kMostSamples) {
            break;
        }
    }
    if (!samples.empty()) {
        const auto wanted = samples[samples.size() / 2].dts;
        const auto found = walker.seek(wanted);
        const auto first = walker.next();
        check(first && first->dts >= std::min(found, samples.front().dts));
    }
    return 0;
}
