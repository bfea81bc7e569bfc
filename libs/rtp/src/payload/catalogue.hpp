// All payload formats that are known here.
#pragma once

#include <millrace/rtp/format.hpp>

#include <string_view>

namespace millrace::rtp {

struct Entry {
    Payload payload;
    std::string_view encoding; ///< As it is written; compared whatever its case.
    media::Kind kind;
    media::Codec codec;
    std::uint32_t clock_rate; ///< 0: the sample rate.
    std::uint32_t usual_rate; ///< When a track does not tell its own.
    bool tells_channels;      ///< In its rtpmap.
    bool sent;                ///< Whether tracks of this codec go out in this format.
};

/// Null when no format has that name.
const Entry* find_encoding(std::string_view encoding);
/// The format in which tracks of that codec go out; null when there is none.
const Entry* find_codec(media::Codec codec);
const Entry& entry_of(Payload payload);

} // namespace millrace::rtp
