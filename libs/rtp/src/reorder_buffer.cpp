#include <millrace/rtp/reorder_buffer.hpp>

#include <algorithm>

namespace millrace::rtp {

ReorderBuffer::Slot& ReorderBuffer::slot(std::int64_t number)
{
    return ring_[static_cast<std::size_t>(number) & (limits_.packets - 1)];
}

/// The packet with the next number.
void ReorderBuffer::give(Packet packet, std::int64_t lost)
{
    ready_.push_back({.packet = std::move(packet), .lost = lost});
    given_.set(static_cast<std::size_t>(next_) % kRemembered);
    ++next_;
}

/// The packet with the next number is lost.
void ReorderBuffer::pass()
{
    given_.reset(static_cast<std::size_t>(next_) % kRemembered);
    ++next_;
}

void ReorderBuffer::restart(Packet packet)
{
    flush();
    next_ = std::int64_t{packet.sequence} + 65536;
    highest_ = next_;
    suspects_ = 0;
    given_.reset();
    give(std::move(packet), 0);
    ready_.back().restarted = true;
}

ReorderBuffer::Outcome ReorderBuffer::feed(Packet packet, std::chrono::nanoseconds jitter,
                                           Clock::time_point now)
{
    using std::chrono::milliseconds;
    wait_ =
        std::clamp<std::chrono::nanoseconds>(4 * jitter + milliseconds{5}, limits_.shortest, limits_.longest);
    if (next_ < 0) {
        next_ = std::int64_t{packet.sequence} + 65536;
        highest_ = next_;
        give(std::move(packet), 0);
        return Outcome::taken;
    }
    const auto step = static_cast<std::int16_t>(
        static_cast<std::uint16_t>(packet.sequence - static_cast<std::uint16_t>(next_)));
    const auto number = next_ + step;
    const auto most = static_cast<std::int64_t>(limits_.packets);
    if (step < -limits_.oldest || step >= 8 * most) {
        const bool follows = suspects_ > 0 && packet.sequence == suspect_next_;
        suspects_ = follows ? suspects_ + 1 : 1;
        suspect_next_ = static_cast<std::uint16_t>(packet.sequence + 1);
        if (suspects_ < limits_.restart_after) {
            return Outcome::suspect;
        }
        restart(std::move(packet));
        return Outcome::restarted;
    }
    suspects_ = 0;
    if (step < 0) {
        const auto place = static_cast<std::size_t>(number) % kRemembered;
        if (given_.test(place)) {
            return Outcome::duplicate;
        }
        given_.set(place);
        ++reordered_;
        return Outcome::late;
    }
    if (ring_.empty()) {
        ring_.resize(limits_.packets);
    }
    if (step > 0 && step < most && slot(number).number == number) {
        return Outcome::duplicate;
    }
    reordered_ += number < highest_ ? 1 : 0;
    highest_ = std::max(highest_, number);
    if (step >= most) {
        flush();
        const auto lost = number - next_;
        while (next_ < number) {
            pass();
        }
        give(std::move(packet), lost);
        return Outcome::taken;
    }
    if (step == 0) {
        give(std::move(packet), 0);
        gap_since_.reset();
    } else {
        slot(number) = {number, std::move(packet)};
        ++held_;
    }
    release(false);
    if (held_ > 0 && !gap_since_) {
        gap_since_ = now;
    }
    return Outcome::taken;
}

/// Gives what is held from the next number on; to the first gap, or all of it.
void ReorderBuffer::release(bool over_gaps)
{
    std::int64_t lost = 0;
    while (held_ > 0) {
        auto& place = slot(next_);
        if (place.number == next_) {
            give(std::move(place.packet), lost);
            place = {};
            --held_;
            lost = 0;
        } else if (over_gaps) {
            pass();
            ++lost;
        } else {
            break;
        }
    }
}

std::optional<ReorderBuffer::Ordered> ReorderBuffer::next()
{
    if (ready_.empty()) {
        return std::nullopt;
    }
    auto first = std::move(ready_.front());
    ready_.pop_front();
    return first;
}

std::optional<Clock::time_point> ReorderBuffer::deadline() const
{
    if (!gap_since_) {
        return std::nullopt;
    }
    return *gap_since_ + std::chrono::duration_cast<Clock::duration>(wait_);
}

void ReorderBuffer::tick(Clock::time_point now)
{
    const auto until = deadline();
    if (!until || now < *until) {
        return;
    }
    // The first gap is given up, and what stands behind it goes out; a gap behind that begins its own wait.
    const auto gap = next_;
    while (slot(next_).number != next_) {
        pass();
    }
    const auto lost = next_ - gap;
    const auto before = ready_.size();
    release(false);
    ready_[before].lost = lost;
    gap_since_ = held_ > 0 ? std::optional{now} : std::nullopt;
}

void ReorderBuffer::flush()
{
    release(true);
    gap_since_.reset();
}

std::vector<std::uint16_t> ReorderBuffer::missing() const
{
    std::vector<std::uint16_t> out;
    std::size_t left = held_;
    for (auto number = next_; left > 0; ++number) {
        if (ring_[static_cast<std::size_t>(number) & (limits_.packets - 1)].number == number) {
            --left;
        } else {
            out.push_back(static_cast<std::uint16_t>(number));
        }
    }
    return out;
}

} // namespace millrace::rtp
