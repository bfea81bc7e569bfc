#include "config_applications.hpp"

#include <array>
#include <fstream>
#include <iterator>

namespace millrace::server {
namespace {

constexpr std::array<std::string_view, 6> kSchemes{"rtmp", "rtmps", "rtmpe", "rtmpt", "rtmpts", "rtmpte"};

void read_name(const TableReader& reader, const toml::node& node, std::string& name)
{
    const bool plain = !name.starts_with('/') && !name.ends_with('/') &&
                       name.find("//") == std::string::npos && name.find('?') == std::string::npos;
    if (name.empty() || !plain) {
        reader.fail(
            node, R"(application.name must be an APP such as "live" or "live/north", or "*" for all others)");
    }
}

void read_auth(const TableReader& reader, const toml::node& node, Application& application)
{
    const auto text = node.value_or(std::string{});
    for (const auto scheme : {rtmp::AuthScheme::adobe, rtmp::AuthScheme::llnw}) {
        if (text == name(scheme)) {
            application.auth = scheme;
            return;
        }
    }
    reader.fail(node, R"(application.auth must be "adobe" or "llnw")");
}

void read_users(const TableReader& reader, const toml::node& node, Application& application)
{
    const auto* users = node.as_table();
    if (users == nullptr || users->empty()) {
        reader.fail(node, R"(application.users must be a table of passwords such as { u1 = "secret" })");
    }
    for (const auto& [user, password] : *users) {
        const auto* text = password.as_string();
        const std::string_view name{user.str()};
        if (text == nullptr || text->get().empty()) {
            reader.fail(password, "application.users: the password of " + std::string{name} +
                                      " must be a text in quotes that is not empty");
        }
        if (name.empty() || name.find_first_of("&=? ") != std::string_view::npos) {
            reader.fail(password, "application.users: \"" + std::string{name} +
                                      "\" cannot be a user: no '&', '=', '?' or space may be in a name");
        }
        application.users.emplace(name, text->get());
    }
}

/// What follows the scheme of a URL of RTMP's schemes; empty for others.
std::string_view behind_scheme(std::string_view url)
{
    const auto colon = url.find("://");
    const bool known = colon != std::string_view::npos &&
                       std::ranges::find(kSchemes, url.substr(0, colon)) != kSchemes.end();
    return known ? url.substr(colon + 3) : std::string_view{};
}

void read_redirect(const TableReader& reader, const toml::node& node, const std::string& url)
{
    const auto rest = behind_scheme(url);
    const auto slash = rest.find('/');
    if (slash == 0 || slash == std::string_view::npos || slash + 1 == rest.size()) {
        reader.fail(node, "application.redirect must be a URL such as \"rtmp://HOST[:PORT]/APP\"");
    }
}

rtmp::SwfFile read_swf(const TableReader& reader, const toml::node& node)
{
    const auto path = node.value_or(std::string{});
    std::ifstream in{path, std::ios::binary};
    if (!node.is_string() || !in) {
        reader.fail(node, "application.swf: " + (path.empty() ? "a file's name in quotes is expected"
                                                              : path + " cannot be read"));
    }
    const Bytes bytes{std::istreambuf_iterator<char>{in}, {}};
    const auto file = rtmp::swf_file(bytes);
    if (!file) {
        reader.fail(node, "application.swf: " + path + ": " + file.error().message());
    }
    return *file;
}

void read_swfs(const TableReader& reader, const toml::node& node, Application& application)
{
    const auto* paths = node.as_array();
    if (paths == nullptr || paths->empty()) {
        reader.fail(node, R"(application.swf must be a list of files such as ["player.swf"])");
    }
    for (const auto& path : *paths) {
        application.swf.push_back(read_swf(reader, path));
    }
}

void check(const TableReader& reader, const toml::node& node, const Application& application)
{
    if (application.name.empty()) {
        reader.fail(node, R"([[application]] needs a name such as "live")");
    }
    if (application.auth.has_value() == application.users.empty()) {
        reader.fail(
            node, "application " + application.name +
                      (application.auth ? ": auth needs users" : R"(: users need auth = "adobe" or "llnw")"));
    }
    if (application.players && application.users.empty()) {
        reader.fail(node, "application " + application.name + ": players = true needs users");
    }
    if (!application.redirect.empty() && (application.auth || !application.swf.empty())) {
        reader.fail(node, "application " + application.name +
                              ": what is redirected is not served here; leave auth, users and swf out");
    }
}

} // namespace

std::string read_rtmp_server(const TableReader& reader, const toml::node& node)
{
    auto url = node.value_or(std::string{});
    const auto rest = behind_scheme(url);
    if (rest.empty() || rest.find_first_of("/?") != std::string_view::npos) {
        reader.fail(node, R"(drain.server must be "rtmp://HOST[:PORT]", without an application)");
    }
    return url;
}

void read_applications(const std::string& file, const toml::node& node, Config& config)
{
    const auto* list = node.as_array();
    const TableReader outer{file, {}};
    if (list == nullptr || !list->is_array_of_tables()) {
        outer.fail(node, "application must be written as [[application]], once for each");
    }
    for (const auto& entry : *list) {
        Application application;
        TableReader reader{file, "application."};
        reader.key("name", [&](const toml::node& value) {
            application.name = value.value_or(std::string{});
            read_name(reader, value, application.name);
        });
        reader.key("auth", [&](const toml::node& value) { read_auth(reader, value, application); });
        reader.key("users", [&](const toml::node& value) { read_users(reader, value, application); });
        reader.flag("players", application.players);
        reader.key("redirect", [&](const toml::node& value) {
            application.redirect = value.value_or(std::string{});
            read_redirect(reader, value, application.redirect);
        });
        reader.key("swf", [&](const toml::node& value) { read_swfs(reader, value, application); });
        reader.read(*entry.as_table());
        check(reader, entry, application);
        for (const auto& other : config.applications) {
            if (other.name == application.name) {
                reader.fail(entry, "application " + application.name + " is there already");
            }
        }
        config.applications.push_back(std::move(application));
    }
}

} // namespace millrace::server
