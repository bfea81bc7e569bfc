// Which recordings have begun and not ended: one empty file for each, so that what a crash left is found at
// once.
#pragma once

#include <millrace/store/folder.hpp>

namespace millrace::store {

/// The marks of one folder of recordings, in its folder `.recording`, which no name can mean.
class Marks {
public:
    explicit Marks(const Folder& folder) : folder_{folder} {}

    Result<> set(std::string_view name) const;
    void clear(std::string_view name) const;
    /// The names that are marked.
    std::vector<std::string> all() const;

private:
    Result<File> open(bool make) const;

    const Folder& folder_;
};

} // namespace millrace::store
