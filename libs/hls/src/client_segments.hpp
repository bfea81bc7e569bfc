// What segments hold, whatever they are packed in.
#pragma once

#include <millrace/media/container.hpp>
#include <millrace/mpegts/demuxer.hpp>
#include <millrace/mpegts/packed_audio.hpp>

#include <deque>
#include <string>

namespace millrace::hls {

/// Whole segments in, tracks and frames out.
class SegmentReader {
public:
    /// Takes one segment; `map`: what stands before it, when it is fragmented MP4. Gives why it cannot be
    /// read; empty when it can.
    std::string feed(ByteView map, ByteView segment);
    /// What comes next does not belong to what came before.
    void restart();

    std::deque<media::Item>& items() { return items_; }
    std::optional<std::string> next_warning();

private:
    void put(media::Item item);
    std::string feed_mp4(ByteView map, ByteView segment);

    mpegts::Demuxer ts_;
    mpegts::PackedAudioReader packed_;
    std::deque<media::Item> items_;
    std::vector<media::Track> told_;
};

} // namespace millrace::hls
