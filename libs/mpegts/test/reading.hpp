// What a demuxer makes of bytes, however they are cut.
#pragma once

#include "material.hpp"
#include <millrace/mpegts/demuxer.hpp>

namespace millrace::mpegts {

struct Outcome {
    bool good = true;
    std::vector<media::Item> items;
    std::vector<Demuxer::Warning> warnings;
    Demuxer::Counters counters;

    std::vector<media::Frame> frames(media::TrackId track) const
    {
        std::vector<media::Frame> found;
        for (const auto& item : items) {
            if (const auto* frame = std::get_if<media::Frame>(&item);
                frame != nullptr && frame->track == track) {
                found.push_back(*frame);
            }
        }
        return found;
    }
    std::vector<media::Track> tracks() const
    {
        std::vector<media::Track> found;
        for (const auto& item : items) {
            if (const auto* track = std::get_if<media::Track>(&item)) {
                found.push_back(*track);
            }
        }
        return found;
    }

    friend bool operator==(const Outcome&, const Outcome&) = default;
};

inline void drain(Demuxer& demuxer, Outcome& out)
{
    while (auto item = demuxer.next()) {
        out.items.push_back(std::move(*item));
    }
    while (auto warning = demuxer.next_warning()) {
        out.warnings.push_back(std::move(*warning));
    }
    out.counters = demuxer.counters();
}

/// Feeds pieces of that many bytes.
inline Outcome read(ByteView bytes, std::size_t piece = SIZE_MAX, Demuxer::Limits limits = {})
{
    Demuxer demuxer{limits};
    Outcome out;
    while (!bytes.empty()) {
        const auto count = std::min(piece, bytes.size());
        out.good = demuxer.feed(bytes.first(count)).has_value();
        bytes = bytes.subspan(count);
    }
    demuxer.end();
    drain(demuxer, out);
    return out;
}

/// A second of 25 pictures and 47 frames of sound, in the order of their times.
inline std::vector<media::Frame> second(std::chrono::nanoseconds from)
{
    std::vector<media::Frame> frames;
    for (int i = 0; i < 25; ++i) {
        const auto at = from + i * std::chrono::milliseconds{40};
        frames.push_back(picture(i == 0 ? kIdr : i % 2 == 1 ? kSlice1 : kSlice2, at, i == 0));
    }
    for (int i = 0; i < 47; ++i) {
        frames.push_back(sound(sound_at(from, i)));
    }
    std::ranges::stable_sort(frames, {}, &media::Frame::dts);
    return frames;
}

inline Bytes write(const std::vector<media::Track>& tracks, const std::vector<media::Frame>& frames,
                   Options options = {})
{
    Muxer muxer{options};
    media::Pieces out;
    for (const auto& track : tracks) {
        muxer.write(track, {}, out);
    }
    for (const auto& frame : frames) {
        const bool join = frame.kind == media::Kind::video && frame.key;
        muxer.write(frame, join, out);
    }
    muxer.flush(out);
    return joined(out);
}

} // namespace millrace::mpegts
