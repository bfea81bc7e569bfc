#include "gzip.hpp"

#include <zlib.h>

#include <algorithm>
#include <stdexcept>

namespace millrace::doors {

hls::SharedBody gzip(const hls::Body& body)
{
    constexpr int kGzipWindow = 15 + 16; ///< The largest window, with gzip's head.
    constexpr int kMemory = 8;
    z_stream stream{};
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, kMemory, Z_DEFAULT_STRATEGY) !=
        Z_OK) {
        throw std::runtime_error{"zlib cannot begin: out of memory"};
    }
    Bytes out(deflateBound(&stream, static_cast<uLong>(body.bytes)) + 64);
    stream.next_out = out.data();
    stream.avail_out = static_cast<uInt>(out.size());
    for (const auto& piece : body.pieces) {
        stream.next_in = const_cast<Bytef*>(piece.data());
        stream.avail_in = static_cast<uInt>(piece.size());
        deflate(&stream, Z_NO_FLUSH);
    }
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    media::Pieces pieces;
    pieces.emplace_back(std::move(out));
    return std::make_shared<const hls::Body>(std::move(pieces));
}

bool accepts_gzip(std::string_view header)
{
    while (!header.empty()) {
        const auto end = std::min(header.find(','), header.size());
        auto item = header.substr(0, end);
        header.remove_prefix(std::min(end + 1, header.size()));
        const auto semicolon = std::min(item.find(';'), item.size());
        const auto weight = item.substr(semicolon);
        item = item.substr(0, semicolon);
        while (item.starts_with(' ')) {
            item.remove_prefix(1);
        }
        while (item.ends_with(' ')) {
            item.remove_suffix(1);
        }
        if (item == "gzip" || item == "*") {
            const bool refused = weight.find("q=0") != std::string_view::npos &&
                                 weight.find_first_of("123456789") == std::string_view::npos;
            return !refused;
        }
    }
    return false;
}

} // namespace millrace::doors
