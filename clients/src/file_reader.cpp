#include "file_reader.hpp"

#include <millrace/mpegts/packet.hpp>

#include <fmt/format.h>

namespace millrace::clients {

Result<> FileReader::feed(ByteView bytes)
{
    if (demuxer_.index() == 0 && !bytes.empty()) {
        if (bytes[0] == mpegts::kSyncByte) {
            demuxer_.emplace<mpegts::Demuxer>();
        } else {
            demuxer_.emplace<flv::Demuxer>();
        }
    }
    if (auto* ts = std::get_if<mpegts::Demuxer>(&demuxer_)) {
        return ts->feed(bytes);
    }
    auto* flv = std::get_if<flv::Demuxer>(&demuxer_);
    return flv != nullptr ? flv->feed(bytes) : Result<>{};
}

std::optional<media::Item> FileReader::next()
{
    if (auto* ts = std::get_if<mpegts::Demuxer>(&demuxer_)) {
        return ts->next();
    }
    auto* flv = std::get_if<flv::Demuxer>(&demuxer_);
    return flv != nullptr ? flv->next() : std::nullopt;
}

void FileReader::end()
{
    if (auto* ts = std::get_if<mpegts::Demuxer>(&demuxer_)) {
        ts->end();
    } else if (auto* flv = std::get_if<flv::Demuxer>(&demuxer_)) {
        flv->end();
    }
}

std::optional<std::string> FileReader::next_warning()
{
    if (auto* ts = std::get_if<mpegts::Demuxer>(&demuxer_)) {
        const auto warning = ts->next_warning();
        return warning ? std::optional{fmt::format("{} (at byte {})", warning->reason, warning->offset)}
                       : std::nullopt;
    }
    if (auto* flv = std::get_if<flv::Demuxer>(&demuxer_)) {
        const auto warning = flv->next_warning();
        return warning
                   ? std::optional{fmt::format("passed over {} at byte {}", warning->reason, warning->offset)}
                   : std::nullopt;
    }
    return std::nullopt;
}

} // namespace millrace::clients
