// What a publisher may ask for in its URL's query.
#pragma once

#include <string_view>

namespace millrace::exchange {

/// `backup=1`: it is held in reserve while another one is on air.
bool asks_for_reserve(std::string_view query);

} // namespace millrace::exchange
