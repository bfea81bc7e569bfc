#include <millrace/store/folder.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>

namespace millrace::store {
namespace {

constexpr std::size_t kMostPart = 255; ///< Bytes of a file name on all usual file systems.
constexpr std::size_t kMostName = 1024;
constexpr int kDeepest = 16;
constexpr mode_t kFolderMode = 0777; ///< The umask takes its part of it.
constexpr mode_t kFileMode = 0666;
constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

bool is_safe_part(std::string_view part)
{
    return !part.empty() && part.front() != '.' && part.size() <= kMostPart &&
           std::ranges::none_of(part, [](unsigned char c) { return c < 0x20 || c == 0x7f || c == '\\'; });
}

Error named_error()
{
    if (errno == ENOENT || errno == ENOTDIR) {
        return errno == ENOENT ? Error{Errc::not_found} : Error{Errc::not_a_file};
    }
    return errno == ELOOP || errno == EISDIR ? Error{Errc::not_a_file} : last_system_error();
}

/// Of a file, as far as it is a plain one.
Result<File> plain(File file)
{
    struct stat facts {};
    if (fstat(file.descriptor(), &facts) != 0) {
        return Unexpected{last_system_error()};
    }
    if (!S_ISREG(facts.st_mode)) {
        return Unexpected{Errc::not_a_file};
    }
    return file;
}

void list_into(int folder, const std::string& prefix, std::string_view ending, std::size_t most, int depth,
               std::vector<std::string>& names)
{
    const std::unique_ptr<DIR, int (*)(DIR*)> entries{fdopendir(dup(folder)), closedir};
    if (!entries) {
        return;
    }
    while (const auto* entry = readdir(entries.get())) {
        const std::string_view name{entry->d_name};
        struct stat facts {};
        if (names.size() >= most || !is_safe_part(name) ||
            fstatat(folder, entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) != 0) {
            continue;
        }
        if (S_ISREG(facts.st_mode) && name.ends_with(ending)) {
            names.push_back(prefix + std::string{name});
        } else if (S_ISDIR(facts.st_mode) && depth < kDeepest) {
            const File inner{openat(folder, entry->d_name, kFolderFlags)};
            list_into(inner.descriptor(), prefix + std::string{name} + "/", ending, most, depth + 1, names);
        }
    }
}

} // namespace

File::~File()
{
    if (descriptor_ >= 0) {
        close(descriptor_);
    }
}

File& File::operator=(File&& other) noexcept
{
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

File File::duplicate() const
{
    return File{fcntl(descriptor_, F_DUPFD_CLOEXEC, 0)};
}

Result<std::size_t> File::read_at(std::span<std::uint8_t> into, std::uint64_t offset) const
{
    std::size_t done = 0;
    while (done < into.size()) {
        const auto got =
            pread(descriptor_, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return Unexpected{last_system_error()};
        }
        if (got == 0) {
            break;
        }
        done += static_cast<std::size_t>(got);
    }
    return done;
}

Result<> File::write_at(ByteView bytes, std::uint64_t offset) const
{
    while (!bytes.empty()) {
        const auto put = pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put < 0) {
            return Unexpected{last_system_error()};
        }
        bytes = bytes.subspan(static_cast<std::size_t>(put));
        offset += static_cast<std::uint64_t>(put);
    }
    return {};
}

Result<> File::cut(std::uint64_t bytes) const
{
    if (ftruncate(descriptor_, static_cast<off_t>(bytes)) != 0) {
        return Unexpected{last_system_error()};
    }
    return {};
}

Result<File::Identity> File::identity() const
{
    struct stat facts {};
    if (fstat(descriptor_, &facts) != 0) {
        return Unexpected{last_system_error()};
    }
    constexpr std::int64_t kSecond = 1'000'000'000;
    return Identity{.device = facts.st_dev,
                    .inode = facts.st_ino,
                    .bytes = static_cast<std::uint64_t>(facts.st_size),
                    .changed_ns = facts.st_mtim.tv_sec * kSecond + facts.st_mtim.tv_nsec};
}

bool is_safe_name(std::string_view name)
{
    if (name.size() > kMostName) {
        return false;
    }
    while (true) {
        const auto slash = name.find('/');
        if (!is_safe_part(name.substr(0, slash))) {
            return false;
        }
        if (slash == std::string_view::npos) {
            return true;
        }
        name.remove_prefix(slash + 1);
    }
}

Result<Folder> Folder::open(const std::string& path, bool create)
{
    if (create) {
        std::error_code error;
        std::filesystem::create_directories(path, error);
        if (error) {
            return Unexpected{Error{error}};
        }
    }
    Folder folder;
    folder.root_ = File{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    folder.path_ = path;
    if (folder.root_.descriptor() < 0) {
        return Unexpected{last_system_error()};
    }
    return folder;
}

/// Goes down to the last folder of a name.
Result<Folder::Place> Folder::find(std::string_view name, bool make) const
{
    if (!is_safe_name(name)) {
        return Unexpected{Errc::bad_name};
    }
    File at{fcntl(root_.descriptor(), F_DUPFD_CLOEXEC, 0)};
    for (auto slash = name.find('/'); slash != std::string_view::npos; slash = name.find('/')) {
        const std::string part{name.substr(0, slash)};
        if (make && mkdirat(at.descriptor(), part.c_str(), kFolderMode) != 0 && errno != EEXIST) {
            return Unexpected{last_system_error()};
        }
        File next{openat(at.descriptor(), part.c_str(), kFolderFlags)};
        if (next.descriptor() < 0) {
            return Unexpected{named_error()};
        }
        at = std::move(next);
        name.remove_prefix(slash + 1);
    }
    return Place{std::move(at), std::string{name}};
}

Result<File> Folder::open_file(std::string_view name, int flags) const
{
    const auto place = find(name, false);
    if (!place) {
        return Unexpected{place.error()};
    }
    // Not blocking: a pipe that stands there is found out, and not waited for.
    File file{
        openat(place->folder.descriptor(), place->name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)};
    if (file.descriptor() < 0) {
        return Unexpected{named_error()};
    }
    return plain(std::move(file));
}

Result<File> Folder::read(std::string_view name) const
{
    return open_file(name, O_RDONLY);
}

Result<File> Folder::edit(std::string_view name) const
{
    return open_file(name, O_RDWR);
}

Result<File> Folder::create(std::string_view name) const
{
    const auto place = find(name, true);
    if (!place) {
        return Unexpected{place.error()};
    }
    if (unlinkat(place->folder.descriptor(), place->name.c_str(), 0) != 0 && errno != ENOENT) {
        return Unexpected{named_error()};
    }
    File file{openat(place->folder.descriptor(), place->name.c_str(),
                     O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kFileMode)};
    if (file.descriptor() < 0) {
        return Unexpected{last_system_error()};
    }
    return file;
}

Result<> Folder::rename(std::string_view from, std::string_view to) const
{
    const auto old_place = find(from, false);
    const auto new_place = find(to, false);
    if (!old_place || !new_place) {
        return Unexpected{old_place ? new_place.error() : old_place.error()};
    }
    if (renameat(old_place->folder.descriptor(), old_place->name.c_str(), new_place->folder.descriptor(),
                 new_place->name.c_str()) != 0) {
        return Unexpected{named_error()};
    }
    return {};
}

Result<> Folder::remove(std::string_view name) const
{
    const auto place = find(name, false);
    if (!place) {
        return Unexpected{place.error()};
    }
    if (unlinkat(place->folder.descriptor(), place->name.c_str(), 0) != 0) {
        return Unexpected{named_error()};
    }
    return {};
}

std::vector<std::string> Folder::list(std::string_view ending, std::size_t most) const
{
    std::vector<std::string> names;
    list_into(root_.descriptor(), {}, ending, most, 0, names);
    std::ranges::sort(names);
    return names;
}

} // namespace millrace::store
