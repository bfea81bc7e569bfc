// Numbers of HLS that no run of the server gives out twice.
#pragma once

#include <cstdint>
#include <string>

namespace millrace::server {

/// Media and discontinuity sequence numbers above all that were given out, kept in a small file. It is
/// written when the server starts and when it ends, never in between: what is written at the start leaves
/// room for a run that ends without a goodbye.
class HlsEpoch {
public:
    /// Reads and writes `folder`/hls/epoch. Where that cannot be, the clock alone must do; `warning()` says
    /// so.
    explicit HlsEpoch(const std::string& folder);

    std::uint64_t first_msn() const { return msn_; }
    std::uint64_t first_discontinuity() const { return discontinuity_; }
    const std::string& warning() const { return warning_; }

    /// The run is over: these are the lowest numbers that it did not give out.
    void finish(std::uint64_t msn, std::uint64_t discontinuity);

private:
    void write(std::uint64_t msn, std::uint64_t discontinuity);

    std::string file_;
    std::string warning_;
    std::uint64_t msn_ = 0;
    std::uint64_t discontinuity_ = 0;
};

} // namespace millrace::server
