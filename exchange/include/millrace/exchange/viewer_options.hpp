// What a viewer may ask for in its URL's query.
#pragma once

#include <millrace/exchange/settings.hpp>

#include <string_view>

namespace millrace::exchange {

/// `max_latency=SECONDS` (0.2 to 60), `audio=0`, `video=0`; anything else is left to others.
hub::Viewer::Options viewer_options(const Settings& settings, std::string_view query);

} // namespace millrace::exchange
