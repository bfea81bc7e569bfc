// Where the channels of a sound come from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace millrace::media {

/// Of an audio track, as its source tells it beside the codec's own configuration.
struct ChannelLayout {
    enum class Order : std::uint8_t {
        unspecified, ///< The number of channels alone.
        native,      ///< Those of `mask`, from the lowest bit on.
        custom,      ///< Those of `speakers`.
    };

    static constexpr std::uint8_t kUnused = 0xfe;  ///< A channel that is played nowhere.
    static constexpr std::uint8_t kUnknown = 0xff; ///< A channel of which the place is not known.

    Order order = Order::unspecified;
    std::uint8_t channels = 0;
    std::uint32_t mask = 0; ///< Bit n is speaker n: 0 front left, 1 front right, 2 front centre, …
    std::vector<std::uint8_t> speakers; ///< One for each channel: a bit's number, kUnused or kUnknown.

    friend bool operator==(const ChannelLayout&, const ChannelLayout&) = default;
};

/// "mono", "stereo", "5.1", or the speakers' short names in their order: "FL+FR+LFE". Empty when no place is
/// known.
std::string name(const ChannelLayout& layout);

} // namespace millrace::media
