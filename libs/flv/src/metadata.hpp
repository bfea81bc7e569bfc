// onMetaData for the tracks that go out.
#pragma once

#include <millrace/flv/body.hpp>

namespace millrace::flv {

struct OutgoingTrack {
    const media::Track* track;
    Form form;
};

/// Made from the tracks alone.
media::Metadata made(const std::vector<OutgoingTrack>& tracks);

/// The values of a source's onMetaData, changed where they would tell a reader of tracks that it does not
/// get, or name codecs by another number than their bodies do.
SharedBytes adapted(const SharedBytes& values, const std::vector<media::Track>& all,
                    const std::vector<OutgoingTrack>& going);

} // namespace millrace::flv
