#include "hls_epoch.hpp"

#include <millrace/base/clock.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace millrace::server {
namespace {

/// What a run that ends without a goodbye may have given out: a day of segments, and so many breaks.
constexpr std::uint64_t kRoomSegments = 86400;
constexpr std::uint64_t kRoomBreaks = 1000;

std::uint64_t unix_seconds()
{
    const auto now = WallTime::clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(now).count());
}

} // namespace

HlsEpoch::HlsEpoch(const std::string& folder) : file_{folder + "/hls/epoch"}
{
    std::ifstream in{file_};
    std::uint64_t msn = 0;
    std::uint64_t discontinuity = 0;
    if (in >> msn >> discontinuity) {
        msn_ = msn;
        discontinuity_ = discontinuity;
    }
    // The clock goes on when the file is lost: a segment is at least about a second long.
    msn_ = std::max(msn_, unix_seconds());
    write(msn_ + kRoomSegments, discontinuity_ + kRoomBreaks);
}

void HlsEpoch::finish(std::uint64_t msn, std::uint64_t discontinuity)
{
    write(std::max(msn, msn_), std::max(discontinuity, discontinuity_) + 1);
}

void HlsEpoch::write(std::uint64_t msn, std::uint64_t discontinuity)
{
    std::error_code error;
    std::filesystem::create_directories(std::filesystem::path{file_}.parent_path(), error);
    const auto fresh = file_ + ".new";
    {
        std::ofstream out{fresh, std::ios::trunc};
        out << msn << ' ' << discontinuity << '\n';
        out.flush();
        if (!out) {
            warning_ =
                file_ +
                " cannot be written: after a restart the numbers of HLS segments rest on the clock alone";
            return;
        }
    }
    std::filesystem::rename(fresh, file_, error);
    if (error) {
        warning_ = file_ + " cannot be written: " + error.message();
    }
}

} // namespace millrace::server
