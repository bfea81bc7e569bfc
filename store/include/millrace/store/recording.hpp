// A stream made a file that is whole at any moment.
#pragma once

#include <millrace/flv/file.hpp>
#include <millrace/flv/muxer.hpp>
#include <millrace/store/folder.hpp>

#include <memory>

namespace millrace::store {

/// Writes one FLV file: items of a stream in, whole tags out, each batch of them by one system call, with
/// nothing held back. Whatever kills the process, at most the tag that is being written is cut off; repair()
/// finds it.
///
/// The first kHeadRoom bytes are kept for the file header and onMetaData: duration and index are written
/// there in place at the end, so that the file is never copied and a full disk has room for its end.
/// Timestamps begin at 0 with the first key frame (of sound, where there is no picture), or go on where the
/// file ended. Blocks as files do.
class Recording {
public:
    enum class Kind : std::uint8_t { record, append };

    struct Limits {
        std::chrono::seconds time{0}; ///< Of media in the whole file; 0: no limit.
        std::uint64_t bytes = 0;      ///< Of the whole file; 0: no limit.
    };

    /// Two hours of key frames each two seconds; where there are more, each second one is left out of the
    /// index.
    static constexpr std::size_t kHeadRoom = 65536;

    /// Begins a file, or goes on with it: a file of ours is repaired first; of another writer it is copied
    /// once, to give it room for its head. Expects: `folder` outlives the recording. Errors: bad_name,
    /// not_a_file, those of flv::first_tag, what the system says.
    static Result<std::unique_ptr<Recording>> begin(const Folder& folder, std::string name, Kind kind,
                                                    Limits limits);
    /// Without finish() the file stays as a crash would leave it.
    ~Recording();
    Recording(const Recording&) = delete;
    Recording& operator=(const Recording&) = delete;

    /// Writes what is to be written of the items. After an error the file ends with the last whole tag, and
    /// finish() is all that is left to do. Errors: limit_reached, what the system says.
    Result<> write(const std::vector<media::Item>& items);
    /// Writes duration and index, and tells the folder that nothing is to be repaired.
    Result<> finish();

    const std::string& name() const { return name_; }
    std::uint64_t bytes() const { return end_; }
    std::chrono::milliseconds duration() const;

private:
    Recording(const Folder& folder, std::string name, Limits limits);

    Result<> open(Kind kind);
    Result<> go_on();
    Result<> make_room(std::uint64_t first);
    Result<> write_head();
    void take(const media::Item& item);
    void take(media::Frame frame);
    void add_tag(std::size_t before);
    Result<> put();

    const Folder& folder_;
    std::string name_;
    Limits limits_;
    File file_;
    flv::Muxer muxer_;
    flv::Survey survey_;
    media::Head head_;
    std::uint64_t end_ = 0;                ///< Of the last whole tag.
    std::uint32_t base_ = 0;               ///< Milliseconds: the timestamp of the next first frame.
    std::optional<MediaTime> zero_;        ///< Stands at base_.
    std::optional<MediaTime> waits_since_; ///< For a key frame to begin with.
    std::vector<media::Track> untold_;     ///< Not written yet: they take the time of the next frame.
    bool head_told_ = false;               ///< The head tells the tracks.
    media::Pieces pieces_;
    std::vector<std::uint64_t> ends_; ///< Of the tags in pieces_, from their begin.
    bool failed_ = false;
};

/// What repair() did to a file.
struct Repaired {
    std::string name;
    std::uint64_t cut = 0; ///< Bytes of a tag that was not whole.
    std::chrono::milliseconds duration{0};
    std::optional<Error> error; ///< Why it could not be repaired.
};

/// Finishes all recordings that were begun and not finished. To be called while none is being written.
std::vector<Repaired> repair(const Folder& folder);

} // namespace millrace::store
