#include "decode_times.hpp"

#include <algorithm>

namespace millrace::rtp {

void DecodeTimes::set(std::size_t depth, std::int64_t usual)
{
    usual_ = std::max<std::int64_t>(usual, 1);
    depth = std::min(depth, kDeepest);
    if (any_) {
        depth_ = std::max(depth_, depth); // never less in mid-stream: times would jump
    } else {
        depth_ = depth;
    }
}

void DecodeTimes::restart()
{
    held_.clear();
    any_ = false;
    begun_ = 0;
}

std::int64_t DecodeTimes::of(std::int64_t presentation)
{
    if (!any_) {
        any_ = true;
        first_ = presentation;
        begun_ = 0;
        last_ = INT64_MIN;
    }
    // A picture that is shown before one was decoded: more of them are held than was known.
    if (depth_ < kDeepest && last_ != INT64_MIN && presentation <= last_) {
        ++depth_;
    }
    held_.insert(std::ranges::upper_bound(held_, presentation), presentation);
    std::int64_t time = 0;
    if (held_.size() > depth_) {
        time = held_.front();
        held_.erase(held_.begin());
        begun_ = depth_;
    } else if (begun_ < depth_ && last_ == INT64_MIN) {
        time = first_ - static_cast<std::int64_t>(depth_) * usual_;
        ++begun_;
    } else if (begun_ < depth_) {
        time = std::min(first_ - static_cast<std::int64_t>(depth_ - begun_) * usual_, presentation);
        ++begun_;
    } else {
        time = last_ + 1;
    }
    last_ = last_ == INT64_MIN ? time : std::max(time, last_ + 1);
    return last_;
}

} // namespace millrace::rtp
