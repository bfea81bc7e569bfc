// The [[application]] tables of the configuration.
#pragma once

#include "table_reader.hpp"
#include <millrace/server/config.hpp>

namespace millrace::server {

/// Reads all of them; SWF files are read, too. Throws ConfigError.
void read_applications(const std::string& file, const toml::node& node, Config& config);

} // namespace millrace::server
