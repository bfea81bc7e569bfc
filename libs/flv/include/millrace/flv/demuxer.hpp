// FLV files and streams, read (FLV 10.1 §E.2 to §E.4).
#pragma once

#include <millrace/flv/body.hpp>
#include <millrace/flv/error.hpp>

#include <string>

namespace millrace::flv {

/// Reads an FLV file or stream: bytes in, tracks, metadata and frames out; for files, standard input and HTTP
/// uploads.
///
/// The bytes may be cut anywhere; how they are cut never changes what comes out. A broken tag costs a warning
/// and what stands before the next whole tag, never the stream.
class Demuxer final : public media::Demuxer {
public:
    /// How much one source may make us hold.
    struct Limits {
        std::size_t tag_bytes = std::size_t{16} << 20U;       ///< Data of one tag.
        std::size_t resync_tag_bytes = std::size_t{1} << 20U; ///< The same of a tag that ends a search.
        std::size_t warnings = 64; ///< Waiting to be asked for; more are only counted.
    };

    /// What was skipped, and where.
    struct Warning {
        std::uint64_t offset = 0; ///< Of the broken tag, from the first byte that was fed.
        std::string reason;

        friend bool operator==(const Warning&, const Warning&) = default;
    };

    Demuxer() = default;
    explicit Demuxer(Limits limits) : limits_{limits} {}

    /// Errors: not_flv, bad_header.
    Result<> feed(ByteView bytes) override;
    std::optional<media::Item> next() override { return bodies_.next(); }

    /// No more bytes will come: gives a last tag that is whole but for the size behind it.
    void end();

    std::optional<Warning> next_warning();
    /// Those of the bodies, and "broken_tag", "wrong_previous_tag_size", "encrypted_tag", "amf3_script".
    BodyReader::Counters counters() const;

private:
    bool step();
    bool read_header();
    bool skip();
    bool read_tag();
    bool search();
    void lose(std::string reason);
    void deliver(std::size_t size);

    ByteView left() const { return ByteView{buffer_}.subspan(at_); }

    enum class State : std::uint8_t { header, tags, searching };

    Limits limits_;
    State state_ = State::header;
    Bytes buffer_;
    std::size_t at_ = 0;       ///< How much of the buffer is done with.
    std::uint64_t before_ = 0; ///< Bytes of the stream that stood before the buffer.
    std::uint64_t to_skip_ = 0;
    BodyReader bodies_;
    BodyReader::Counters counters_;
    std::deque<Warning> warnings_;
    std::optional<Error> failed_;
};

} // namespace millrace::flv
