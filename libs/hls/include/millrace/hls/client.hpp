// HLS as a source: which URL to load next and when, and what is in it.
#pragma once

#include <millrace/base/clock.hpp>
#include <millrace/hls/parse.hpp>
#include <millrace/media/container.hpp>

#include <memory>

namespace millrace::hls {

/// One thing to be fetched with GET.
struct Fetch {
    std::string url;
    std::optional<ByteRange> range;
    std::size_t most = 0;                  ///< Bytes; more are a failure.
    std::chrono::milliseconds patience{0}; ///< The server may take so long to answer.
};

/// Plays a playlist of any server: answers to requests in, tracks and frames out. Live and recorded, of one
/// playlist or of a multivariant one (its variant of the highest bit rate, and the sound that belongs to it),
/// with segments of MPEG-TS, fragmented MP4 or packed audio, whole or parts of files, clear or enciphered
/// with AES-128.
///
/// One request is on the way at a time: after next() has given one, got() or failed() must follow.
class Client {
public:
    struct Limits {
        std::size_t playlist_bytes = std::size_t{16} << 20U;
        std::size_t segment_bytes = std::size_t{64} << 20U;
        std::size_t from_end = 3; ///< Segments of a live playlist that are played at once.
        std::size_t held_bytes = std::size_t{64}
                                 << 20U; ///< Of frames that nobody has taken; then it fetches no more.
        unsigned tries = 3;              ///< Of one thing, before it is given up.
        Clock::duration pause = std::chrono::milliseconds{500}; ///< Between tries.
        Clock::duration unchanged =
            std::chrono::seconds{30}; ///< A live playlist that stands still so long is over.
        std::chrono::milliseconds patience = std::chrono::seconds{15}; ///< For an answer.
    };

    Client(std::string url, Limits limits);
    explicit Client(std::string url) : Client{std::move(url), Limits{}} {}
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// What is to be fetched now; none before deadline(), while frames wait to be taken, or when it is over.
    std::optional<Fetch> next(Clock::time_point now);
    /// When to ask again; time_point::max() while only taking frames lets it go on.
    Clock::time_point deadline() const;

    /// The answer's body. `url`: where it came from in the end.
    void got(std::string_view url, ByteView body, Clock::time_point now);
    /// There is no good answer. `gone`: there will not be one (404, 410).
    void failed(std::string_view why, bool gone, Clock::time_point now);

    /// The next track or frame, in the order of decode times.
    std::optional<media::Item> next_item();
    std::optional<std::string> next_warning();

    /// Nothing more will come, once the items are taken.
    bool over() const;
    /// Why it ended, when not at its end; empty else.
    const std::string& why() const;
    /// Whether it is known to be a live one; its frames come in bursts, and are to be given on as they are
    /// played.
    bool live() const;
    /// Whether playing can begin: a playlist was read.
    bool begun() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace millrace::hls
