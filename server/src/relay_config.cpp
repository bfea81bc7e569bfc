#include "relay_config.hpp"

namespace millrace::server {
namespace {

constexpr double kLongest = 3600;

/// Reads each table of an array of tables; what is wrong in it as a whole is told with its line.
template <class Read>
void read_all(const std::string& file, const toml::node& node, const std::string& name, Read read)
{
    TableReader outer{file, {}};
    const auto* list = node.as_array();
    if (list == nullptr || !list->is_array_of_tables()) {
        outer.fail(node, name + " must be written as [[" + name + "]], once for each");
    }
    for (const auto& entry : *list) {
        TableReader reader{file, name + "."};
        try {
            read(reader, *entry.as_table());
        } catch (const ConfigError&) {
            throw;
        } catch (const std::runtime_error& error) {
            reader.fail(entry, "[[" + name + "]]: " + error.what());
        }
    }
}

void need(const std::string& value, const char* key, const char* such_as)
{
    if (value.empty()) {
        throw std::runtime_error{std::string{"needs a "} + key + " such as \"" + such_as + "\""};
    }
}

void read_pulls(const std::string& file, const toml::node& node, Config& config)
{
    read_all(file, node, "pull", [&](TableReader& reader, const toml::table& table) {
        std::string name;
        std::string source;
        std::string start = "always";
        Clock::duration linger = std::chrono::seconds{10};
        bool backup = false;
        bool verify = true;
        reader.text("name", name);
        reader.text("source", source);
        reader.text("start", start);
        reader.seconds("linger", linger, 0.5, kLongest);
        reader.flag("backup", backup);
        reader.flag("verify", verify);
        reader.read(table);
        auto rule = make_pull_rule(name, source, start, linger, backup, verify);
        for (const auto& other : config.relay.pulls) {
            if (other.name.text() == name) {
                throw std::runtime_error{"there are two for " + name};
            }
        }
        config.relay.pulls.push_back(std::move(rule));
    });
}

void read_pushes(const std::string& file, const toml::node& node, Config& config)
{
    read_all(file, node, "push", [&](TableReader& reader, const toml::table& table) {
        std::string name;
        std::string target;
        bool verify = true;
        reader.text("name", name);
        reader.text("target", target);
        reader.flag("verify", verify);
        reader.read(table);
        config.relay.pushes.push_back(make_push_rule(name, target, verify));
    });
}

void read_backups(const std::string& file, const toml::node& node, Config& config)
{
    read_all(file, node, "backup", [&](TableReader& reader, const toml::table& table) {
        std::string name;
        auto limits = config.settings.succession;
        reader.text("name", name);
        add_backup_keys(reader, limits);
        reader.read(table);
        need(name, "name", "live/cam");
        config.settings.backups.push_back({exchange::Pattern{name}, limits});
    });
}

void read_relay(const std::string& file, const toml::node& node, relay::Settings& settings)
{
    TableReader reader{file, "relay."};
    Clock::duration silence = settings.silence;
    reader.seconds("first_pause", settings.pause.first, 0.05, kLongest);
    reader.seconds("longest_pause", settings.pause.longest, 0.05, kLongest);
    reader.seconds("stable_after", settings.pause.stable, 1, kLongest);
    reader.seconds("wait", settings.wait, 0.5, 60);
    reader.seconds("silence", silence, 1, kLongest);
    reader.count("most", settings.most, 1, 1000000);
    reader.read(reader.table(node, "relay"));
    settings.silence = std::chrono::duration_cast<std::chrono::milliseconds>(silence);
    if (settings.pause.longest < settings.pause.first) {
        reader.fail(node, "relay.longest_pause is shorter than relay.first_pause");
    }
}

} // namespace

relay::PullRule make_pull_rule(const std::string& name, const std::string& source, const std::string& start,
                               Clock::duration linger, bool backup, bool verify)
{
    need(name, "name", "live/cam");
    need(source, "source", "rtmp://origin/live/cam");
    if (start != "always" && start != "demand") {
        throw std::runtime_error{"start must be \"always\" or \"demand\""};
    }
    relay::PullRule rule{.name = exchange::Pattern{name},
                         .source = relay::UrlTemplate{source},
                         .on_demand = start == "demand",
                         .linger = linger,
                         .backup = backup,
                         .verify = verify};
    relay::check(rule);
    return rule;
}

relay::PushRule make_push_rule(const std::string& name, const std::string& target, bool verify)
{
    need(name, "name", "live/*");
    need(target, "target", "rtmp://elsewhere/live/{name}");
    relay::PushRule rule{exchange::Pattern{name}, relay::UrlTemplate{target}, verify};
    relay::check(rule);
    return rule;
}

void add_backup_keys(TableReader& reader, hub::Succession::Limits& limits)
{
    reader.optional_seconds("failover_after", limits.silence, 0.3, 60);
    reader.flag("prefer_primary", limits.prefer_primary);
}

void add_relay_keys(TableReader& reader, const std::string& file, Config& config)
{
    reader.key("pull", [&](const toml::node& node) { read_pulls(file, node, config); });
    reader.key("push", [&](const toml::node& node) { read_pushes(file, node, config); });
    reader.key("relay", [&](const toml::node& node) { read_relay(file, node, config.relay); });
    reader.key("backup", [](const toml::node&) {}); // Read when the values of [streams] are known.
}

void finish_relay_keys(const std::string& file, const toml::table& root, Config& config)
{
    if (const auto* backups = root.get("backup")) {
        read_backups(file, *backups, config);
    }
}

} // namespace millrace::server
