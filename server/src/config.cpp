#include "archive_config.hpp"
#include "config_applications.hpp"
#include "hls_config.hpp"
#include "relay_config.hpp"
#include "rtsp_config.hpp"
#include "table_reader.hpp"
#include <millrace/server/config.hpp>

#include <toml++/toml.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace millrace::server {
namespace {

constexpr const char* kProtocols[] = {"rtmp",   "rtmps", "rtmpe", "rtmpt", "rtmpte",
                                      "rtmpts", "http",  "https", "rtsp",  "rtsps"};
/// Named by the contract, spoken by a later version.
constexpr const char* kLaterProtocols[] = {"mms"};

void read_protocols(const TableReader& reader, const toml::node& node, Config& config, Listen& listen)
{
    const auto* names = node.as_array();
    if (names == nullptr || names->empty()) {
        reader.fail(node, R"(listen.protocols must be a list such as ["rtmp", "http"])");
    }
    for (const auto& name : *names) {
        const auto text = name.value_or(std::string{});
        if (std::ranges::find(kProtocols, text) != std::end(kProtocols)) {
            listen.protocols.insert(text);
        } else if (std::ranges::find(kLaterProtocols, text) != std::end(kLaterProtocols)) {
            config.warnings.push_back("listen.protocols: \"" + text +
                                      "\" is not spoken by this version; left out");
        } else {
            reader.fail(name, "unknown protocol \"" + text + "\"; did you mean \"" +
                                  nearest(text, kProtocols) + "\"?");
        }
    }
}

void read_listen(const std::string& file, const toml::node& node, Config& config)
{
    const auto* list = node.as_array();
    TableReader outer{file, {}};
    if (list == nullptr || !list->is_array_of_tables()) {
        outer.fail(node, "listen must be written as [[listen]], once for each address");
    }
    for (const auto& entry : *list) {
        Listen listen;
        TableReader reader{file, "listen."};
        reader.text("address", listen.address);
        reader.key("protocols",
                   [&](const toml::node& names) { read_protocols(reader, names, config, listen); });
        reader.read(*entry.as_table());
        if (listen.address.empty()) {
            reader.fail(entry, R"([[listen]] needs an address such as "[::]:1935")");
        }
        if (listen.protocols.empty() && entry.as_table()->contains("protocols")) {
            reader.fail(entry, "none of the protocols of " + listen.address + " is spoken by this version");
        }
        if (listen.protocols.empty()) {
            listen.protocols = {std::begin(kProtocols), std::end(kProtocols)};
        }
        config.listen.push_back(std::move(listen));
    }
}

const toml::table& table_of(const std::string& file, const toml::node& node, const std::string& name)
{
    if (const auto* table = node.as_table()) {
        return *table;
    }
    TableReader{file, {}}.fail(node, name + " must be a table, written as [" + name + "]");
}

} // namespace

