// Decode times from presentation times: RTP carries only the latter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace millrace::rtp {

/// Presentation times in the order of decoding in, decode times out: those of the pictures that a decoder
/// would give back, `depth` pictures late. They grow, and are never later than the presentation times once
/// the depth is right.
class DecodeTimes {
public:
    static constexpr std::size_t kDeepest = 16; ///< H.264 §A.3.1.

    /// `usual`: the distance of two pictures, used before the first ones are known.
    void set(std::size_t depth, std::int64_t usual);
    std::int64_t of(std::int64_t presentation);
    /// The next presentation time has nothing to do with those before.
    void restart();
    std::size_t depth() const { return depth_; }

private:
    std::size_t depth_ = 0;
    std::int64_t usual_ = 3600;
    std::vector<std::int64_t> held_; ///< In order.
    std::size_t begun_ = 0;          ///< Pictures so far, while fewer than the depth.
    std::int64_t first_ = 0;
    std::int64_t last_ = 0;
    bool any_ = false;
};

} // namespace millrace::rtp
