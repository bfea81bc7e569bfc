#include <millrace/exchange/pattern.hpp>

#include <stdexcept>

namespace millrace::exchange {

Pattern::Pattern(std::string text) : text_{std::move(text)}, star_{text_.find('*')}
{
    if (has_star() && text_.find('*', star_ + 1) != std::string::npos) {
        throw std::runtime_error{"\"" + text_ + "\" has more than one star"};
    }
    const bool whole = text_ == "*" || (text_.find('/') != std::string::npos && text_.front() != '/' &&
                                        text_.back() != '/' && text_.find("//") == std::string::npos);
    if (!whole || text_.find_first_of("?# ") != std::string::npos) {
        throw std::runtime_error{"\"" + text_ +
                                 "\" names no stream: expected APP/NAME, such as \"live/cam\" or \"live/*\""};
    }
}

std::optional<std::string_view> Pattern::match(std::string_view name) const
{
    if (!has_star()) {
        return name == text_ ? std::optional{std::string_view{}} : std::nullopt;
    }
    const auto head = std::string_view{text_}.substr(0, star_);
    const auto tail = std::string_view{text_}.substr(star_ + 1);
    if (name.size() < head.size() + tail.size() || !name.starts_with(head) || !name.ends_with(tail)) {
        return std::nullopt;
    }
    return name.substr(head.size(), name.size() - head.size() - tail.size());
}

} // namespace millrace::exchange
