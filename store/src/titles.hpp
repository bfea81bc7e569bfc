// The two kinds of files that are played.
#pragma once

#include <millrace/flv/file.hpp>
#include <millrace/mp4/opener.hpp>
#include <millrace/store/library.hpp>

namespace millrace::store {

/// What was learnt of an FLV file; made once, used by all who read the file meanwhile.
struct FlvIndex {
    std::mutex mutex;
    bool scanned = false; ///< Nothing more can be learnt.
    std::vector<flv::Place> keys;
    std::vector<flv::Place> configs;
    std::optional<std::chrono::milliseconds> duration;
};

Result<std::unique_ptr<Title>> open_flv_title(File file, std::uint64_t bytes,
                                              std::shared_ptr<FlvIndex> index);
Result<mp4::Movie> read_movie(const File& file, std::uint64_t bytes);
std::unique_ptr<Title> open_mp4_title(File file, std::shared_ptr<const mp4::Movie> movie);

} // namespace millrace::store
