// What the configuration says of recordings.
#pragma once

#include <millrace/exchange/pattern.hpp>
#include <millrace/vod/pace.hpp>

#include <string>
#include <vector>

namespace millrace::server {

struct ArchiveConfig {
    // [record]
    std::string directory;                                          ///< Empty: `vod` below the data folder.
    std::vector<exchange::Pattern> allowed{exchange::Pattern{"*"}}; ///< Whose publisher may ask for it.
    std::vector<exchange::Pattern> streams;                         ///< Recorded unasked.
    bool append = true;                                             ///< Those go on in their file.
    std::chrono::seconds most_time{0};                              ///< Of one recording; 0: no limit.
    std::uint64_t most_bytes = 0;                                   ///< Of one recording; 0: no limit.
    // [vod]
    std::vector<std::string> folders; ///< Beside the one of the recordings.
    std::size_t threads = 2;          ///< That read files.
    vod::Pace::Limits pace;
};

} // namespace millrace::server
