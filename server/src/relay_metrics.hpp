// Relays in /metrics.
#pragma once

#include "families.hpp"
#include <millrace/relay/report.hpp>

namespace millrace::server {

void add_relays(Families& out, const relay::Report& report);

} // namespace millrace::server
