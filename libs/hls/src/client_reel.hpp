// One media playlist that is played.
#pragma once

#include "client_segments.hpp"
#include <millrace/hls/client.hpp>

#include <deque>

namespace millrace::hls {

/// What is being fetched, and why.
enum class Purpose : std::uint8_t { playlist, key, map, segment };

/// One media playlist: which of its things to fetch next and when, and the frames in them.
class Reel {
public:
    Reel(std::string url, const Client::Limits& limits, std::optional<media::Kind> only,
         std::optional<media::Kind> without)
        : url_{std::move(url)}, limits_{limits}, only_{only}, without_{without}
    {
    }

    /// What is to be fetched now; it stays the same until got() or failed().
    std::optional<Fetch> next(Clock::time_point now);
    Clock::time_point due() const { return due_; }

    void got(std::string_view url, ByteView body, Clock::time_point now);
    /// Takes the playlist that was fetched while it was not known which kind it is.
    void begin(std::string_view url, MediaPlaylist playlist, Clock::time_point now);
    void failed(std::string_view why, bool gone, Clock::time_point now);

    std::deque<media::Item>& items() { return items_; }
    std::size_t held() const { return held_; }
    void took(const media::Item& item);
    std::optional<std::string> next_warning();

    bool begun() const { return playlist_.has_value(); }
    bool live() const { return playlist_ && !playlist_->ended && !playlist_->vod; }
    bool over() const { return over_; }
    const std::string& why() const { return why_; }
    /// How much of the playlist was fetched.
    std::chrono::nanoseconds position() const { return position_; }

private:
    const ListedSegment* wanted() const;
    std::optional<Fetch> fetch(Purpose purpose, std::string_view reference, std::optional<ByteRange> range,
                               std::size_t most);
    Fetch fetch_playlist();
    void take_playlist(MediaPlaylist playlist, Clock::time_point now);
    void start(const MediaPlaylist& playlist);
    void take_segment(ByteView body);
    std::optional<Bytes> decipher(const SegmentKey& key, std::uint64_t number, ByteView body);
    void skip(std::string why);
    void end(std::string why);

    std::string url_; ///< Of the playlist; after redirections, where it is.
    Client::Limits limits_;
    std::optional<media::Kind> only_;    ///< Of what is found, only this.
    std::optional<media::Kind> without_; ///< Of what is found, not this.
    std::optional<MediaPlaylist> playlist_;
    std::uint64_t next_number_ = 0;
    std::optional<std::uint64_t> discontinuity_; ///< Of the segment before.
    bool broken_ = false;                        ///< The segment before is missing.
    Purpose purpose_ = Purpose::playlist;
    Clock::time_point due_{};
    Clock::time_point reload_{};  ///< When the playlist is to be fetched again, at the earliest.
    Clock::time_point changed_{}; ///< When the playlist changed last.
    bool asked_to_block_ = false;
    bool blocks_ = true; ///< The server does hold requests, as it says.
    Clock::time_point asked_{};
    unsigned tries_ = 0;
    std::string key_uri_;
    std::array<std::uint8_t, 16> key_{};
    std::optional<SegmentMap> map_told_;
    Bytes map_;
    SegmentReader reader_;
    std::deque<media::Item> items_;
    std::deque<std::string> warnings_;
    std::size_t held_ = 0; ///< Bytes in items_.
    std::chrono::nanoseconds position_{0};
    bool over_ = false;
    std::string why_;
};

} // namespace millrace::hls
