#include "tag_walker.hpp"
#include "titles.hpp"
#include <millrace/base/reader.hpp>
#include <millrace/flv/demuxer.hpp>

#include <algorithm>

namespace millrace::store {
namespace {

constexpr std::size_t kHeadBytes = std::size_t{1}
                                   << 20U; ///< Within which all tracks of a file show themselves.
constexpr std::size_t kBlock = std::size_t{64} << 10U;

class FlvTitle final : public Title {
public:
    FlvTitle(File file, std::uint64_t bytes, std::shared_ptr<FlvIndex> index)
        : file_{std::move(file)}, bytes_{bytes}, index_{std::move(index)}
    {
    }

    Result<> open();

    const media::Head& head() const override { return head_; }
    std::chrono::milliseconds duration() const override { return duration_; }
    Result<MediaTime> seek(MediaTime at) override;
    Result<bool> read(std::size_t bytes, std::vector<media::Item>& out) override;
    std::optional<std::uint64_t> position() const override { return place_; }

private:
    void learn(const media::Metadata& metadata);
    void learn_by_scan();
    std::optional<std::chrono::milliseconds> last_time() const;
    flv::Place place_for(std::uint32_t ms);
    std::optional<flv::Place> known_place(std::uint32_t ms);
    std::vector<std::uint64_t> configs_before(std::uint64_t position);
    void begin_at(flv::Place place);
    bool feed_tag(std::uint64_t position);

