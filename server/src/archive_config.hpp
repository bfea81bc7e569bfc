// Reads what the configuration says of recordings.
#pragma once

#include "table_reader.hpp"
#include <millrace/server/archive_config.hpp>

namespace millrace::server {

/// Each a table, or ConfigError.
void read_record(const std::string& file, const toml::node& node, ArchiveConfig& into);
void read_vod(const std::string& file, const toml::node& node, ArchiveConfig& into);

} // namespace millrace::server
