// A client that must prove to be a certain SWF file before it is heard.
#pragma once

#include "event_queue.hpp"
#include <millrace/rtmp/server.hpp>

#include <vector>

namespace millrace::rtmp {

/// What is allowed, and what the client asked for meanwhile.
struct SwfCheck {
    std::vector<SwfFile> allowed;
    std::vector<ServerEvent> waiting;
    Clock::time_point due = Clock::time_point::max(); ///< From the question on.
};

} // namespace millrace::rtmp
