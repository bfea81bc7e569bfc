#include <millrace/exchange/publish_options.hpp>

#include <algorithm>

namespace millrace::exchange {

bool asks_for_reserve(std::string_view query)
{
    bool asks = false;
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        asks = asks || query.substr(0, end) == "backup=1";
        query.remove_prefix(std::min(end + 1, query.size()));
    }
    return asks;
}

} // namespace millrace::exchange
