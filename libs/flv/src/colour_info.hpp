// The colour of a picture as Enhanced RTMP carries it (E-RTMP v2, "Metadata Frame").
#pragma once

#include <millrace/base/bytes.hpp>
#include <millrace/media/colour.hpp>

#include <optional>

namespace millrace::flv {

/// What a metadata packet says.
struct ColourInfo {
    enum class What : std::uint8_t {
        told,    ///< `colour` is set.
        reset,   ///< There is none any more.
        unknown, ///< It is about something else.
        broken,
    };

    What what = What::broken;
    media::Colour colour;
};

ColourInfo read_colour_info(ByteView amf0);
/// Without a colour: that there is none any more.
Bytes write_colour_info(const std::optional<media::Colour>& colour);

} // namespace millrace::flv
