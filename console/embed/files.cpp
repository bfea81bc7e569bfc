#include <millrace/console/files.hpp>

#include <algorithm>

namespace millrace::console {

const File* find(std::string_view path)
{
    const std::string_view wanted = path == "/" ? "/index.html" : path;
    const auto all = files();
    const auto found = std::ranges::find(all, wanted, &File::path);
    return found == all.end() ? nullptr : &*found;
}

} // namespace millrace::console
