// Script bodies: AMF0 values of which the first is a name (FLV 10.1 §E.4.4).
#pragma once

#include <millrace/amf/amf0.hpp>
#include <millrace/media/container.hpp>

#include <optional>

namespace millrace::flv {

/// What onMetaData tells about the picture; 0 where it does not.
struct Hints {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    double fps = 0;
};

struct Script {
    enum class What : std::uint8_t {
        metadata, ///< `metadata` and `hints` are set.
        data,     ///< `body` is a frame of the data track.
        cleared,  ///< The publisher takes its metadata back.
        dropped,  ///< `reason` says why.
    };

    What what = What::dropped;
    media::Metadata metadata;
    Hints hints;
    SharedBytes body; ///< Without the publisher's wrapper.
    std::string_view reason;
    amf::Amf0Reader::Counters tolerated; ///< While its values were read.
};

Script read_script(const SharedBytes& body);

} // namespace millrace::flv
