// Metadata of any bytes: an index that is believed ascends, lies in the file, and is found again in a head
// that is written from it.
#include <millrace/flv/demuxer.hpp>
#include <millrace/flv/file.hpp>

#include <cstdlib>

namespace {

using namespace millrace;
using namespace millrace::flv;

void check(bool right)
{
    if (!right) {
        std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    constexpr std::uint64_t kFileBytes = 1U << 30U;
    constexpr std::size_t kRoom = 65536;
    const ByteView bytes{data, size};
    static_cast<void>(glance(bytes));
    static_cast<void>(first_tag(bytes));
    const media::Metadata metadata{"onMetaData", SharedBytes::copy_of(bytes)};
    FileFacts facts{.duration = read_duration(metadata).value_or(std::chrono::milliseconds{1}),
                    .bytes = kFileBytes,
                    .keys = read_keys(metadata, kFileBytes)};
    for (std::size_t i = 1; i < facts.keys.size(); ++i) {
        check(facts.keys[i - 1].time <= facts.keys[i].time);
        check(facts.keys[i - 1].position <= facts.keys[i].position && facts.keys[i].position < kFileBytes);
    }
    const auto head = write_file_head({{}, {metadata}}, facts, kRoom);
    check(head.size() == kRoom);
    Demuxer demuxer;
    check(demuxer.feed(head).has_value());
    const auto item = demuxer.next();
    const auto* again = item ? std::get_if<media::Metadata>(&*item) : nullptr;
    check(again != nullptr && read_duration(*again) == facts.duration);
    const auto keys = read_keys(*again, kFileBytes);
    check(facts.keys.empty() || (!keys.empty() && keys.front() == facts.keys.front()));
    static_cast<void>(for_stream(metadata, facts.duration));
    return 0;
}
