#include <millrace/server/application.hpp>

namespace millrace::server {
namespace {

/// How much of an APP an entry names; none when it names something else.
std::optional<std::size_t> match(std::string_view name, std::string_view app)
{
    if (name == "*") {
        return 0;
    }
    const bool begins = app.starts_with(name) && (app.size() == name.size() || app[name.size()] == '/');
    return begins ? std::optional{name.size()} : std::nullopt;
}

} // namespace

const Application* find_application(const std::vector<Application>& applications, std::string_view app)
{
    const Application* best = nullptr;
    std::size_t named = 0;
    for (const auto& application : applications) {
        const auto matched = match(application.name, app);
        if (matched && (best == nullptr || *matched > named)) {
            best = &application;
            named = *matched;
        }
    }
    return best;
}

const Application* application_of(const std::vector<Application>& applications, std::string_view path)
{
    return find_application(applications, path.substr(0, path.rfind('/')));
}

} // namespace millrace::server
