#include "archive_config.hpp"

namespace millrace::server {
namespace {

const toml::table& table_of(const TableReader& reader, const toml::node& node, const std::string& name)
{
    if (const auto* table = node.as_table()) {
        return *table;
    }
    reader.fail(node, name + " must be a table, written as [" + name + "]");
}

template <class T>
void read_list(const TableReader& reader, const std::string& name, const std::string& example,
               const toml::node& node, std::vector<T>& into)
{
    const auto* list = node.as_array();
    if (list == nullptr) {
        reader.fail(node, name + " must be a list such as " + example);
    }
    into.clear();
    for (const auto& each : *list) {
        const auto text = each.value<std::string>();
        if (!text || text->empty()) {
            reader.fail(each, name + " must be a list such as " + example);
        }
        try {
            into.emplace_back(*text);
        } catch (const std::runtime_error& error) {
            reader.fail(each, name + ": " + error.what());
        }
    }
}

} // namespace

void read_record(const std::string& file, const toml::node& node, ArchiveConfig& into)
{
    constexpr const char* kExample = R"(["live/*", "studio/cam"])";
    TableReader record{file, "record."};
    Clock::duration time = into.most_time;
    std::size_t bytes = 0;
    record.text("directory", into.directory);
    record.key("allowed", [&](const toml::node& list) {
        read_list(record, "record.allowed", kExample, list, into.allowed);
    });
    record.key("streams", [&](const toml::node& list) {
        read_list(record, "record.streams", kExample, list, into.streams);
    });
    record.key("kind", [&](const toml::node& kind) {
        const auto text = kind.value_or(std::string{});
        if (text != "append" && text != "record") {
            record.fail(kind, R"(record.kind must be "append" or "record")");
        }
        into.append = text == "append";
    });
    record.seconds("max_seconds", time, 0, 1e6);
    record.count("max_bytes", bytes, 0, std::int64_t{1} << 50);
    record.read(table_of(record, node, "record"));
    into.most_time = std::chrono::duration_cast<std::chrono::seconds>(time);
    into.most_bytes = bytes;
}

void read_vod(const std::string& file, const toml::node& node, ArchiveConfig& into)
{
    TableReader vod{file, "vod."};
    Clock::duration ahead = into.pace.most_ahead;
    vod.key("folders", [&](const toml::node& list) {
        read_list(vod, "vod.folders", R"(["/srv/films"])", list, into.folders);
    });
    vod.count("threads", into.threads, 1, 64);
    vod.seconds("max_ahead", ahead, 1, 86400);
    vod.read(table_of(vod, node, "vod"));
    into.pace.most_ahead = std::chrono::duration_cast<std::chrono::milliseconds>(ahead);
}

} // namespace millrace::server
