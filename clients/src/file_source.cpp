#include "file_source.hpp"

namespace millrace::clients {

net::awaitable<std::optional<media::Item>> FileSource::next()
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

void FileSource::take(ByteView bytes)
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

void FileSource::pass_warnings()
{
    while (const auto warning = demuxer_.next_warning()) {
        warn(*warning);
    }
}

void FileSource::stop()
{
    stopping_ = true;
    interrupt();
}

} // namespace millrace::clients
