#include <millrace/hls/dash.hpp>
#include <millrace/hls/playlist.hpp>
#include <millrace/mp4/fragments.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace millrace::hls {
namespace {

using media::Kind;

std::string duration(Nanoseconds time)
{
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "PT%.3fS", std::chrono::duration<double>(time).count());
    return text.data();
}

std::string escaped(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '"': out += "&quot;"; break;
        default: out.push_back(c);
        }
    }
    return out;
}

std::string attribute(std::string_view name, std::string_view value)
{
    return " " + std::string{name} + "=\"" + escaped(value) + "\"";
}

std::string attribute(std::string_view name, std::uint64_t value)
{
    return attribute(name, std::to_string(value));
}

class Manifest {
public:
    Manifest(const Packager& packager, const std::string& folder) : packager_{packager}, folder_{folder} {}

    std::string write(WallTime now)
    {
        const auto& settings = packager_.settings();
        const auto target = packager_.target();
        out_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\"" +
               attribute("profiles", "urn:mpeg:dash:profile:isoff-live:2011") + attribute("type", "dynamic") +
               attribute("availabilityStartTime", "1970-01-01T00:00:00Z") +
               attribute("publishTime", date_time(now)) + attribute("minimumUpdatePeriod", duration(target)) +
               attribute("timeShiftBufferDepth", duration(std::max(settings.window, 3 * target))) +
               attribute("maxSegmentDuration", duration(target)) +
               attribute("minBufferTime", duration(target)) +
               attribute("suggestedPresentationDelay", duration(3 * target)) + ">\n";
        find_periods();
        for (std::size_t i = 0; i < periods_.size(); ++i) {
            period(periods_[i]);
        }
        out_ += "  <UTCTiming" + attribute("schemeIdUri", "urn:mpeg:dash:utc:direct:2014") +
                attribute("value", date_time(now)) + "/>\n</MPD>\n";
        return std::move(out_);
    }

private:
    /// The discontinuity numbers of all that is listed, in their order.
    void find_periods()
    {
        for (const auto* rendition : packager_.renditions()) {
            for (const auto& segment : rendition->listed()) {
                if (segment.closed && !segment.gap &&
                    std::ranges::find(periods_, segment.discontinuity) == periods_.end()) {
                    periods_.push_back(segment.discontinuity);
                }
            }
        }
        std::ranges::sort(periods_);
    }

    void period(std::uint64_t number)
    {
        const Segment* any = nullptr;
        std::string sets;
        for (const auto* rendition : packager_.renditions()) {
            if (const auto* first = adaptation_set(*rendition, number, sets)) {
                any = first;
            }
        }
        if (any == nullptr) {
            return;
        }
        const auto start = std::chrono::duration_cast<Nanoseconds>(any->period_wall.time_since_epoch());
        out_ += "  <Period" + attribute("id", number) + attribute("start", duration(start)) + ">\n" + sets +
                "  </Period>\n";
    }

    /// Gives the first of the period's segments in a rendition; none when there is none.
    const Segment* adaptation_set(const Rendition& rendition, std::uint64_t number, std::string& out)
    {
        const auto& track = rendition.tracks().front();
        const auto scale = mp4::timescale_of(track);
        const auto units = [scale](Nanoseconds time) {
            return static_cast<std::uint64_t>(
                std::llround(std::chrono::duration<long double>(time).count() * scale));
        };
        const Segment* first = nullptr;
        std::string line;
        for (const auto& segment : rendition.listed()) {
            if (segment.discontinuity != number || !segment.closed || segment.gap || !segment.init) {
                continue;
            }
            first = first == nullptr ? &segment : first;
            line += "            <S" + attribute("t", units(segment.begin)) +
                    attribute("d", units(segment.begin + segment.duration) - units(segment.begin)) + "/>\n";
        }
        if (first == nullptr) {
            return nullptr;
        }
        const bool picture = track.kind == Kind::video;
        const auto stem = folder_ + "$RepresentationID$-" + packager_.token() + "-";
        out += "    <AdaptationSet" + attribute("contentType", picture ? "video" : "audio") +
               attribute("mimeType", picture ? "video/mp4" : "audio/mp4") +
               attribute("segmentAlignment", "true") + attribute("startWithSAP", "1") +
               ">\n      <SegmentTemplate" + attribute("timescale", scale) +
               attribute("presentationTimeOffset", units(first->period_begin)) +
               attribute("initialization", stem + "i" + std::to_string(first->init->number) + ".mp4") +
               attribute("media", stem + "$Number$.m4s") + attribute("startNumber", first->msn) +
               ">\n          <SegmentTimeline>\n" + line +
               "          </SegmentTimeline>\n      </SegmentTemplate>\n" + "      <Representation" +
               attribute("id", rendition.id()) +
               attribute("bandwidth", static_cast<std::uint64_t>(std::max(rendition.peak_rate(), 1000.0)));
        if (!track.codec_string.empty()) {
            out += attribute("codecs", track.codec_string);
        }
        if (picture && track.width > 0) {
            out += attribute("width", track.width) + attribute("height", track.height);
        }
        if (!picture && track.sample_rate > 0) {
            out += attribute("audioSamplingRate", track.sample_rate);
        }
        out += "/>\n    </AdaptationSet>\n";
        return first;
    }

    const Packager& packager_;
    const std::string& folder_;
    std::vector<std::uint64_t> periods_;
    std::string out_;
};

} // namespace

std::string dash_manifest(const Packager& packager, const std::string& folder, WallTime now)
{
    return Manifest{packager, folder}.write(now);
}

} // namespace millrace::hls
