// A URL with places for parts of a stream's name.
#pragma once

#include <millrace/clients/url.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace millrace::relay {

/// "rtmp://host/live/{name}": behind the host, `{stream}` stands for APP/NAME, `{app}` and `{name}` for its
/// two parts, and `*` for what the star of a pattern stands for.
class UrlTemplate {
public:
    /// Throws std::runtime_error that names the wrong part and says what was expected; passwords and queries
    /// are not in it.
    explicit UrlTemplate(std::string text);

    /// The URL for a stream. None when its name cannot stand in a URL: with control characters, any of
    /// "?#%&{}*", or a segment "..".
    std::optional<clients::Url> fill(std::string_view stream, std::string_view star) const;

    bool has_star() const { return has_star_; }
    /// Whether it is another URL for each stream.
    bool has_places() const { return has_star_ || text_.find('{') != std::string::npos; }
    clients::Scheme scheme() const { return scheme_; }
    /// For people: without what may be secret.
    std::string shown() const;

private:
    std::string text_;
    std::string::size_type path_; ///< Where it begins in the text.
    bool has_star_ = false;
    clients::Scheme scheme_ = clients::Scheme::rtmp;
};

} // namespace millrace::relay
