#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace millrace::console {

/// One file of the console as the server sends it. All of it is in the binary and lives as long as the
/// program.
struct File {
    std::string_view path;         ///< As in a URL, with its slash: "/index.html".
    std::string_view content_type; ///< With the charset, where it is text.
    std::span<const std::uint8_t> bytes;
    std::string_view etag; ///< As it stands in the header, with its quotes (RFC 9110 §8.8.3).
    bool immutable;        ///< Its name changes with its content, so that a client may keep it for ever.
};

/// The file served at `path` ("/" is index.html); null when there is none.
const File* find(std::string_view path);

/// All files, index.html among them.
std::span<const File> files();

} // namespace millrace::console
