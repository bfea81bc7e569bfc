// FLV or MPEG-TS, told apart by the first byte.
#pragma once

#include <millrace/flv/demuxer.hpp>
#include <millrace/mpegts/demuxer.hpp>

#include <string>
#include <variant>

namespace millrace::clients {

/// Bytes of a file or stream in, tracks and frames out.
class FileReader {
public:
    /// Errors: those of the format that the first byte tells; what is neither is refused as FLV.
    Result<> feed(ByteView bytes);
    std::optional<media::Item> next();
    /// No more bytes will come.
    void end();
    /// What was passed over: "… at byte 12".
    std::optional<std::string> next_warning();

private:
    std::variant<std::monostate, flv::Demuxer, mpegts::Demuxer> demuxer_; ///< None: no byte has come yet.
};

} // namespace millrace::clients
