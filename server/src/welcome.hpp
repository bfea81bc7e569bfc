// The first words of a started server: what listens where, where to publish, where to watch.
#pragma once

#include <millrace/net/listener.hpp>
#include <millrace/server/config.hpp>

#include <memory>
#include <string>
#include <vector>

namespace millrace::server {

std::string welcome_text(const std::vector<std::unique_ptr<net::Listener>>& listeners,
                         const std::vector<Listen>& listen, bool demo);

/// The first port on which a protocol is spoken; 0 when it is spoken nowhere.
std::uint16_t port_of(const std::string& protocol,
                      const std::vector<std::unique_ptr<net::Listener>>& listeners,
                      const std::vector<Listen>& listen);

} // namespace millrace::server
