// Which tracks go out, and in which form.
#include "codec_ids.hpp"
#include <millrace/flv/delivery.hpp>

#include <algorithm>

namespace millrace::flv {
namespace {

using media::Codec;
using media::Kind;
using media::Track;

std::string four_characters(std::uint32_t code)
{
    std::string text;
    for (int shift = 24; shift >= 0; shift -= 8) {
        const auto c = static_cast<char>(code >> static_cast<unsigned>(shift) & 0xffU);
        text += c >= ' ' && c <= '~' ? c : '?';
    }
    return text;
}

/// A track as the only one of its kind.
std::optional<Form> unnumbered(const Track& track, const Options& options)
{
    const auto origin = origin_of(track);
    if (!is_enhanced(origin)) {
        return Form{.origin = origin};
    }
    if (track.codec == Codec::h265 && options.legacy_hevc) {
        return Form{.origin = kHevc};
    }
    if (options.takes.has(track.kind, origin)) {
        return Form{.origin = origin, .nanoseconds = options.nanoseconds};
    }
    const auto byte = legacy_byte(track);
    return byte != 0 ? std::optional{Form{.origin = byte}} : std::nullopt;
}

std::optional<Form> numbered(const Track& track, const Options& options)
{
    const auto code = four_cc_of(track);
    return code != 0 && options.takes.has(track.kind, code)
               ? std::optional{Form{.origin = code, .numbered = true, .nanoseconds = options.nanoseconds}}
               : std::nullopt;
}

std::string cannot_have(const Track& track)
{
    const auto code = four_cc_of(track);
    return code == 0 ? "it has no FourCC, which tracks with a number need"
                     : "the viewer announced its codecs, and " + four_characters(code) + " is not among them";
}

Choice leave_out(const Track& track, std::string why)
{
    return {.track = track, .form = std::nullopt, .left_out = std::move(why)};
}

Choice take(const Track& track, std::optional<Form> form)
{
    return {.track = track, .form = form, .left_out = form ? std::string{} : cannot_have(track)};
}

/// "video 1 (h265)".
std::string in_words(const Track& track)
{
    std::string text{name(track.kind)};
    return text.append(" ").append(std::to_string(track.number)).append(" (").append(name(track.codec)) + ")";
}

/// What is said to whom asks for a track that is not there. Empty when it is, and when there is none of its
/// kind: it may still come.
std::string missing(const std::vector<Track>& tracks, Kind kind, std::uint8_t number)
{
    std::string there;
    for (const auto& track : tracks) {
        if (track.kind == kind && track.number == number) {
            return {};
        }
        if (track.kind == kind) {
            there += there.empty() ? "" : ", ";
            there += in_words(track);
        }
    }
    return there.empty() ? there
                         : "there is no " + std::string{name(kind)} + " " + std::to_string(number) +
                               "; there is " + there;
}

/// One kind's tracks, in the order of their numbers.
class Kinds {
public:
    Kinds(const Options& options, std::optional<std::uint8_t> wanted) : options_{options}, wanted_{wanted} {}

    Choice choose(const Track& track)
    {
        if (wanted_ && track.number != *wanted_) {
            return leave_out(track, "track " + std::to_string(*wanted_) + " was asked for");
        }
        if (std::exchange(last_, track.number) == track.number) {
            return leave_out(track, "another track has its number");
        }
        if (options_.multitrack && !wanted_) {
            return take(track, track.number == 0 ? unnumbered(track, options_) : numbered(track, options_));
        }
        if (taken_) {
            return leave_out(track, "the viewer did not announce that it takes several tracks");
        }
        auto choice = take(track, unnumbered(track, options_));
        taken_ = choice.form.has_value();
        return choice;
    }

private:
    const Options& options_;
    std::optional<std::uint8_t> wanted_;
    std::optional<std::uint8_t> last_;
    bool taken_ = false;
};

} // namespace

std::vector<Choice> choose(const std::vector<Track>& tracks, const Options& options)
{
    std::vector<const Track*> sorted;
    sorted.reserve(tracks.size());
    for (const auto& track : tracks) {
        sorted.push_back(&track);
    }
    std::ranges::sort(sorted, {}, [](const Track* t) { return std::tuple{t->kind, t->number, t->id}; });
    std::vector<Choice> choices;
    Kinds video{options, options.video};
    Kinds audio{options, options.audio};
    for (const auto* track : sorted) {
        switch (track->kind) {
        case Kind::video: choices.push_back(video.choose(*track)); break;
        case Kind::audio: choices.push_back(audio.choose(*track)); break;
        case Kind::data: choices.push_back(take(*track, Form{})); break;
        }
    }
    return choices;
}

std::string refusal(const std::vector<Track>& tracks, const Options& options)
{
    for (const auto& [kind, wanted] :
         {std::pair{Kind::video, options.video}, std::pair{Kind::audio, options.audio}}) {
        if (auto why = wanted ? missing(tracks, kind, *wanted) : std::string{}; !why.empty()) {
            return why;
        }
    }
    std::string text;
    for (const auto& [track, form, why] : choose(tracks, options)) {
        if (track.kind == Kind::data) {
            continue;
        }
        if (form) {
            return {};
        }
        text += text.empty() ? "" : "; ";
        text += in_words(track) + ": " + why;
    }
    return text;
}

} // namespace millrace::flv
