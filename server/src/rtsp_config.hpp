// Reads what the configuration says of RTSP.
#pragma once

#include "table_reader.hpp"
#include <millrace/server/config.hpp>

namespace millrace::server {

/// [rtsp], or ConfigError.
void read_rtsp(const std::string& file, const toml::node& node, doors::RtspSettings& into);

} // namespace millrace::server
