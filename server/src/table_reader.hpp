// Reads tables of the configuration file, and says what is wrong with them.
#pragma once

#include <millrace/base/clock.hpp>

#include <toml++/toml.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace millrace::server {

/// How many letters must be added, removed or changed to make one word of the other; 1 at most when `b`
/// begins with `a`.
std::size_t distance(std::string_view a, std::string_view b);

/// The name that was probably meant.
template <class Names>
std::string nearest(std::string_view word, const Names& names)
{
    return *std::ranges::min_element(names, {},
                                     [word](std::string_view name) { return distance(word, name); });
}

/// Reads one table; each key has a function that takes its value. What is wrong throws ConfigError with file
/// and line.
class TableReader {
public:
    using Take = std::function<void(const toml::node&)>;

    TableReader(const std::string& file, std::string prefix) : file_{file}, prefix_{std::move(prefix)} {}

    void key(std::string name, Take take) { takes_.emplace(std::move(name), std::move(take)); }
    void text(const std::string& name, std::string& into);
    void seconds(const std::string& name, Clock::duration& into, double least, double most);
    void optional_seconds(const std::string& name, std::optional<Clock::duration>& into, double least,
                          double most);
    void flag(const std::string& name, bool& into);
    void count(const std::string& name, std::size_t& into, std::int64_t least, std::int64_t most);

    void read(const toml::table& table) const;

    [[noreturn]] void fail(const toml::node& node, const std::string& what) const;
    /// A node that must be a table.
    const toml::table& table(const toml::node& node, const std::string& name) const;

private:
    const std::string& file_;
    std::string prefix_;
    std::map<std::string, Take, std::less<>> takes_;
};

} // namespace millrace::server
