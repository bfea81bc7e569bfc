// Recordings and films by name.
#pragma once

#include <millrace/mp4/movie.hpp>
#include <millrace/store/folder.hpp>
#include <millrace/store/title.hpp>

#include <map>
#include <memory>
#include <mutex>

namespace millrace::store {

struct FlvIndex;

/// Finds and opens files in some folders. May be used by several threads at once. What is learnt of a file
/// (tables, index) is shared by all who read it at the same time.
class Library {
public:
    /// Looks into them in this order.
    explicit Library(std::vector<Folder> folders) : folders_{std::move(folders)} {}

    /// A file's name in its folder, and the file.
    struct Found {
        std::string name;
        File file;
    };
    /// The file that a stream's name means: APP/NAME as it stands, or with `.flv`, `.mp4`, `.m4v`, `.mov`; of
    /// the application `vod` also NAME alone. With `form` "mp4" (a client asked for `mp4:NAME`) the MP4
    /// endings come first. Errors: bad_name, not_found, not_a_file.
    Result<Found> find(std::string_view name, std::string_view form = {}) const;

    /// Opens it to be played. Errors: unknown_form, those of mp4::Opener, what the system says.
    Result<std::unique_ptr<Title>> open(File file);

private:
    Result<std::unique_ptr<Title>> open_flv(File file, const File::Identity& identity);
    Result<std::unique_ptr<Title>> open_mp4(File file, const File::Identity& identity);

    std::vector<Folder> folders_;
    std::mutex mutex_;
    std::map<File::Identity, std::weak_ptr<const mp4::Movie>> movies_;
    std::map<File::Identity, std::weak_ptr<FlvIndex>> indexes_;
};

} // namespace millrace::store
