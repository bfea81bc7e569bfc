// What probe found, for people and for programs.
#pragma once

#include <millrace/clients/checkup.hpp>
#include <millrace/clients/url.hpp>

#include <string>

namespace millrace::apps {

std::string probe_text(const clients::Url& url, const clients::StreamReport& report,
                       const clients::Verdict& verdict);

/// With the names of the HTTP API.
std::string probe_json(const clients::Url& url, const clients::StreamReport& report,
                       const clients::Verdict& verdict);

} // namespace millrace::apps
