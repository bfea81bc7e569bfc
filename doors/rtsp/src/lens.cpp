#include "lens.hpp"

#include <millrace/rtp/muxer.hpp>
#include <millrace/rtsp/message.hpp>

#include <algorithm>

namespace millrace::doors {
namespace {

enum class Way : std::uint8_t { pass, change, leave };

Way way_of(const ChannelMap& map, std::uint8_t channel)
{
    const auto to = map[channel];
    return to == ChannelMap::kNone ? Way::leave : to == channel ? Way::pass : Way::change;
}

} // namespace

/// Goes as far as all packets go the same way. A piece of the image holds whole packets.
exchange::Lens::Cut ChannelLens::look(std::span<const ByteView> views, Bytes& instead)
{
    ends_.clear();
    std::optional<Way> way;
    std::size_t done = 0;
    auto skip = owed_;
    if (skip > 0) {
        way = Way::pass;
        ends_.push_back(skip);
    }
    for (auto view : views) {
        const auto part = std::min(skip, view.size());
        skip -= part;
        done += part;
        view = view.subspan(part);
        while (const auto framed = rtp::take_framed(view)) {
            const auto this_way = way_of(*map_, framed->channel);
            if (way && *way != this_way) {
                return *way == Way::pass ? Cut{0, done} : Cut{done, 0};
            }
            way = this_way;
            if (this_way == Way::change) {
                rtsp::write_frame_head(instead, static_cast<std::uint8_t>((*map_)[framed->channel]),
                                       framed->packet.size());
                instead.insert(instead.end(), framed->packet.begin(), framed->packet.end());
            }
            done += framed->whole.size();
            if (this_way == Way::pass) {
                ends_.push_back(done);
            }
        }
    }
    return way == Way::pass ? Cut{0, done} : Cut{done, 0};
}

void ChannelLens::passed(std::size_t bytes)
{
    if (bytes > 0) {
        const auto end = std::ranges::lower_bound(ends_, bytes);
        owed_ = end == ends_.end() ? 0 : *end - bytes;
    }
}

} // namespace millrace::doors
