// The configuration of HLS: [hls].
#pragma once

#include "table_reader.hpp"
#include <millrace/server/config.hpp>

#include <toml++/toml.h>

namespace millrace::server {

/// Reads [hls]. Throws ConfigError.
void read_hls(const std::string& file, const toml::node& node, doors::HlsSettings& settings);

} // namespace millrace::server
