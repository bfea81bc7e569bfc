// A folder for one test, gone after it.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <stdexcept>

namespace millrace::objects {

struct Folder {
    Folder()
    {
        auto name = (std::filesystem::temp_directory_path() / "millrace-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error{"no folder for a test"};
        }
        path = name;
    }
    ~Folder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::filesystem::path path;
};

} // namespace millrace::objects
