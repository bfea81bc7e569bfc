#include "packet_finder.hpp"

#include <array>

namespace millrace::mpegts {
namespace {

/// Quirk: camcorders and Blu-ray discs put a time stamp of four bytes before each packet, receivers of
/// broadcasts leave 16 bytes of error correction behind it.
constexpr std::array<std::size_t, 3> kStrides{kPacketBytes, 192, 204};
constexpr std::size_t kBeats = 3; ///< Sync bytes in a row that make a beat.

} // namespace

void PacketFinder::feed(ByteView bytes)
{
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(at_));
    before_ += at_;
    at_ = 0;
    ended_ = false;
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

/// Whether sync bytes stand that far apart; at the end of the bytes, as many as there is room for.
bool PacketFinder::beats(std::size_t at, std::size_t stride) const
{
    const auto bytes = left();
    for (std::size_t i = 0; i < kBeats; ++i) {
        const auto place = at + i * stride;
        if (place >= bytes.size()) {
            return ended_ && at + kPacketBytes <= bytes.size();
        }
        if (bytes[place] != kSyncByte) {
            return false;
        }
    }
    return true;
}

bool PacketFinder::search()
{
    const auto longest = (kBeats - 1) * kStrides.back() + 1;
    while (!failed_ && !left().empty() && (ended_ || left().size() >= longest)) {
        for (const auto stride : kStrides) {
            if (beats(0, stride)) {
                stride_ = stride;
                found_any_ = true;
                return true;
            }
        }
        ++at_;
        ++garbage_;
        failed_ = !found_any_ && ++searched_ > limit_;
    }
    return false;
}

std::optional<ByteView> PacketFinder::take()
{
    for (;;) {
        if (stride_ == 0 && !search()) {
            return std::nullopt;
        }
        const auto bytes = left();
        if (bytes.empty()) {
            return std::nullopt;
        }
        if (bytes[0] != kSyncByte) {
            stride_ = 0;
            continue;
        }
        // What stands between packets is waited for too, so that the beat goes on behind it.
        if (bytes.size() < (ended_ ? kPacketBytes : stride_)) {
            return std::nullopt;
        }
        offset_ = before_ + at_;
        at_ += std::min(stride_, bytes.size());
        return bytes.first(kPacketBytes);
    }
}

} // namespace millrace::mpegts
