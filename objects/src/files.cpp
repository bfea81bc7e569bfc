#include "files.hpp"

#include <millrace/crypto/hash.hpp>

#include <spdlog/spdlog.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>

namespace millrace::objects {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEnding = ".object";
constexpr std::string_view kUnfinished = ".new";
constexpr std::string_view kDamaged = ".damaged";
constexpr std::size_t kMostLetters = 150; ///< Of a name; file systems take 255.
constexpr std::string_view kDigits = "0123456789abcdef";

void append_hex(std::string& text, std::uint8_t byte)
{
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
}

bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/// A peer's text, as the log takes it.
std::string shown(const std::string& name)
{
    return amf::to_string(name, 64);
}

/// A name that is one folder entry, whatever was given, and another one for another name.
std::string safe(std::string_view name)
{
    std::string text;
    for (const char c : name) {
        if (is_plain(c)) {
            text += c;
        } else {
            text += '%';
            append_hex(text, static_cast<std::uint8_t>(c));
        }
    }
    if (text.size() <= kMostLetters) {
        return text.empty() ? "%" : text;
    }
    text.resize(kMostLetters - 65);
    text += '~';
    for (const auto byte : crypto::sha256(as_bytes(name))) {
        append_hex(text, byte);
    }
    return text;
}

/// A file that is closed when it goes.
class Descriptor {
public:
    explicit Descriptor(int number) : number_{number} {}
    ~Descriptor() { close(); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int get() const { return number_; }
    bool close()
    {
        const bool good = number_ >= 0 && ::close(number_) == 0;
        number_ = -1;
        return good;
    }

private:
    int number_;
};

bool write_all(int file, ByteView bytes)
{
    while (!bytes.empty()) {
        const auto written = ::write(file, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return true;
}

/// Its bytes are on the disk when this gives true.
bool write_file(const fs::path& path, ByteView bytes)
{
    Descriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
    return file.get() >= 0 && write_all(file.get(), bytes) && ::fsync(file.get()) == 0 && file.close();
}

} // namespace

std::filesystem::path Files::path_of(const Key& key) const
{
    return folder_ / safe(key.first) / (safe(key.second) + std::string{kEnding});
}

Files::Sum Files::sum() const
{
    Sum sum;
    std::error_code error;
    for (fs::recursive_directory_iterator at{folder_, error}, end; !error && at != end; at.increment(error)) {
        std::error_code gone;
        const auto ending = at->path().extension();
        if (ending == kUnfinished) {
            fs::remove(at->path(), gone);
        } else if (ending == kEnding) {
            const auto size = at->file_size(gone);
            sum.objects += gone ? 0U : 1U;
            sum.bytes += gone ? 0U : static_cast<std::size_t>(size);
        }
    }
    return sum;
}

std::optional<std::size_t> Files::size_of(const Key& key) const
{
    std::error_code error;
    const auto size = fs::file_size(path_of(key), error);
    return error ? std::nullopt : std::optional{static_cast<std::size_t>(size)};
}

std::optional<rtmp::StoredObject> Files::load(const Key& key) const
{
    const auto path = path_of(key);
    std::ifstream in{path, std::ios::binary};
    if (!in) {
        return std::nullopt;
    }
    const Bytes bytes{std::istreambuf_iterator<char>{in}, {}};
    auto object = rtmp::read_stored_object(bytes);
    if (object && object->app == key.first && object->name == key.second) {
        return std::move(*object);
    }
    const auto why = object ? std::string{"it holds another object"} : object.error().message();
    auto aside = path;
    aside += kDamaged;
    std::error_code error;
    fs::rename(path, aside, error);
    spdlog::warn("shared object {}: {} cannot be used: {}; it begins anew, the file is now {}",
                 shown(key.second), path.string(), why, error ? path.string() : aside.string());
    return std::nullopt;
}

bool Files::save(const rtmp::StoredObject& object) const
{
    const auto path = path_of({object.app, object.name});
    auto unfinished = path;
    unfinished += kUnfinished;
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    errno = 0;
    if (!write_file(unfinished, rtmp::write_stored_object(object))) {
        spdlog::error("shared object {}: {} cannot be written: {}; it is kept in memory and tried again",
                      shown(object.name), unfinished.string(), std::strerror(errno));
        fs::remove(unfinished, error);
        return false;
    }
    fs::rename(unfinished, path, error);
    if (error) {
        spdlog::error("shared object {}: {} cannot be replaced: {}", shown(object.name), path.string(),
                      error.message());
    }
    return !error;
}

} // namespace millrace::objects
