// Numbers that wrap, made numbers that do not.
#pragma once

#include <cstdint>

namespace millrace::rtp {

/// Extends 16-bit sequence numbers to 64 bits: the nearest to the highest seen.
class SequenceExtender {
public:
    /// The extended number; the first one is its own, one cycle up, so that nothing before it is negative.
    std::int64_t extend(std::uint16_t sequence)
    {
        if (highest_ < 0) {
            return highest_ = std::int64_t{sequence} + 65536;
        }
        const auto step = static_cast<std::int16_t>(
            static_cast<std::uint16_t>(sequence - static_cast<std::uint16_t>(highest_)));
        const auto extended = highest_ + step;
        highest_ = extended > highest_ ? extended : highest_;
        return extended;
    }
    /// None seen yet: -1.
    std::int64_t highest() const { return highest_; }
    void reset() { highest_ = -1; }

private:
    std::int64_t highest_ = -1;
};

/// Extends 32-bit timestamps to 64 bits: the nearest to the one before.
class TimestampExtender {
public:
    std::int64_t extend(std::uint32_t timestamp)
    {
        if (!begun_) {
            begun_ = true;
            return last_ = std::int64_t{timestamp};
        }
        return last_ += static_cast<std::int32_t>(timestamp - static_cast<std::uint32_t>(last_));
    }
    /// The extended form of a timestamp near the last one; changes nothing. Expects: begun().
    std::int64_t near(std::uint32_t timestamp) const
    {
        return last_ + static_cast<std::int32_t>(timestamp - static_cast<std::uint32_t>(last_));
    }
    bool begun() const { return begun_; }
    void reset() { begun_ = false; }

private:
    std::int64_t last_ = 0;
    bool begun_ = false;
};

} // namespace millrace::rtp
