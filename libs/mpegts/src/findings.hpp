// What all parts of the demuxer add to: items, counters, warnings.
#pragma once

#include <millrace/mpegts/demuxer.hpp>

#include <deque>

namespace millrace::mpegts {

struct Findings {
    Demuxer::Limits limits;
    std::deque<media::Item> items;
    Demuxer::Counters counters;
    std::deque<Demuxer::Warning> warnings;
    std::uint64_t offset = 0; ///< Of the packet that is being read.

    void count(std::string_view name, std::uint64_t by = 1)
    {
        if (by > 0) {
            counters[name] += by;
        }
    }
    void warn(std::string reason)
    {
        if (warnings.size() < limits.warnings) {
            warnings.push_back({offset, std::move(reason)});
        }
    }
};

} // namespace millrace::mpegts
