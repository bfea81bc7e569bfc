// Files in a folder that no name can leave.
#pragma once

#include <millrace/base/bytes.hpp>
#include <millrace/store/error.hpp>

#include <compare>
#include <span>
#include <string>
#include <vector>

namespace millrace::store {

/// A file descriptor that closes itself.
class File {
public:
    File() = default;
    explicit File(int descriptor) : descriptor_{descriptor} {}
    ~File();
    File(File&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}
    File& operator=(File&& other) noexcept;

    int descriptor() const { return descriptor_; }
    /// The same file once more, whatever has its name by now.
    File duplicate() const;

    /// Reads at a place until `into` is full or the file ends; gives how much was read.
    Result<std::size_t> read_at(std::span<std::uint8_t> into, std::uint64_t offset) const;
    /// Writes all of it at a place.
    Result<> write_at(ByteView bytes, std::uint64_t offset) const;
    /// Makes it that long.
    Result<> cut(std::uint64_t bytes) const;

    /// Tells one state of a file from another.
    struct Identity {
        std::uint64_t device = 0;
        std::uint64_t inode = 0;
        std::uint64_t bytes = 0;
        std::int64_t changed_ns = 0; ///< Nanoseconds since 1970 of its last change.

        auto operator<=>(const Identity&) const = default;
    };
    Result<Identity> identity() const;

private:
    int descriptor_ = -1;
};

/// Whether this may name a file: parts separated by single slashes, none of which is empty, too long for a
/// file name or begins with a dot, no control characters.
bool is_safe_name(std::string_view name);

/// A folder, held open. Each part of a name is opened by itself and never through a symbolic link, so that no
/// name, and nothing that stands in the folder, leads out of it. The folder's own path may go through links.
class Folder {
public:
    /// Opens a folder; makes it when `create` is set. Errors: what the system says.
    static Result<Folder> open(const std::string& path, bool create);

    const std::string& path() const { return path_; }

    /// A plain file, to be read. Errors: bad_name, not_found, not_a_file, what the system says.
    Result<File> read(std::string_view name) const;
    /// The same, to be read and written.
    Result<File> edit(std::string_view name) const;
    /// A new file, and the folders before it. One that has the name is unlinked: who reads it keeps it.
    Result<File> create(std::string_view name) const;
    /// Gives a file another name, in the place of what has that name.
    Result<> rename(std::string_view from, std::string_view to) const;
    Result<> remove(std::string_view name) const;

    /// Names of the plain files that end in `ending`, at most `most`, in folders at most 16 deep.
    std::vector<std::string> list(std::string_view ending, std::size_t most) const;

private:
    friend class Marks;

    struct Place {
        File folder;
        std::string name;
    };
    Result<Place> find(std::string_view name, bool make) const;
    Result<File> open_file(std::string_view name, int flags) const;

    File root_;
    std::string path_;
};

} // namespace millrace::store
