// What a packager tells of itself.
#include "lane.hpp"
#include "writer.hpp"

#include <algorithm>

namespace millrace::hls {

const Rendition* Packager::find(std::string_view id) const
{
    const auto at = std::ranges::find_if(view_, [id](const Rendition* r) { return r->id() == id; });
    return at == view_.end() ? nullptr : *at;
}

bool Packager::present(const Rendition& rendition) const
{
    const auto at = lanes_.find(rendition.tracks().front().id);
    return at != lanes_.end() && at->second->present && !rendition.listed().empty();
}

std::vector<Packager::LeftOut> Packager::left_out() const
{
    std::vector<LeftOut> all;
    for (const auto& [id, candidate] : lanes_) {
        if (!candidate->carried()) {
            all.push_back({candidate->track, candidate->why_not});
        }
    }
    return all;
}

std::vector<std::string> Packager::warnings() const
{
    std::vector<std::string> all;
    if (forced_cuts_ > 0) {
        all.push_back(
            "HLS: " + std::to_string(forced_cuts_) +
            " segments were cut without a key frame; the publisher should send one at least every " +
            std::to_string(std::chrono::duration_cast<std::chrono::seconds>(
                               target_ > Nanoseconds{0} ? target_ : rules_.settings.segment)
                               .count()) +
            " s");
    }
    if (dropped_ > 0) {
        all.push_back("HLS: " + std::to_string(dropped_) + " frames were left out of segments");
    }
    return all;
}

Nanoseconds Packager::newest() const
{
    return newest_of_all_.time_since_epoch() + kBegin;
}

std::size_t Packager::bytes() const
{
    std::size_t sum = 0;
    for (const auto& seat : seats_) {
        sum += seat->rendition->bytes();
    }
    return sum;
}

std::uint64_t Packager::version() const
{
    std::uint64_t sum = ended_ ? 1 : 0;
    for (const auto& seat : seats_) {
        sum += seat->rendition->version();
    }
    return sum;
}

} // namespace millrace::hls
