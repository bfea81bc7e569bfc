// Files of vectors/, opened as a program would open them.
#pragma once

#include <millrace/base/reader.hpp>
#include <millrace/mp4/opener.hpp>

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <numeric>
#include <sstream>
#include <stdexcept>

namespace millrace::mp4 {

inline Bytes vector_file(const std::string& name)
{
    std::ifstream file{"vectors/" + name, std::ios::binary};
    if (!file) {
        throw std::runtime_error{"no vectors/" + name};
    }
    return {std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
}

inline Result<Movie> open(ByteView file, Limits limits = {})
{
    Opener opener{file.size(), limits};
    while (const auto range = opener.wants()) {
        if (const auto fed = opener.feed(file.subspan(static_cast<std::size_t>(range->offset), range->bytes));
            !fed) {
            return Unexpected{fed.error()};
        }
    }
    return opener.finish();
}

inline std::vector<std::size_t> all_tracks(const Movie& movie)
{
    std::vector<std::size_t> all(movie.tracks().size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    return all;
}

inline std::vector<Sample> samples_of(const Movie& movie)
{
    Movie::Walker walker{movie, all_tracks(movie)};
    std::vector<Sample> samples;
    while (auto sample = walker.next()) {
        samples.push_back(*sample);
    }
    return samples;
}

/// Boxes put together by hand.
inline Bytes box(const char (&type)[5], std::initializer_list<ByteView> parts)
{
    Bytes bytes;
    ByteWriter out{bytes};
    std::size_t size = 8;
    for (const auto part : parts) {
        size += part.size();
    }
    out.u32(static_cast<std::uint32_t>(size));
    out.text(std::string_view{type, 4});
    for (const auto part : parts) {
        out.bytes(part);
    }
    return bytes;
}

} // namespace millrace::mp4
