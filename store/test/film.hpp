// Folders, films and streams for the tests of the store.
#pragma once

#include <millrace/flv/demuxer.hpp>
#include <millrace/flv/muxer.hpp>
#include <millrace/store/library.hpp>
#include <millrace/store/recording.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace millrace::store {

/// A folder that goes with its test.
class Scratch {
public:
    Scratch()
    {
        std::string name = (std::filesystem::temp_directory_path() / "millrace-store-XXXXXX").string();
        path_ = mkdtemp(name.data());
    }
    ~Scratch() { std::filesystem::remove_all(path_); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    const std::filesystem::path& path() const { return path_; }
    Folder folder() const { return std::move(*Folder::open(path_.string(), false)); }

    Bytes read(const std::string& name) const
    {
        std::ifstream file{path_ / name, std::ios::binary};
        return {std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
    }
    void write(const std::string& name, ByteView bytes) const
    {
        std::filesystem::create_directories((path_ / name).parent_path());
        std::ofstream file{path_ / name, std::ios::binary};
        file << as_text(bytes);
    }
    void cut(const std::string& name, std::uint64_t bytes) const
    {
        std::filesystem::resize_file(path_ / name, bytes);
    }

private:
    std::filesystem::path path_;
};

/// A codec that needs no configuration, and one that does.
inline media::Track picture()
{
    return {.id = 0,
            .kind = media::Kind::video,
            .codec = media::Codec::vp6,
            .config = {},
            .origin = 0x04,
            .width = 64,
            .height = 48};
}
inline media::Track sound()
{
    return {.id = 1,
            .kind = media::Kind::audio,
            .codec = media::Codec::aac,
            .config = SharedBytes{Bytes{0x12, 0x10}},
            .origin = 0xaf,
            .sample_rate = 44100,
            .channels = 2};
}

inline media::Frame frame(media::Kind kind, std::int64_t ms, bool key, std::int64_t mark = 0)
{
    Bytes payload(50, static_cast<std::uint8_t>(mark / 10));
    payload[0] = 0; // Of VP6: nothing is cropped.
    return {.track = static_cast<media::TrackId>(kind),
            .kind = kind,
            .key = key || kind != media::Kind::video,
            .dts = media_ms(ms),
            .payload = SharedBytes{std::move(payload)}};
}

/// 25 pictures a second, a key frame each second, sound each 20 ms.
inline std::vector<media::Item> film(std::int64_t from_ms, std::int64_t to_ms, bool tracks = true)
{
    std::vector<media::Item> items;
    if (tracks) {
        items.emplace_back(picture());
        items.emplace_back(sound());
    }
    for (auto ms = from_ms; ms < to_ms; ms += 20) {
        if ((ms - from_ms) % 40 == 0) {
            items.emplace_back(frame(media::Kind::video, ms, (ms - from_ms) % 1000 == 0, ms - from_ms));
        }
        items.emplace_back(frame(media::Kind::audio, ms, true, ms - from_ms));
    }
    return items;
}

inline std::vector<media::Frame> frames_of(const std::vector<media::Item>& items)
{
    std::vector<media::Frame> frames;
    for (const auto& item : items) {
        if (const auto* each = std::get_if<media::Frame>(&item)) {
            frames.push_back(*each);
        }
    }
    return frames;
}

/// All that a file gives; fails when there is anything wrong with it.
inline std::vector<media::Item> demuxed(const Bytes& file)
{
    flv::Demuxer demuxer;
    EXPECT_TRUE(demuxer.feed(file));
    demuxer.end();
    std::vector<media::Item> items;
    while (auto item = demuxer.next()) {
        items.push_back(std::move(*item));
    }
    EXPECT_FALSE(demuxer.next_warning());
    return items;
}

inline media::Metadata metadata_of(const Bytes& file)
{
    for (const auto& item : demuxed(file)) {
        if (const auto* metadata = std::get_if<media::Metadata>(&item)) {
            return *metadata;
        }
    }
    return {};
}

} // namespace millrace::store
