// Persistent shared objects as files, one each.
#pragma once

#include <millrace/rtmp/shared_objects.hpp>

#include <filesystem>

namespace millrace::objects {

/// A folder of shared objects: named so that no object leaves it, written so that a file is either the old or
/// the new one, whenever we are stopped.
///
/// Its functions may be called from several threads; those that write an object, from one at a time.
class Files {
public:
    using Key = rtmp::SharedObjects::Key;

    explicit Files(std::filesystem::path folder) : folder_{std::move(folder)} {}

    struct Sum {
        std::size_t objects = 0;
        std::size_t bytes = 0;
    };
    /// What is stored. Removes what a write that was cut short has left behind.
    Sum sum() const;

    /// How many bytes its file has; none when there is none.
    std::optional<std::size_t> size_of(const Key& key) const;
    /// None when there is no such file, or when it is damaged: then it is put aside under another name, and
    /// that is logged.
    std::optional<rtmp::StoredObject> load(const Key& key) const;
    /// Writes the file anew. False, and a log line, when that fails; the old file is then untouched.
    bool save(const rtmp::StoredObject& object) const;

    /// Where an object is stored: APP/NAME with all but letters, digits, '-' and '_' written as %XX, in a
    /// folder for the application; what is too long is cut and gets its hash.
    std::filesystem::path path_of(const Key& key) const;

private:
    std::filesystem::path folder_;
};

} // namespace millrace::objects
