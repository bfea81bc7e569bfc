#include <millrace/hls/names.hpp>
#include <millrace/hls/playlist.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

namespace millrace::hls {
namespace {

constexpr int kWithParts = 9;
constexpr int kWithMap = 6;
constexpr int kPlain = 3;

double seconds(Nanoseconds time)
{
    return std::chrono::duration<double>(time).count();
}

/// A decimal number without needless zeros: "0.5", "2".
std::string decimal(double value, int digits)
{
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "%.*f", digits, value);
    std::string out{text.data()};
    if (out.find('.') != std::string::npos) {
        out.erase(out.find_last_not_of('0') + 1);
        if (out.ends_with('.')) {
            out.pop_back();
        }
    }
    return out;
}

/// The same with at least one digit behind the point.
std::string fraction(double value, int digits)
{
    auto out = decimal(value, digits);
    return out.find('.') == std::string::npos ? out + ".0" : out;
}

std::string hex(ByteView bytes)
{
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    for (const auto byte : bytes) {
        out.push_back(kDigits[byte >> 4U]);
        out.push_back(kDigits[byte & 0xfU]);
    }
    return out;
}

/// Writes one media playlist.
class Text {
public:
    Text(const Packager& packager, const Rendition& rendition, const PlaylistOptions& options)
        : packager_{packager}, rendition_{rendition}, options_{options}, ending_{ending_of(
                                                                             packager.settings().container)},
          parts_{packager.part_target() > Nanoseconds{0}}, target_{packager.target()}
    {
    }

    std::string write()
    {
        find_ages();
        head();
        const auto& listed = rendition_.listed();
        const auto skipped = options_.delta ? count_skipped() : 0;
        if (skipped > 0) {
            line("#EXT-X-SKIP:SKIPPED-SEGMENTS=" + std::to_string(skipped));
            init_ = listed[skipped - 1].init.get();
            key_ = listed[skipped - 1].key.get();
        }
        for (std::size_t i = skipped; i < listed.size(); ++i) {
            if (listed[i].closed || parts_) {
                segment(listed[i], to_end_[i]);
            }
        }
        tail();
        return std::move(out_);
    }

private:
    void line(std::string_view text) { out_.append(text).push_back('\n'); }

    bool can_block() const { return parts_; }
    Nanoseconds skip_until() const { return 6 * target_; }

    /// Of each segment: from its end to that of the newest closed one.
    void find_ages()
    {
        const auto& listed = rendition_.listed();
        to_end_.resize(listed.size());
        Nanoseconds sum{0};
        for (std::size_t i = listed.size(); i > 0; --i) {
            to_end_[i - 1] = sum;
            sum += listed[i - 1].closed ? listed[i - 1].duration : Nanoseconds{0};
        }
    }

    std::size_t count_skipped() const
    {
        if (!can_block() || packager_.ended()) {
            return 0;
        }
        std::size_t count = 0;
        while (count < to_end_.size() && to_end_[count] >= skip_until()) {
            ++count;
        }
        return count;
    }

    void head()
    {
        const auto& listed = rendition_.listed();
        const bool has_map = packager_.settings().container == Container::fmp4;
        line("#EXTM3U");
        line("#EXT-X-VERSION:" + std::to_string(parts_ ? kWithParts : has_map ? kWithMap : kPlain));
        line("#EXT-X-TARGETDURATION:" + decimal(seconds(target_), 0));
        if (parts_) {
            constexpr int kHold = 3; ///< Parts that players stay behind.
            const auto part = seconds(packager_.part_target());
            line("#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=" + fraction(kHold * part, 3) +
                 ",CAN-SKIP-UNTIL=" + fraction(seconds(skip_until()), 3));
            line("#EXT-X-PART-INF:PART-TARGET=" + fraction(part, 3));
        }
        if (listed.empty()) {
            return;
        }
        const auto& first = listed.front();
        line("#EXT-X-MEDIA-SEQUENCE:" + std::to_string(first.msn));
        const auto number = first.discontinuity - (first.discontinuous ? 1 : 0);
        line("#EXT-X-DISCONTINUITY-SEQUENCE:" + std::to_string(number));
    }

