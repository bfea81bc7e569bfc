#include "client_reel.hpp"

#include <millrace/crypto/aes_decrypt.hpp>

#include <algorithm>

namespace millrace::hls {
namespace {

constexpr std::size_t kKeyBytes = 16;
constexpr std::size_t kMostMap = std::size_t{4} << 20U;
constexpr std::size_t kMostWarnings = 64;

} // namespace

const ListedSegment* Reel::wanted() const
{
    if (!playlist_ || playlist_->segments.empty()) {
        return nullptr;
    }
    const auto first = playlist_->segments.front().number;
    const auto index = next_number_ - first;
    return next_number_ >= first && index < playlist_->segments.size() ? &playlist_->segments[index]
                                                                       : nullptr;
}

std::optional<Fetch> Reel::fetch(Purpose purpose, std::string_view reference, std::optional<ByteRange> range,
                                 std::size_t most)
{
    purpose_ = purpose;
    return Fetch{.url = resolve(url_, reference), .range = range, .most = most, .patience = limits_.patience};
}

Fetch Reel::fetch_playlist()
{
    purpose_ = Purpose::playlist;
    Fetch wanted{.url = url_, .range = {}, .most = limits_.playlist_bytes, .patience = limits_.patience};
    asked_to_block_ = playlist_ && playlist_->can_block && blocks_ && !playlist_->ended;
    if (asked_to_block_) {
        // It answers when that segment is complete (RFC 8216bis §6.2.5.2).
        wanted.url += (wanted.url.find('?') == std::string::npos ? "?" : "&");
        wanted.url += "_HLS_msn=" + std::to_string(playlist_->next_number);
        wanted.patience += 3 * playlist_->target;
    }
    return wanted;
}

std::optional<Fetch> Reel::next(Clock::time_point now)
{
    while (!over_ && now >= due_) {
        const auto* segment = wanted();
        if (segment == nullptr) {
            if (playlist_ && playlist_->ended) {
                end({});
                return std::nullopt;
            }
            if (now < reload_) {
                due_ = reload_;
                return std::nullopt;
            }
            asked_ = now;
            return fetch_playlist();
        }
        if (segment->gap) {
            skip("a segment is missing at its source (EXT-X-GAP)");
            continue;
        }
        const auto& map = segment->map;
        const auto key = map && map != map_told_ && map->key ? map->key : segment->key;
        if (key && key->method != "AES-128") {
            end("its segments are enciphered by " + key->method + ": only AES-128 is read");
            return std::nullopt;
        }
        if (key && key->uri != key_uri_) {
            return fetch(Purpose::key, key->uri, {}, kKeyBytes);
        }
        if (map && map != map_told_) {
            return fetch(Purpose::map, map->uri, map->range, kMostMap);
        }
        return fetch(Purpose::segment, segment->uri, segment->range, limits_.segment_bytes);
    }
    return std::nullopt;
}

void Reel::got(std::string_view url, ByteView body, Clock::time_point now)
{
    tries_ = 0;
    const auto* segment = wanted();
    switch (purpose_) {
    case Purpose::playlist: {
        auto parsed = parse_playlist(as_text(body));
        if (!parsed) {
            return failed(parsed.error().message(), false, now);
        }
        auto* media = std::get_if<MediaPlaylist>(&*parsed);
        if (media == nullptr) {
            return end("a playlist of segments was expected, and it is one of variants");
        }
        // The query is ours where we asked to block.
        url_ = asked_to_block_ ? url_ : std::string{url};
        return take_playlist(std::move(*media), now);
    }
    case Purpose::key: {
        if (body.size() != kKeyBytes || segment == nullptr) {
            return end("a key of " + std::to_string(body.size()) + " bytes: expected 16");
        }
        std::ranges::copy(body, key_.begin());
        const auto& map = segment->map;
        const auto& key = map && map != map_told_ && map->key ? map->key : segment->key;
        key_uri_ = key ? key->uri : std::string{};
        return;
    }
    case Purpose::map: {
        if (segment == nullptr || !segment->map) {
            return;
        }
        map_ = to_bytes(body);
        if (segment->map->key) {
            auto clear = decipher(*segment->map->key, segment->number, body);
            if (!clear) {
                return end("what stands before its segments cannot be deciphered: another key?");
            }
            map_ = std::move(*clear);
        }
        map_told_ = segment->map;
        return;
    }
    case Purpose::segment: return take_segment(body);
    }
}

void Reel::begin(std::string_view url, MediaPlaylist playlist, Clock::time_point now)
{
    url_ = url;
    asked_ = now;
    take_playlist(std::move(playlist), now);
}

/// Recorded ones from their beginning, live ones a few segments from their end.
void Reel::start(const MediaPlaylist& playlist)
{
    const auto count = playlist.segments.size();
    const bool from_begin = playlist.ended || playlist.vod;
    const auto first = from_begin || count <= limits_.from_end ? 0 : count - limits_.from_end;
    next_number_ = count > 0 ? playlist.segments[first].number : playlist.next_number;
    broken_ = true;
}

void Reel::take_playlist(MediaPlaylist playlist, Clock::time_point now)
{
    const bool first = !playlist_;
    const bool changed =
        first || playlist.next_number != playlist_->next_number || playlist.ended != playlist_->ended;
    if (first) {
        start(playlist);
    } else if (playlist.next_number < next_number_) {
        warnings_.emplace_back("its numbers have begun anew: the server was restarted");
        start(playlist);
    } else if (!playlist.segments.empty() && next_number_ < playlist.segments.front().number) {
        warnings_.emplace_back(
            "fell behind the playlist: " + std::to_string(playlist.segments.front().number - next_number_) +
            " segments are gone");
        start(playlist);
    }
    // A server that answers at once with nothing new does not hold requests.
    if (asked_to_block_ && !changed && now - asked_ < Clock::duration{playlist.target} / 2) {
        blocks_ = false;
    }
    changed_ = changed ? now : changed_;
    playlist_ = std::move(playlist);
    due_ = now;
    reload_ = now;
    if (playlist_->ended) {
        return;
    }
    if (wanted() == nullptr && now - changed_ > limits_.unchanged) {
        return end("the playlist has not changed for " +
                   std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now - changed_).count()) +
                   " s");
    }
    if (playlist_->can_block && blocks_) {
        return;
    }
    // RFC 8216 §6.3.4: as long as a segment after a change, half of the target without one.
    const Clock::duration target = playlist_->target;
    const Clock::duration last =
        playlist_->segments.empty() ? target : Clock::duration{playlist_->segments.back().duration};
    reload_ = asked_ + (changed ? std::clamp(last, target / 4, target) : target / 2);
}

