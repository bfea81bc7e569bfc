// What the tests of files share.
#pragma once

#include "bodies.hpp"
#include <millrace/flv/demuxer.hpp>
#include <millrace/flv/muxer.hpp>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace millrace::flv {

inline Bytes vector_file(const std::string& name)
{
    std::ifstream file{"vectors/" + name, std::ios::binary};
    if (!file) {
        throw std::runtime_error{"no vectors/" + name};
    }
    return {std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
}

inline std::vector<media::Item> drain(Demuxer& demuxer)
{
    std::vector<media::Item> items;
    while (auto item = demuxer.next()) {
        items.push_back(std::move(*item));
    }
    return items;
}

inline std::vector<Demuxer::Warning> warnings(Demuxer& demuxer)
{
    std::vector<Demuxer::Warning> all;
    while (auto warning = demuxer.next_warning()) {
        all.push_back(std::move(*warning));
    }
    return all;
}

inline std::vector<media::Item> demuxed(ByteView file)
{
    Demuxer demuxer;
    (void)demuxer.feed(file);
    demuxer.end();
    return drain(demuxer);
}

inline Bytes joined(const media::Pieces& pieces)
{
    Bytes bytes;
    for (const auto& piece : pieces) {
        bytes.insert(bytes.end(), piece.view().begin(), piece.view().end());
    }
    return bytes;
}

/// All that a file holds as what a reader would be told first, and the frames.
inline std::pair<media::Head, std::vector<media::Frame>> sorted(const std::vector<media::Item>& items)
{
    return {{only<media::Track>(items), only<media::Metadata>(items)}, only<media::Frame>(items)};
}

/// A whole file of these.
inline Bytes muxed(const media::Head& head, const std::vector<media::Frame>& frames)
{
    Muxer muxer;
    media::Pieces pieces;
    media::Pieces unused;
    muxer.prologue(head, media_ms(0), pieces);
    for (const auto& track : head.tracks) {
        muxer.write(track, media_ms(0), unused);
    }
    for (const auto& frame : frames) {
        muxer.write(frame, frame.key, pieces);
    }
    return joined(pieces);
}

} // namespace millrace::flv
