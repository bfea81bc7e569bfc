#include <millrace/rtp/sources.hpp>

namespace millrace::rtp {

Sources::Verdict Sources::heard(std::uint32_t ssrc, const std::string& address, Clock::time_point now)
{
    if (ssrc == ours_) {
        const auto known = conflicts_.find(address);
        const bool again = known != conflicts_.end() && now - known->second <= limits_.forget;
        if (again || (!own_address_.empty() && address == own_address_)) {
            // An address that came under our former name too is not another source: it is we.
            conflicts_[address] = now;
            ++loops_;
            return Verdict::loop;
        }
        if (conflicts_.size() >= limits_.conflicts) {
            conflicts_.erase(conflicts_.begin());
        }
        conflicts_[address] = now;
        ++collisions_;
        return Verdict::collision;
    }
    const auto found = sources_.find(ssrc);
    if (found == sources_.end()) {
        if (sources_.size() < limits_.sources) {
            sources_[ssrc] = {address, now};
        }
        return Verdict::fine;
    }
    auto& source = found->second;
    if (source.address != address && now - source.heard <= limits_.forget) {
        ++collisions_;
        return Verdict::taken;
    }
    source = {address, now};
    return Verdict::fine;
}

void Sources::rename(std::uint32_t candidate)
{
    while (candidate == ours_ || candidate == 0 || sources_.contains(candidate)) {
        candidate = candidate * 1664525U + 1013904223U;
    }
    ours_ = candidate;
}

} // namespace millrace::rtp
