#include "table_reader.hpp"

#include <millrace/server/config.hpp>

#include <memory>
#include <numeric>
#include <sstream>
#include <utility>
#include <vector>

namespace millrace::server {

std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const auto change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
        }
    }
    // Who begins a name rightly and stops means that name.
    return !a.empty() && b.starts_with(a) ? std::min<std::size_t>(row.back(), 1) : row.back();
}

void TableReader::text(const std::string& name, std::string& into)
{
    key(name, [this, name, &into](const toml::node& node) {
        const auto value = node.value<std::string>();
        if (!value || !node.is_string()) {
            fail(node, prefix_ + name + " must be a text in quotes");
        }
        into = *value;
    });
}

void TableReader::seconds(const std::string& name, Clock::duration& into, double least, double most)
{
    key(name, [=, this, &into](const toml::node& node) {
        const auto value = node.value<double>();
        if (!value || *value < least || *value > most) {
            std::ostringstream wanted;
            wanted << prefix_ << name << " must be a number of seconds from " << least << " to " << most;
            fail(node, wanted.str());
        }
        into = std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>{*value});
    });
}

void TableReader::optional_seconds(const std::string& name, std::optional<Clock::duration>& into,
                                   double least, double most)
{
    const auto value = std::make_shared<Clock::duration>();
    seconds(name, *value, least, most);
    auto& take = takes_.at(name);
    take = [inner = std::move(take), value, &into](const toml::node& node) {
        inner(node);
        into = *value;
    };
}

void TableReader::flag(const std::string& name, bool& into)
{
    key(name, [this, name, &into](const toml::node& node) {
        if (!node.is_boolean()) {
            fail(node, prefix_ + name + " must be true or false");
        }
        into = *node.value<bool>();
    });
}

void TableReader::count(const std::string& name, std::size_t& into, std::int64_t least, std::int64_t most)
{
    key(name, [=, this, &into](const toml::node& node) {
        const auto value = node.value<std::int64_t>();
        if (!node.is_integer() || *value < least || *value > most) {
            fail(node, prefix_ + name + " must be a whole number from " + std::to_string(least) + " to " +
                           std::to_string(most));
        }
        into = static_cast<std::size_t>(*value);
    });
}

void TableReader::read(const toml::table& table) const
{
    for (const auto& [name, node] : table) {
        const auto take = takes_.find(name.str());
        if (take == takes_.end()) {
            std::vector<std::string> known;
            for (const auto& [key, unused] : takes_) {
                known.push_back(key);
            }
            fail(node, "unknown key \"" + prefix_ + std::string{name.str()} + "\"; did you mean \"" +
                           prefix_ + nearest(name.str(), known) + "\"?");
        }
        take->second(node);
    }
}

void TableReader::fail(const toml::node& node, const std::string& what) const
{
    throw ConfigError{file_ + ":" + std::to_string(node.source().begin.line) + ": " + what};
}

const toml::table& TableReader::table(const toml::node& node, const std::string& name) const
{
    if (const auto* table = node.as_table()) {
        return *table;
    }
    fail(node, name + " must be a table, written as [" + name + "]");
}

} // namespace millrace::server
