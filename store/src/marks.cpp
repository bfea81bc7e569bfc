#include "marks.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>

namespace millrace::store {
namespace {

constexpr const char* kFolder = ".recording";
constexpr std::size_t kMostMark = 250;

/// A name as one part of a path: the slash, the percent sign and whatever is no plain letter as %XX.
std::string encoded(std::string_view name)
{
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string text;
    for (const auto c : name) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '/' || c == '%' || byte >= 0x80 || byte <= 0x20) {
            text += '%';
            text += kDigits[byte >> 4U];
            text += kDigits[byte & 15U];
        } else {
            text += c;
        }
    }
    return text;
}

int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : 0;
}

std::string decoded(std::string_view text)
{
    std::string name;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            name += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
            i += 2;
        } else {
            name += text[i];
        }
    }
    return name;
}

} // namespace

Result<File> Marks::open(bool make) const
{
    const auto root = folder_.root_.descriptor();
    if (make && mkdirat(root, kFolder, 0777) != 0 && errno != EEXIST) {
        return Unexpected{last_system_error()};
    }
    File folder{openat(root, kFolder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (folder.descriptor() < 0) {
        return Unexpected{last_system_error()};
    }
    return folder;
}

Result<> Marks::set(std::string_view name) const
{
    const auto text = encoded(name);
    if (text.size() > kMostMark) {
        return Unexpected{Errc::bad_name};
    }
    const auto folder = open(true);
    if (!folder) {
        return Unexpected{folder.error()};
    }
    const File mark{
        openat(folder->descriptor(), text.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666)};
    if (mark.descriptor() < 0) {
        return Unexpected{last_system_error()};
    }
    return {};
}

void Marks::clear(std::string_view name) const
{
    if (const auto folder = open(false)) {
        unlinkat(folder->descriptor(), encoded(name).c_str(), 0);
    }
}

std::vector<std::string> Marks::all() const
{
    std::vector<std::string> names;
    const auto folder = open(false);
    if (!folder) {
        return names;
    }
    const std::unique_ptr<DIR, int (*)(DIR*)> entries{fdopendir(dup(folder->descriptor())), closedir};
    while (const auto* entry = entries ? readdir(entries.get()) : nullptr) {
        if (const std::string_view text{entry->d_name}; text != "." && text != "..") {
            names.push_back(decoded(text));
        }
    }
    return names;
}

} // namespace millrace::store
