// The [[application]] tables of the configuration.
#pragma once

#include "table_reader.hpp"
#include <millrace/server/config.hpp>

namespace millrace::server {

/// Reads all of them; SWF files are read, too. Throws ConfigError.
void read_applications(const std::string& file, const toml::node& node, Config& config);

/// "rtmp://HOST[:PORT]", of any of RTMP's schemes.
std::string read_rtmp_server(const TableReader& reader, const toml::node& node);

} // namespace millrace::server
