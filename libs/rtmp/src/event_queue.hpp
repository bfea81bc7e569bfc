// Events on their way from a core to its owner.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace millrace::rtmp {

/// First in, first out; holds no more memory than a few events once it is drained.
template <class Event>
class EventQueue {
public:
    std::size_t size() const { return events_.size() - head_; }

    void push(Event event) { events_.push_back(std::move(event)); }

    std::optional<Event> pop()
    {
        if (head_ == events_.size()) {
            return std::nullopt;
        }
        std::optional<Event> event{std::move(events_[head_++])};
        if (head_ == events_.size()) {
            reset();
        }
        return event;
    }

    template <class Predicate>
    bool any_of(Predicate predicate) const
    {
        return std::any_of(events_.begin() + static_cast<std::ptrdiff_t>(head_), events_.end(), predicate);
    }

private:
    static constexpr std::size_t kKept = 16;

    void reset()
    {
        head_ = 0;
        if (events_.capacity() > kKept) {
            events_ = {};
        } else {
            events_.clear();
        }
    }

    std::vector<Event> events_;
    std::size_t head_ = 0;
};

} // namespace millrace::rtmp