    File file_;
    std::uint64_t bytes_;
    std::shared_ptr<FlvIndex> index_;
    std::uint64_t first_ = 0;
    std::uint64_t first_frame_ = 0; ///< Where the first tag stands that is a frame.
    std::vector<std::uint64_t> first_configs_;
    media::Head head_;
    std::chrono::milliseconds duration_{0};
    flv::Demuxer demuxer_;
    std::uint64_t place_ = 0; ///< Of the last seek.
    std::uint64_t at_ = 0;    ///< Read so far.
    bool ended_ = false;
};

Result<> FlvTitle::open()
{
    std::array<std::uint8_t, flv::kFileHeadBytes> begin{};
    const auto got = file_.read_at(begin, 0);
    if (!got) {
        return Unexpected{got.error()};
    }
    const auto first = flv::first_tag(ByteView{begin}.first(*got));
    if (!first) {
        return Unexpected{first.error()};
    }
    first_ = *first;
    // Up to the first frames of both kinds: what stands before them belongs to the head.
    TagWalker walker{file_, first_, std::min<std::uint64_t>(bytes_, first_ + kHeadBytes)};
    bool seen[2] = {false, false};
    while (!seen[0] || !seen[1]) {
        const auto step = walker.next();
        if (!step) {
            break;
        }
        if (step->tag.config) {
            first_configs_.push_back(step->position);
        } else if (step->tag.type != flv::TagType::script) {
            seen[step->tag.type == flv::TagType::audio ? 1 : 0] = true;
            first_frame_ = first_frame_ == 0 ? step->position : first_frame_;
        }
    }
    first_frame_ = first_frame_ == 0 ? walker.position() : first_frame_;
    media::Metadata metadata{.name = "onMetaData", .values = {}};
    for (auto& each : read_source(file_).metadata) {
        if (each.name == metadata.name) {
            metadata = std::move(each);
        }
    }
    learn(metadata);
    begin_at({0, first_frame_});
    metadata = metadata.values.empty() ? flv::make_metadata(head_.tracks) : metadata;
    // Quirk: rtmpdump takes a download for whole when its last timestamp has come to the duration.
    const auto last = last_time().value_or(duration_);
    head_.metadata = {flv::for_stream(metadata, last.count() > 0 ? std::min(last, duration_) : duration_)};
    return {};
}

void FlvTitle::learn(const media::Metadata& metadata)
{
    {
        const std::scoped_lock lock{index_->mutex};
        if (!index_->duration) {
            index_->keys = flv::read_keys(metadata, bytes_);
            index_->configs = flv::read_configs(metadata, bytes_);
            index_->duration = flv::read_duration(metadata);
        }
        if (!index_->duration) {
            index_->duration = last_time();
        }
        duration_ = index_->duration.value_or(std::chrono::milliseconds{0});
    }
    if (duration_.count() == 0) {
        learn_by_scan();
    }
}

/// By the size behind the last tag.
std::optional<std::chrono::milliseconds> FlvTitle::last_time() const
{
    std::array<std::uint8_t, 4> pointer{};
    if (bytes_ < flv::kFileHeadBytes + pointer.size() ||
        file_.read_at(pointer, bytes_ - pointer.size()).value_or(0) != pointer.size()) {
        return std::nullopt;
    }
    const std::uint64_t size = ByteReader{pointer}.u32();
    if (size + pointer.size() > bytes_ - flv::kFileHeadBytes) {
        return std::nullopt;
    }
    std::array<std::uint8_t, flv::kGlanceBytes> begin{};
    const auto got = file_.read_at(begin, bytes_ - pointer.size() - size).value_or(0);
    const auto tag = flv::glance(ByteView{begin}.first(got));
    if (!tag || tag->whole_bytes() != size + pointer.size()) {
        return std::nullopt;
    }
    return std::chrono::milliseconds{tag->timestamp};
}

/// Looks at every tag: once for a state of a file, whoever asks first.
void FlvTitle::learn_by_scan()
{
    const std::scoped_lock lock{index_->mutex};
    if (!index_->scanned) {
        index_->scanned = true;
        flv::Survey survey;
        TagWalker walker{file_, first_, bytes_};
        while (const auto step = walker.next()) {
            survey.see(step->tag, step->position);
        }
        auto facts = survey.facts(bytes_);
        index_->keys = std::move(facts.keys);
        index_->configs = std::move(facts.configs);
        index_->duration = facts.duration;
    }
    duration_ = index_->duration.value_or(std::chrono::milliseconds{0});
}

/// By the index, which may leave key frames out: from its entry on, tags are looked at. None when the index
/// is not right.
std::optional<flv::Place> FlvTitle::known_place(std::uint32_t ms)
{
    constexpr std::uint32_t kTolerance = 1000; // Of index entries with the time of presentation.
    flv::Place from;
    {
        const std::scoped_lock lock{index_->mutex};
        const auto& keys = index_->keys;
        const auto after = std::ranges::upper_bound(keys, ms, {}, &flv::Place::time);
        if (after == keys.begin()) {
            return keys.empty() ? std::nullopt : std::optional{flv::Place{0, first_frame_}};
        }
        from = *(after - 1);
    }
    TagWalker walker{file_, from.position, bytes_};
    std::optional<flv::Place> found;
    while (const auto step = walker.next()) {
        const auto& tag = step->tag;
        if (step->position == from.position) {
            const bool right = (tag.key_frame || tag.type == flv::TagType::audio || tag.config) &&
                               tag.timestamp + kTolerance >= from.time &&
                               tag.timestamp <= from.time + kTolerance;
            if (!right) {
                return std::nullopt;
            }
            // Quirk: some writers let their index point at the sequence header before the key frame.
            if (!tag.config) {
                found = flv::Place{tag.timestamp, step->position};
            }
        } else if (tag.key_frame && (!found || tag.timestamp <= ms)) {
            found = flv::Place{tag.timestamp, step->position};
        }
        if (tag.timestamp > ms) {
            break;
        }
    }
    return found;
}

flv::Place FlvTitle::place_for(std::uint32_t ms)
{
    if (ms == 0) {
        return {0, first_frame_};
    }
    if (const auto known = known_place(ms)) {
        return *known;
    }
    learn_by_scan();
    return known_place(ms).value_or(flv::Place{0, first_frame_});
}

/// The sequence headers that hold at a place.
std::vector<std::uint64_t> FlvTitle::configs_before(std::uint64_t position)
{
    auto places = first_configs_;
    const std::scoped_lock lock{index_->mutex};
    for (const auto& config : index_->configs) {
        if (config.position < position && std::ranges::find(places, config.position) == places.end()) {
            places.push_back(config.position);
        }
    }
    std::erase_if(places, [position](std::uint64_t each) { return each >= position; });
    std::ranges::sort(places);
    return places;
}

bool FlvTitle::feed_tag(std::uint64_t position)
{
    std::array<std::uint8_t, flv::kGlanceBytes> begin{};
    const auto got = file_.read_at(begin, position).value_or(0);
    const auto tag = flv::glance(ByteView{begin}.first(got));
    if (!tag || !tag->config || tag->whole_bytes() > kHeadBytes) {
        return false;
    }
    Bytes whole(static_cast<std::size_t>(tag->whole_bytes()));
    return file_.read_at(whole, position).value_or(0) == whole.size() && demuxer_.feed(whole).has_value();
}

/// Makes a new demuxer that knows what holds at a place, and reads on there.
void FlvTitle::begin_at(flv::Place place)
{
    static constexpr std::array<std::uint8_t, flv::kFileHeadBytes> kHeader{'F', 'L', 'V', 1, 5, 0, 0, 0, 9};
    demuxer_ = flv::Demuxer{};
    static_cast<void>(demuxer_.feed(kHeader));
    for (const auto config : configs_before(place.position)) {
        feed_tag(config);
    }
    head_.tracks.clear();
    while (auto item = demuxer_.next()) {
        if (auto* track = std::get_if<media::Track>(&*item)) {
            std::erase_if(head_.tracks, [&](const auto& known) { return known.id == track->id; });
            head_.tracks.push_back(std::move(*track));
        }
    }
    std::ranges::sort(head_.tracks, {}, &media::Track::id);
    place_ = at_ = place.position;
    ended_ = false;
}

Result<MediaTime> FlvTitle::seek(MediaTime at)
{
    const auto ms = std::clamp<std::int64_t>(to_ms(at), 0, UINT32_MAX);
    const auto place = place_for(static_cast<std::uint32_t>(ms));
    begin_at(place);
    return media_ms(place.time);
}

Result<bool> FlvTitle::read(std::size_t bytes, std::vector<media::Item>& out)
{
    std::array<std::uint8_t, kBlock> block;
    const auto before = out.size();
    for (std::size_t done = 0; !ended_ && (done < bytes || out.size() == before);) {
        const auto room = static_cast<std::size_t>(std::min<std::uint64_t>(kBlock, bytes_ - at_));
        const auto got = file_.read_at(std::span{block}.first(room), at_);
        if (!got) {
            return Unexpected{got.error()};
        }
        ended_ = *got < room || at_ + *got >= bytes_;
        at_ += *got;
        done += *got;
        static_cast<void>(demuxer_.feed(ByteView{block}.first(*got)));
        if (ended_) {
            demuxer_.end();
        }
        while (auto item = demuxer_.next()) {
            if (!std::holds_alternative<media::Metadata>(*item)) {
                out.push_back(std::move(*item));
            }
        }
    }
    return !ended_;
}

} // namespace

Result<std::unique_ptr<Title>> open_flv_title(File file, std::uint64_t bytes, std::shared_ptr<FlvIndex> index)
{
    auto title = std::make_unique<FlvTitle>(std::move(file), bytes, std::move(index));
    if (const auto opened = title->open(); !opened) {
        return Unexpected{opened.error()};
    }
    return std::unique_ptr<Title>{std::move(title)};
}

} // namespace millrace::store
