// How much time the bytes stand for that wait to be sent.
#pragma once

#include <millrace/media/frame.hpp>

#include <deque>

namespace millrace::clients {

/// Remembers the sizes and times of the newest frames, so that bytes can be told in time.
class Backlog {
public:
    void sent(const media::Frame& frame)
    {
        newest_ = std::max(newest_, frame.dts);
        frames_.push_back({frame.dts, frame.payload.size()});
        while (newest_ - frames_.front().time > kRemembered) {
            frames_.pop_front();
        }
    }

    /// The media time that the newest `bytes` take.
    std::chrono::nanoseconds time_of(std::size_t bytes) const
    {
        auto begin = newest_;
        for (auto frame = frames_.rbegin(); frame != frames_.rend() && bytes > 0; ++frame) {
            bytes -= std::min(bytes, frame->bytes);
            begin = std::min(begin, frame->time);
        }
        return newest_ - begin;
    }

private:
    static constexpr std::chrono::seconds kRemembered{30};

    struct Sent {
        MediaTime time;
        std::size_t bytes;
    };
    std::deque<Sent> frames_;
    MediaTime newest_;
};

} // namespace millrace::clients
