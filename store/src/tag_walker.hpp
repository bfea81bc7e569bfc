// The tags of an FLV file, by their heads: what is between them is not read.
#pragma once

#include <millrace/flv/file.hpp>
#include <millrace/store/folder.hpp>

#include <array>

namespace millrace::store {

class TagWalker {
public:
    struct Step {
        flv::Glance tag;
        std::uint64_t position = 0;
    };

    /// Walks from a tag's first byte to `end`.
    TagWalker(const File& file, std::uint64_t position, std::uint64_t end)
        : file_{file}, position_{position}, end_{end}
    {
    }

    /// The next tag; none where no whole one stands.
    std::optional<Step> next();
    /// Where the next tag begins, or would.
    std::uint64_t position() const { return position_; }

private:
    static constexpr std::size_t kWindow = 8192;

    ByteView look();

    const File& file_;
    std::uint64_t position_;
    std::uint64_t end_;
    std::array<std::uint8_t, kWindow> window_{};
    std::uint64_t window_at_ = 0;
    std::size_t window_bytes_ = 0;
};

/// Whether the file's first tag is the head with room for an index that recordings have.
bool has_head_room(const File& file);

/// What the head of a file tells of its source: metadata, and the sequence headers right behind it.
media::Head read_source(const File& file);

/// What a file's tags tell, and where the last whole one ends.
struct Surveyed {
    flv::Survey survey;
    std::uint64_t end = 0;
};
/// Errors: those of flv::first_tag, what the system says.
Result<Surveyed> survey(const File& file, std::uint64_t bytes);

} // namespace millrace::store
