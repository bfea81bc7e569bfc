// How one player's interleaved packets differ from those of the stream's image.
#pragma once

#include <millrace/exchange/viewer_socket.hpp>

#include <array>
#include <cstdint>
#include <vector>

namespace millrace::doors {

/// Which channel a packet of the image goes to; none: it is left out.
class ChannelMap {
public:
    static constexpr std::int16_t kNone = -1;

    ChannelMap() { to_.fill(kNone); }
    void set(std::uint8_t from, std::uint8_t to) { to_[from] = to; }
    void unset(std::uint8_t from) { to_[from] = kNone; }
    std::int16_t operator[](std::uint8_t from) const { return to_[from]; }

private:
    std::array<std::int16_t, 256> to_{};
};

/// Passes packets whose channel is the player's own as they are, gives others another channel, leaves others
/// out.
class ChannelLens final : public exchange::Lens {
public:
    /// `map` is looked at anew each time.
    explicit ChannelLens(std::shared_ptr<const ChannelMap> map) : map_{std::move(map)} {}

    Cut look(std::span<const ByteView> views, Bytes& instead) override;
    void passed(std::size_t bytes) override;
    std::size_t owed() const override { return owed_; }

private:
    std::shared_ptr<const ChannelMap> map_;
    std::vector<std::size_t> ends_; ///< Of the packets that were to be passed.
    std::size_t owed_ = 0;
};

} // namespace millrace::doors