    void segment(const Segment& segment, Nanoseconds to_end)
    {
        if (segment.discontinuous) {
            line("#EXT-X-DISCONTINUITY");
        }
        if (segment.init && segment.init.get() != init_) {
            if (key_ !=
                nullptr) { // It would hold for the initialisation segment, too, which is in the clear.
                line("#EXT-X-KEY:METHOD=NONE");
                key_ = nullptr;
            }
            init_ = segment.init.get();
            line("#EXT-X-MAP:URI=\"" + init_name(rendition_.id(), packager_.token(), segment.init->number) +
                 "\"");
        }
        if (segment.key && segment.key.get() != key_) {
            key_ = segment.key.get();
            line("#EXT-X-KEY:METHOD=AES-128,URI=\"" + key_name(packager_.token(), segment.key->id) +
                 "\",IV=0x" + hex(segment.key->iv));
        }
        line("#EXT-X-PROGRAM-DATE-TIME:" + date_time(segment.wall));
        if (parts_ && !segment.gap && (!segment.closed || to_end < 3 * target_)) {
            parts(segment);
        }
        if (!segment.closed) {
            return;
        }
        if (segment.gap) {
            line("#EXT-X-GAP");
        }
        line("#EXTINF:" + fraction(seconds(segment.duration), 6) + ",");
        line(segment_name(rendition_.id(), packager_.token(), segment.msn, ending_));
    }

    std::string part_uri(const Segment& segment, std::size_t number) const
    {
        return part_name(rendition_.id(), packager_.token(), segment.msn, number, ending_);
    }

    void parts(const Segment& segment)
    {
        for (std::size_t i = 0; i < segment.parts.size(); ++i) {
            const auto& part = segment.parts[i];
            line("#EXT-X-PART:DURATION=" + fraction(seconds(part.duration), 6) + ",URI=\"" +
                 part_uri(segment, i) + "\"" + (part.independent ? ",INDEPENDENT=YES" : ""));
        }
    }

    void tail()
    {
        if (packager_.ended()) {
            line("#EXT-X-ENDLIST");
            return;
        }
        if (!parts_ || !rendition_.open()) {
            return;
        }
        const auto& open = rendition_.listed().back();
        line("#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"" + part_uri(open, open.parts.size()) + "\"");
        for (const auto* other : packager_.renditions()) {
            if (other != &rendition_ && packager_.present(*other)) {
                report(*other);
            }
        }
    }

    /// Where another rendition is (rfc8216bis §4.4.5.4).
    void report(const Rendition& other)
    {
        const auto& last = other.listed().back();
        const bool begun = !last.closed && !last.parts.empty();
        const auto* shown = &last;
        if (!begun && !last.closed && other.listed().size() > 1) {
            shown = &other.listed()[other.listed().size() - 2];
        }
        if (shown->parts.empty()) {
            return;
        }
        line("#EXT-X-RENDITION-REPORT:URI=\"" + playlist_name(other.id()) + options_.query + "\",LAST-MSN=" +
             std::to_string(shown->msn) + ",LAST-PART=" + std::to_string(shown->parts.size() - 1));
    }

    const Packager& packager_;
    const Rendition& rendition_;
    const PlaylistOptions& options_;
    std::string_view ending_;
    bool parts_;
    Nanoseconds target_;
    std::vector<Nanoseconds> to_end_;
    const Init* init_ = nullptr;
    const Key* key_ = nullptr;
    std::string out_;
};

} // namespace

std::string media_playlist(const Packager& packager, const Rendition& rendition,
                           const PlaylistOptions& options)
{
    return Text{packager, rendition, options}.write();
}

std::string date_time(WallTime time)
{
    const auto ms = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
    const auto whole = std::chrono::floor<std::chrono::seconds>(ms);
    const auto clock = static_cast<std::time_t>(whole.count());
    std::tm parts{};
    gmtime_r(&clock, &parts);
    std::array<char, 40> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    std::array<char, 8> fraction{};
    std::snprintf(fraction.data(), fraction.size(), ".%03dZ", static_cast<int>((ms - whole).count()));
    return std::string{text.data()} + fraction.data();
}

std::string_view ending_of(Container container)
{
    return container == Container::ts ? ".ts" : ".m4s";
}

} // namespace millrace::hls
