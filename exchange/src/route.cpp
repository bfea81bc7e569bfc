#include <millrace/exchange/route.hpp>

#include <algorithm>
#include <cstdint>
#include <random>

namespace millrace::exchange {
namespace {

constexpr std::size_t kDigits = 16;

} // namespace

std::string make_server_id()
{
    std::random_device random;
    std::uniform_int_distribution<unsigned> digit{0, 15};
    std::string id;
    for (std::size_t i = 0; i < kDigits; ++i) {
        id.push_back("0123456789abcdef"[digit(random)]);
    }
    return id;
}

bool goes_in_circles(std::string_view route, std::string_view id)
{
    if (route.empty()) {
        return false;
    }
    if (route.size() > kMostRoute ||
        static_cast<std::size_t>(std::ranges::count(route, ',')) + 1 >= kMostHops) {
        return true;
    }
    while (!route.empty()) {
        const auto end = std::min(route.find(','), route.size());
        if (route.substr(0, end) == id) {
            return true;
        }
        route.remove_prefix(std::min(end + 1, route.size()));
    }
    return false;
}

std::string extend_route(std::string_view route, std::string_view id)
{
    return route.empty() ? std::string{id} : std::string{route} + ',' + std::string{id};
}

} // namespace millrace::exchange