void Reel::take_segment(ByteView body)
{
    const auto* segment = wanted();
    if (segment == nullptr) {
        return;
    }
    if (broken_ || (discontinuity_ && *discontinuity_ != segment->discontinuity)) {
        reader_.restart();
    }
    discontinuity_ = segment->discontinuity;
    broken_ = false;
    std::optional<Bytes> clear;
    if (segment->key) {
        clear = decipher(*segment->key, segment->number, body);
        if (!clear) {
            return skip("a segment cannot be deciphered: another key, or it is cut");
        }
        body = *clear;
    }
    const auto why = reader_.feed(segment->map ? ByteView{map_} : ByteView{}, body);
    for (auto& item : reader_.items()) {
        const auto kind = std::visit(
            [](const auto& one) {
                if constexpr (requires { one.kind; }) {
                    return one.kind;
                } else {
                    return media::Kind::data;
                }
            },
            item);
        if ((only_ && kind != *only_) || (without_ && kind == *without_)) {
            continue;
        }
        if (const auto* frame = std::get_if<media::Frame>(&item)) {
            held_ += frame->payload.size();
        }
        items_.push_back(std::move(item));
    }
    reader_.items().clear();
    if (!why.empty()) {
        return skip(why);
    }
    position_ += segment->duration;
    ++next_number_;
}

std::optional<Bytes> Reel::decipher(const SegmentKey& key, std::uint64_t number, ByteView body)
{
    std::array<std::uint8_t, 16> iv{};
    if (key.iv) {
        iv = *key.iv;
    } else {
        for (std::size_t i = 0; i < sizeof number; ++i) {
            iv[iv.size() - 1 - i] = static_cast<std::uint8_t>(number >> (8 * i));
        }
    }
    return crypto::aes128_cbc_decrypt(key_, iv, body);
}

void Reel::skip(std::string why)
{
    if (const auto* segment = wanted()) {
        position_ += segment->duration;
        why = "passed over segment " + std::to_string(segment->number) + ": " + why;
    }
    if (warnings_.size() < kMostWarnings) {
        warnings_.push_back(std::move(why));
    }
    ++next_number_;
    broken_ = true;
}

void Reel::failed(std::string_view why, bool gone, Clock::time_point now)
{
    const bool again = !gone && ++tries_ < limits_.tries;
    if (again) {
        due_ = now + limits_.pause;
        return;
    }
    tries_ = 0;
    if (purpose_ == Purpose::segment) {
        skip(std::string{why});
        due_ = now;
    } else {
        end(std::string{why});
    }
}

void Reel::end(std::string why)
{
    over_ = true;
    why_ = std::move(why);
    due_ = Clock::time_point::max();
}

void Reel::took(const media::Item& item)
{
    if (const auto* frame = std::get_if<media::Frame>(&item)) {
        held_ -= frame->payload.size();
    }
}

std::optional<std::string> Reel::next_warning()
{
    if (auto warning = reader_.next_warning()) {
        return warning;
    }
    if (warnings_.empty()) {
        return std::nullopt;
    }
    auto warning = std::move(warnings_.front());
    warnings_.pop_front();
    return warning;
}

} // namespace millrace::hls
