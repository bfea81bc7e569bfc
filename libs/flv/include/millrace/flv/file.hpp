// What makes a recording out of tags: the head that tells its length, and the index of its key frames
// (FLV 10.1 §E.5, and the `keyframes` object that players have agreed on).
#pragma once

#include <millrace/flv/body.hpp>

namespace millrace::flv {

/// Of the file header with the size of the tag before the first one, which there is none of.
constexpr std::size_t kFileHeadBytes = 13;
/// The head of a tag and as much of its data as glance() looks at.
constexpr std::size_t kGlanceBytes = 11 + 8;

/// What a tag is, by its first bytes.
struct Glance {
    TagType type = {};
    std::uint32_t size = 0;       ///< Of its data.
    std::uint32_t timestamp = 0;  ///< Milliseconds, modulo 2^32.
    std::int32_t composition = 0; ///< Milliseconds from the timestamp to the presentation.
    bool key_frame = false;       ///< Of a picture; not its configuration.
    bool config = false;          ///< A sequence header.

    /// With its head and the back pointer behind it.
    std::uint64_t whole_bytes() const { return std::uint64_t{11} + size + 4; }

    friend bool operator==(const Glance&, const Glance&) = default;
};

/// Looks at the first kGlanceBytes of a tag, or at fewer when the tag has fewer. None when it is no tag of
/// audio, video or script data, or an encrypted one.
std::optional<Glance> glance(ByteView begin);

/// Whether these are the first bytes of an FLV file, and at which byte its first tag begins. Errors: not_flv,
/// bad_header.
Result<std::uint64_t> first_tag(ByteView begin);

/// A place in a file and its time.
struct Place {
    std::uint32_t time = 0;     ///< Milliseconds.
    std::uint64_t position = 0; ///< Of a tag's first byte.

    friend bool operator==(const Place&, const Place&) = default;
};

/// What is known of a file besides its frames.
struct FileFacts {
    std::chrono::milliseconds duration{0};
    std::uint64_t bytes = 0; ///< Of the whole file.
    std::uint64_t audio_bytes = 0;
    std::uint64_t video_bytes = 0;
    std::uint32_t last_timestamp = 0;
    bool has_audio = false;
    bool has_video = false;
    bool ends_with_key = false;
    std::vector<Place> keys; ///< Key frames, ascending.
    std::vector<Place>
        configs; ///< Sequence headers, ascending: what stands in mid-file must be known to seek.

    friend bool operator==(const FileFacts&, const FileFacts&) = default;
};

/// Learns the facts of a file from its tags, one after the other.
class Survey {
public:
    /// A tag at that position. Those of script data are only passed over.
    void see(const Glance& tag, std::uint64_t position);

    /// As far as the tags were seen. `bytes` is the file's size.
    FileFacts facts(std::uint64_t bytes) const;
    bool empty() const { return !video_.seen && !audio_.seen; }
    /// To the end of the last presentation; the same as in facts().
    std::chrono::milliseconds duration() const;
    std::uint32_t last_timestamp() const { return last_; }
    /// From the last timestamp to where a tag that goes on would have its own.
    std::chrono::milliseconds gap() const;

private:
    struct Kind {
        bool seen = false;
        std::uint32_t last = 0;
        std::uint32_t gap = 0; ///< Between the last two timestamps.
        std::int64_t end = 0;  ///< Of the last presentation.
        std::uint64_t bytes = 0;
    };

    Kind audio_;
    Kind video_;
    std::uint32_t last_ = 0;
    std::uint64_t last_video_ = 0; ///< Position.
    std::vector<Place> keys_;
    std::vector<Place> sounds_; ///< One a second: the index of what has no picture.
    std::vector<Place> configs_;
};

/// The begin of a recording: file header and onMetaData, together exactly `room` bytes, so that it can be
/// written anew in place; what is left of the room is zeros behind the values. Takes over what the source
/// said of itself; where the index has no room each second entry is left out, as often as it takes. Expects:
/// room is at least 4096 and at most 16 MiB.
Bytes write_file_head(const media::Head& source, const FileFacts& facts, std::size_t room);

/// The index of onMetaData; empty when there is none, or when it cannot be of a file of so many bytes: lists
/// of different lengths, not ascending, beyond the end.
std::vector<Place> read_keys(const media::Metadata& metadata, std::uint64_t file_bytes);
/// The same of the sequence headers, which only our own recordings have.
std::vector<Place> read_configs(const media::Metadata& metadata, std::uint64_t file_bytes);
/// `duration`; none when it is not told, or is no length.
std::optional<std::chrono::milliseconds> read_duration(const media::Metadata& metadata);
/// The same metadata with `duration`, and without what is only right for a certain file: sizes, positions,
/// index.
media::Metadata for_stream(const media::Metadata& metadata, std::chrono::milliseconds duration);

} // namespace millrace::flv
