// The keys of the configuration for relays and for publishers in reserve.
#pragma once

#include "table_reader.hpp"
#include <millrace/server/config.hpp>

namespace millrace::server {

/// `failover_after` and `prefer_primary`, of [streams] and [[backup]].
void add_backup_keys(TableReader& reader, hub::Succession::Limits& limits);

/// [[pull]], [[push]], [relay] and [[backup]]. What it adds to `reader` refers to `file` and `config`.
void add_relay_keys(TableReader& reader, const std::string& file, Config& config);

/// After reader.read(root).
void finish_relay_keys(const std::string& file, const toml::table& root, Config& config);

/// Rules as the API and the configuration give them, in texts. Throw std::runtime_error.
relay::PullRule make_pull_rule(const std::string& name, const std::string& source, const std::string& start,
                               Clock::duration linger, bool backup, bool verify);
relay::PushRule make_push_rule(const std::string& name, const std::string& target, bool verify);

} // namespace millrace::server
