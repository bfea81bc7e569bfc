// What one sort of reader can have, and what it asks for.
#pragma once

#include <millrace/media/track.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace millrace::flv {

/// A set of FourCCs, which readers of Enhanced RTMP announce.
class FourCcs {
public:
    /// Every one, those that are not known here included.
    static FourCcs all() { return FourCcs{kAll}; }
    static FourCcs none() { return FourCcs{0}; }
    /// All but those whose codecs FLV always had: what a reader may be sent that announced nothing. Old ones
    /// know no FourCC, new ones know both forms of those codecs.
    static FourCcs unannounced();

    /// Adds one by its four characters, for the kind that it belongs to; "*" is all. What is not known here
    /// is left out.
    void add(std::string_view code);
    void add_all(media::Kind kind);
    /// Adds those of unannounced().
    void add_unannounced(media::Kind kind);
    bool has(media::Kind kind, std::uint32_t code) const;
    std::uint32_t bits() const { return bits_; }

    friend bool operator==(const FourCcs&, const FourCcs&) = default;

private:
    static constexpr std::uint32_t kAll = 0xffff; ///< Eight bits for each kind.
    explicit FourCcs(std::uint32_t bits) : bits_{bits} {}

    std::uint32_t bits_;
};

/// How a stream goes out to one sort of reader. As it stands, it says everything: all tracks, in the form in
/// which they came.
struct Options {
    bool multitrack = true;         ///< Tracks with a number; else the default one of each kind alone.
    bool nanoseconds = true;        ///< ModEx.
    FourCcs takes = FourCcs::all(); ///< AVC, AAC and MP3 take their old form where their FourCC is not in it.
    bool legacy_hevc = false;       ///< HEVC as codec 12, for readers of that time and place.
    std::optional<std::uint8_t>
        video; ///< The number of the only video track that goes out, as default track.
    std::optional<std::uint8_t> audio; ///< The same for sound.

    /// For a reader of which nothing is known: the default tracks, AVC, AAC and MP3 in their old form.
    static Options plain();

    /// Names it among packagings: "/" and a few characters; empty for plain().
    std::string key() const;

    friend bool operator==(const Options&, const Options&) = default;
};

/// The same, with what a reader asks for in its URL's query: `tracks=all`, `tracks=default`, `video_track=N`,
/// `audio_track=N` (0 to 255), `legacy_hevc=1`. Anything else is left to others.
Options with_query(Options options, std::string_view query);

} // namespace millrace::flv
