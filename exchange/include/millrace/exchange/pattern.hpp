// Names of streams with a star in them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace millrace::exchange {

/// "live/cam" is one stream, "live/*" all whose name begins with "live/", "*" all. One star at most; it
/// stands for any text, also for none, also for one with slashes.
class Pattern {
public:
    /// Throws std::runtime_error that says what was expected.
    explicit Pattern(std::string text);

    /// What the star stands for, when the name matches; empty text without a star.
    std::optional<std::string_view> match(std::string_view name) const;
    bool matches(std::string_view name) const { return match(name).has_value(); }

    bool has_star() const { return star_ != std::string::npos; }
    const std::string& text() const { return text_; }

private:
    std::string text_;
    std::string::size_type star_;
};

} // namespace millrace::exchange
