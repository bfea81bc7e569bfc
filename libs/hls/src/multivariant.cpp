#include <millrace/hls/names.hpp>
#include <millrace/hls/playlist.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace millrace::hls {
namespace {

using media::Kind;

constexpr const char* kGroup = "audio";
constexpr double kRoom = 1.1; ///< What a measured rate may grow.

struct Found {
    const Variant* stream;
    const Rendition* rendition;
};

/// Bits a second, in whole thousands; what was measured of one rendition, or its track's guess.
std::uint64_t rounded(double rate)
{
    return static_cast<std::uint64_t>(std::ceil(rate / 1000) * 1000);
}

double fps_of(const Rendition& rendition)
{
    const auto frame = rendition.frame_duration();
    const double told = rendition.tracks().front().fps;
    if (told > 0 && told < 1000) {
        return told;
    }
    return frame > Nanoseconds{0} ? std::round(1e9 / static_cast<double>(frame.count())) : 0;
}

std::string quoted(const std::string& text)
{
    std::string out{"\""};
    for (const char c : text) {
        out.push_back(c == '"' || c == '\n' || c == '\r' ? '_' : c);
    }
    return out + "\"";
}

std::string language_free_name(const media::Track& track)
{
    return track.number == 0 ? "Sound" : "Sound " + std::to_string(track.number + 1);
}

class Multivariant {
public:
    Multivariant(const std::vector<Variant>& streams, const std::string& query) : query_{query}
    {
        for (const auto& stream : streams) {
            for (const auto* rendition : stream.packager->renditions()) {
                if (stream.packager->present(*rendition)) {
                    (rendition->kind() == Kind::video ? pictures_ : sounds_).push_back({&stream, rendition});
                }
            }
        }
        // The same sound comes with each stream of a ladder: the first one's is taken.
        const auto* first = sounds_.empty() ? nullptr : sounds_.front().stream;
        std::erase_if(sounds_, [first](const Found& sound) { return sound.stream != first; });
    }

    std::string write()
    {
        line("#EXTM3U");
        line("#EXT-X-VERSION:6");
        if (pictures_.empty()) {
            for (const auto& sound : sounds_) {
                variant(sound, nullptr);
            }
            return std::move(out_);
        }
        const Found* best = nullptr;
        for (const auto& sound : sounds_) {
            media(sound);
            best = best == nullptr || sound.rendition->peak_rate() > best->rendition->peak_rate() ? &sound
                                                                                                  : best;
        }
        for (const auto& picture : pictures_) {
            variant(picture, best);
        }
        return std::move(out_);
    }

private:
    void line(const std::string& text) { out_.append(text).push_back('\n'); }

    std::string uri(const Found& found) const
    {
        return found.stream->folder + playlist_name(found.rendition->id()) + query_;
    }

    void media(const Found& sound)
    {
        const auto& track = sound.rendition->tracks().front();
        const bool first = &sound == &sounds_.front();
        std::string text = std::string{"#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\""} + kGroup +
                           "\",NAME=" + quoted(language_free_name(track)) +
                           ",DEFAULT=" + (first ? "YES" : "NO") + ",AUTOSELECT=YES";
        if (track.channels > 0) {
            text += ",CHANNELS=\"" + std::to_string(track.channels) + "\"";
        }
        line(text + ",URI=" + quoted(uri(sound)));
    }

    /// Names of all that may be played together, each once.
    std::string codecs(const Found& main) const
    {
        auto all = codecs_of(*main.rendition);
        if (main.rendition->kind() != Kind::video) {
            return all;
        }
        std::vector<std::string> seen;
        for (const auto& sound : sounds_) {
            auto name = codecs_of(*sound.rendition);
            if (!name.empty() && std::ranges::find(seen, name) == seen.end()) {
                all.append(all.empty() ? "" : ",").append(name);
                seen.push_back(std::move(name));
            }
        }
        return all;
    }

    void variant(const Found& main, const Found* sound)
    {
        double peak = main.rendition->peak_rate();
        double mean = main.rendition->mean_rate();
        if (sound != nullptr) {
            peak += sound->rendition->peak_rate();
            mean += sound->rendition->mean_rate();
        }
        std::string text =
            "#EXT-X-STREAM-INF:BANDWIDTH=" +
            std::to_string(std::max<std::uint64_t>(rounded(peak * kRoom), 1000)) +
            ",AVERAGE-BANDWIDTH=" + std::to_string(std::max<std::uint64_t>(rounded(mean), 1000));
        if (const auto names = codecs(main); !names.empty()) {
            text += ",CODECS=" + quoted(names);
        }
        const auto& track = main.rendition->tracks().front();
        if (track.kind == Kind::video) {
            if (track.width > 0 && track.height > 0) {
                text += ",RESOLUTION=" + std::to_string(track.width) + "x" + std::to_string(track.height);
            }
            if (const double fps = fps_of(*main.rendition); fps > 0) {
                std::array<char, 40> number{};
                std::snprintf(number.data(), number.size(), "%.3f", fps);
                text += std::string{",FRAME-RATE="} + number.data();
            }
            if (sound != nullptr) {
                text += std::string{",AUDIO=\""} + kGroup + "\"";
            }
            text += ",CLOSED-CAPTIONS=NONE";
        }
        line(text);
        line(uri(main));
    }

    const std::string& query_;
    std::vector<Found> pictures_;
    std::vector<Found> sounds_;
    std::string out_;
};

} // namespace

std::string codecs_of(const Rendition& rendition)
{
    std::string all;
    for (const auto& track : rendition.tracks()) {
        if (!track.codec_string.empty()) {
            all.append(all.empty() ? "" : ",").append(track.codec_string);
        }
    }
    return all;
}

std::string multivariant_playlist(const std::vector<Variant>& streams, const std::string& query)
{
    return Multivariant{streams, query}.write();
}

} // namespace millrace::hls
