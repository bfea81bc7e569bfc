#include "client_reel.hpp"

#include <algorithm>

namespace millrace::hls {
namespace {

const media::Frame* frame_of(const media::Item& item)
{
    return std::get_if<media::Frame>(&item);
}

/// The variant of the highest bit rate, pictures before sound alone.
const ListedVariant* choose(const MultivariantPlaylist& playlist)
{
    const auto best = std::ranges::max_element(playlist.variants, {}, [](const ListedVariant& v) {
        return std::pair{v.width > 0, v.bandwidth};
    });
    return best == playlist.variants.end() ? nullptr : &*best;
}

/// Where the sound of a variant is, when apart from it.
std::string sound_of(const ListedVariant& variant, const MultivariantPlaylist& playlist)
{
    const ListedSound* chosen = nullptr;
    for (const auto& sound : playlist.sounds) {
        if (sound.group == variant.audio &&
            (chosen == nullptr || (sound.is_default && !chosen->is_default))) {
            chosen = &sound;
        }
    }
    return chosen != nullptr ? chosen->uri : std::string{};
}

} // namespace

struct Client::State {
    State(std::string from, Limits with) : url{std::move(from)}, limits{with} {}

    std::string url;
    Limits limits;
    std::vector<std::unique_ptr<Reel>> reels; ///< None: it is not known yet which playlists there are.
    Reel* asking = nullptr;                   ///< Whose fetch is on the way.
    unsigned tries = 0;
    Clock::time_point due{};
    bool over = false;
    std::string why;

    void end(std::string reason)
    {
        over = true;
        why = std::move(reason);
    }

    void begin(std::string_view from, ByteView body, Clock::time_point now)
    {
        auto parsed = parse_playlist(as_text(body));
        if (!parsed) {
            return end(parsed.error().message());
        }
        if (auto* media = std::get_if<MediaPlaylist>(&*parsed)) {
            add(from, {}, {});
            return reels.back()->begin(from, std::move(*media), now);
        }
        const auto& master = std::get<MultivariantPlaylist>(*parsed);
        const auto* variant = choose(master);
        if (variant == nullptr) {
            return end("a playlist without variants");
        }
        const auto sound = sound_of(*variant, master);
        const auto there = resolve(from, variant->uri);
        if (sound.empty() || resolve(from, sound) == there) {
            return add(there, {}, {});
        }
        add(there, {}, media::Kind::audio);
        add(resolve(from, sound), media::Kind::audio, {});
    }

    void add(std::string_view from, std::optional<media::Kind> only, std::optional<media::Kind> without)
    {
        reels.push_back(std::make_unique<Reel>(std::string{from}, limits, only, without));
    }

    std::size_t held() const
    {
        std::size_t bytes = 0;
        for (const auto& reel : reels) {
            bytes += reel->held();
        }
        return bytes;
    }

    /// One that cannot begin ends all; one that ends later, when all have.
    void look_for_end()
    {
        for (const auto& reel : reels) {
            if (reel->over() && (!reel->why().empty() || !reel->begun())) {
                return end(reel->why());
            }
        }
        over = !reels.empty() && std::ranges::all_of(reels, [](const auto& reel) { return reel->over(); });
    }
};

Client::Client(std::string url, Limits limits) : state_{std::make_unique<State>(std::move(url), limits)} {}
Client::~Client() = default;

std::optional<Fetch> Client::next(Clock::time_point now)
{
    auto& state = *state_;
    if (state.over || now < deadline()) {
        return std::nullopt;
    }
    if (state.reels.empty()) {
        return Fetch{.url = state.url,
                     .range = {},
                     .most = state.limits.playlist_bytes,
                     .patience = state.limits.patience};
    }
    // Who is behind comes first, so that sound and pictures come side by side.
    std::vector<Reel*> order;
    for (const auto& reel : state.reels) {
        order.push_back(reel.get());
    }
    std::ranges::stable_sort(order, {}, &Reel::position);
    for (auto* reel : order) {
        if (auto fetch = reel->next(now)) {
            state.asking = reel;
            return fetch;
        }
    }
    state.look_for_end();
    return std::nullopt;
}

Clock::time_point Client::deadline() const
{
    const auto& state = *state_;
    if (state.reels.empty()) {
        return state.due;
    }
    if (state.held() > state.limits.held_bytes) {
        return Clock::time_point::max();
    }
    auto due = Clock::time_point::max();
    for (const auto& reel : state.reels) {
        due = reel->over() ? due : std::min(due, reel->due());
    }
    return due;
}

void Client::got(std::string_view url, ByteView body, Clock::time_point now)
{
    auto& state = *state_;
    if (state.reels.empty()) {
        state.tries = 0;
        state.begin(url, body, now);
    } else if (auto* reel = std::exchange(state.asking, nullptr)) {
        reel->got(url, body, now);
    }
    state.look_for_end();
}

void Client::failed(std::string_view why, bool gone, Clock::time_point now)
{
    auto& state = *state_;
    if (auto* reel = std::exchange(state.asking, nullptr)) {
        reel->failed(why, gone, now);
        return state.look_for_end();
    }
    state.due = now + state.limits.pause;
    if (gone || ++state.tries >= state.limits.tries) {
        state.end(std::string{why});
    }
}

std::optional<media::Item> Client::next_item()
{
    // In the order of decode times, as soon as it is known of all playlists which is next.
    Reel* first = nullptr;
    for (const auto& reel : state_->reels) {
        if (reel->items().empty()) {
            if (!reel->over() && !state_->over) {
                return std::nullopt;
            }
            continue;
        }
        const auto* frame = frame_of(reel->items().front());
        const auto* other = first != nullptr ? frame_of(first->items().front()) : nullptr;
        if (first == nullptr || frame == nullptr || (other != nullptr && frame->dts < other->dts)) {
            first = reel.get();
        }
    }
    if (first == nullptr) {
        return std::nullopt;
    }
    auto item = std::move(first->items().front());
    first->items().pop_front();
    first->took(item);
    return item;
}

std::optional<std::string> Client::next_warning()
{
    for (const auto& reel : state_->reels) {
        if (auto warning = reel->next_warning()) {
            return warning;
        }
    }
    return std::nullopt;
}

bool Client::over() const
{
    return state_->over;
}

const std::string& Client::why() const
{
    return state_->why;
}

bool Client::live() const
{
    return std::ranges::any_of(state_->reels, [](const auto& reel) { return reel->live(); });
}

bool Client::begun() const
{
    return !state_->reels.empty() &&
           std::ranges::all_of(state_->reels, [](const auto& reel) { return reel->begun(); });
}

} // namespace millrace::hls