Config parse_config(std::string_view text, const std::string& file)
{
    Config config;
    toml::table root;
    try {
        root = toml::parse(text, file);
    } catch (const toml::parse_error& error) {
        throw ConfigError{file + ":" + std::to_string(error.source().begin.line) + ": " +
                          std::string{error.description()}};
    }
    auto& settings = config.settings;
    TableReader reader{file, {}};
    reader.text("data", config.data);
    reader.text("log_level", config.log_level);
    reader.count("threads", config.threads, 0, 256);
    reader.key("listen", [&](const toml::node& node) { read_listen(file, node, config); });
    reader.key("tls", [&](const toml::node& node) {
        TableReader tls{file, "tls."};
        tls.text("certificate", config.tls.certificate);
        tls.text("key", config.tls.key);
        tls.read(table_of(file, node, "tls"));
        if (config.tls.certificate.empty() || config.tls.key.empty()) {
            tls.fail(node, "[tls] needs both certificate and key, two PEM files");
        }
    });
    reader.key("streams", [&](const toml::node& node) {
        TableReader streams{file, "streams."};
        streams.seconds("grace", settings.grace, 0, 3600);
        streams.seconds("takeover_after", settings.silence, 0.1, 3600);
        streams.count("most", settings.streams, 1, 1000000);
        add_backup_keys(streams, settings.succession);
        streams.read(table_of(file, node, "streams"));
    });
    reader.key("rtmp", [&](const toml::node& node) {
        std::string codecs = "pass";
        TableReader rtmp{file, "rtmp."};
        rtmp.text("unannounced_codecs", codecs);
        rtmp.read(table_of(file, node, "rtmp"));
        if (codecs != "pass" && codecs != "refuse") {
            rtmp.fail(node, R"(rtmp.unannounced_codecs must be "pass" or "refuse")");
        }
        settings.refuse_unannounced = codecs == "refuse";
    });
    reader.key("rtsp", [&](const toml::node& node) { read_rtsp(file, node, config.rtsp); });
    reader.key("viewers", [&](const toml::node& node) {
        TableReader viewers{file, "viewers."};
        viewers.seconds("max_latency", settings.max_latency, 0.2, 60);
        viewers.seconds("stall_limit", settings.stall_limit, 1, 3600);
        viewers.read(table_of(file, node, "viewers"));
    });
    reader.key("record", [&](const toml::node& node) { read_record(file, node, config.archive); });
    reader.key("vod", [&](const toml::node& node) { read_vod(file, node, config.archive); });
    reader.key("hls", [&](const toml::node& node) { read_hls(file, node, config.hls); });
    reader.key("limits", [&](const toml::node& node) {
        TableReader limits{file, "limits."};
        limits.count("connections", config.connections, 1, 10000000);
        limits.read(table_of(file, node, "limits"));
    });
    reader.key("drain", [&](const toml::node& node) {
        TableReader drain{file, "drain."};
        drain.seconds("time", config.drain.time, 0, 3600);
        drain.key("server",
                  [&](const toml::node& server) { config.drain.server = read_rtmp_server(drain, server); });
        drain.read(table_of(file, node, "drain"));
    });
    reader.key("application", [&](const toml::node& node) { read_applications(file, node, config); });
    reader.key("shared_objects", [&](const toml::node& node) {
        auto& limits = config.shared_objects.limits;
        TableReader objects{file, "shared_objects."};
        objects.count("most", limits.objects, 1, 1000000);
        objects.count("per_client", limits.objects_of_client, 1, 10000);
        objects.count("slots", limits.slots, 1, 100000);
        objects.count("value_bytes", limits.value_bytes, 16, 1000000);
        objects.count("object_bytes", limits.object_bytes, 1024, 100000000);
        objects.count("bytes", limits.bytes, 1024, 100000000000);
        objects.read(table_of(file, node, "shared_objects"));
    });
    add_relay_keys(reader, file, config);
    reader.read(root);
    finish_relay_keys(file, root, config);
    return config;
}

Config read_config(const std::string& file)
{
    std::ifstream in{file, std::ios::binary};
    if (!in) {
        throw ConfigError{file + ": cannot be read: " + std::generic_category().message(errno)};
    }
    if (std::filesystem::is_directory(file)) {
        throw ConfigError{file + ": cannot be read: it is a folder"};
    }
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    return parse_config(text, file);
}

std::vector<Listen> default_listen(int port_offset)
{
    const auto address = [port_offset](int port) {
        port += port_offset;
        if (port < 1 || port > 65535) {
            throw ConfigError{"--port-offset " + std::to_string(port_offset) + " moves port " +
                              std::to_string(port - port_offset) + " out of 1 to 65535"};
        }
        return "[::]:" + std::to_string(port);
    };
    std::set<std::string> all{std::begin(kProtocols), std::end(kProtocols)};
    all.erase("rtsp");
    all.erase("rtsps");
    return {{.address = address(1935), .protocols = all, .preset = true},
            {.address = address(8080), .protocols = all, .preset = true},
            {.address = address(8443), .protocols = {"https", "rtmps", "rtmpts"}, .preset = true},
            {.address = address(8554), .protocols = {"rtsp", "rtsps"}, .preset = true}};
}

bool Listen::wants_tls() const
{
    return protocols.contains("rtmps") || protocols.contains("rtmpts") || protocols.contains("https") ||
           protocols.contains("rtsps");
}

} // namespace millrace::server
