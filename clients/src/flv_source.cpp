#include "flv_source.hpp"

#include <fmt/format.h>

namespace millrace::clients {

net::awaitable<std::optional<media::Item>> FlvSource::next()
{
    for (;;) {
        if (auto item = demuxer_.next()) {
            co_return item;
        }
        if (over_) {
            co_return std::nullopt;
        }
        ByteView bytes;
        if (!stopping_) {
            bytes = co_await more();
        }
        take(bytes);
        if (over_) {
            co_await leave();
        }
    }
}

void FlvSource::take(ByteView bytes)
{
    if (bytes.empty()) {
        over_ = true;
        demuxer_.end();
        if (stopping_) {
            outcome_ = {};
        }
    } else {
        bytes_ += bytes.size();
        if (const auto fed = demuxer_.feed(bytes); !fed) {
            over_ = true;
            outcome_ = {fed.error().message()};
        }
    }
    pass_warnings();
}

void FlvSource::pass_warnings()
{
    while (const auto warning = demuxer_.next_warning()) {
        warn(fmt::format("passed over {} at byte {}", warning->reason, warning->offset));
    }
}

void FlvSource::stop()
{
    stopping_ = true;
    interrupt();
}

} // namespace millrace::clients
