#include <millrace/rtp/payload/depacketizer.hpp>

namespace millrace::rtp {

std::optional<Output> Depacketizer::next()
{
    if (ready_.empty()) {
        return std::nullopt;
    }
    auto first = std::move(ready_.front());
    ready_.pop_front();
    return first;
}

void Depacketizer::give(media::Track track)
{
    ready_.emplace_back(std::move(track));
}

void Depacketizer::give(Unit unit)
{
    ++stats_.units;
    ready_.emplace_back(std::move(unit));
}

} // namespace millrace::rtp
