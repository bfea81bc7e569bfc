#include "marks.hpp"
#include "tag_walker.hpp"
#include <millrace/store/recording.hpp>

#include <climits>

#include <sys/uio.h>

#include <algorithm>

namespace millrace::store {
namespace {

/// A stream that was said to have a picture and brings none is begun without.
constexpr std::chrono::seconds kPatience{10};

std::size_t size_of(const media::Pieces& pieces, std::size_t from)
{
    std::size_t bytes = 0;
    for (auto i = from; i < pieces.size(); ++i) {
        bytes += pieces[i].size();
    }
    return bytes;
}

/// Writes pieces at a place, in as few calls as the system allows; gives how much was written before an
/// error.
std::pair<std::uint64_t, Result<>> write_pieces(const File& file, const media::Pieces& pieces,
                                                std::uint64_t offset)
{
    std::vector<iovec> parts;
    for (const auto& piece : pieces) {
        if (!piece.empty()) {
            parts.push_back({const_cast<std::uint8_t*>(piece.data()), piece.size()});
        }
    }
    std::uint64_t done = 0;
    for (std::size_t at = 0; at < parts.size();) {
        const auto count = std::min<std::size_t>(parts.size() - at, IOV_MAX);
        const auto put = pwritev(file.descriptor(), parts.data() + at, static_cast<int>(count),
                                 static_cast<off_t>(offset + done));
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put < 0) {
            return {done, Unexpected{last_system_error()}};
        }
        done += static_cast<std::uint64_t>(put);
        for (auto left = static_cast<std::size_t>(put); at < parts.size() && left > 0;) {
            const auto taken = std::min(left, parts[at].iov_len);
            parts[at].iov_base = static_cast<std::uint8_t*>(parts[at].iov_base) + taken;
            parts[at].iov_len -= taken;
            left -= taken;
            at += parts[at].iov_len == 0 ? 1 : 0;
        }
    }
    return {done, {}};
}

template <class T, class Key>
void put_into(std::vector<T>& list, const T& value, Key key)
{
    const auto known = std::ranges::find(list, value.*key, key);
    known != list.end() ? void(*known = value) : list.push_back(value);
}

} // namespace

Recording::Recording(const Folder& folder, std::string name, Limits limits)
    : folder_{folder}, name_{std::move(name)}, limits_{limits}
{
}

Recording::~Recording() = default;

Result<std::unique_ptr<Recording>> Recording::begin(const Folder& folder, std::string name, Kind kind,
                                                    Limits limits)
{
    std::unique_ptr<Recording> recording{new Recording{folder, std::move(name), limits}};
    if (const auto opened = recording->open(kind); !opened) {
        return Unexpected{opened.error()};
    }
    return recording;
}

Result<> Recording::open(Kind kind)
{
    if (!is_safe_name(name_)) {
        return Unexpected{Errc::bad_name};
    }
    if (kind == Kind::append) {
        auto file = folder_.edit(name_);
        if (file) {
            file_ = std::move(*file);
            return go_on();
        }
        if (file.error() != make_error_code(Errc::not_found)) {
            return Unexpected{file.error()};
        }
    }
    // The mark comes first: there is never an unfinished file without one.
    const Marks marks{folder_};
    if (const auto marked = marks.set(name_); !marked) {
        return marked;
    }
    auto file = folder_.create(name_);
    if (!file) {
        marks.clear(name_);
        return Unexpected{file.error()};
    }
    file_ = std::move(*file);
    end_ = kHeadRoom;
    return write_head();
}

/// Finds the end of a file, cuts off what is not whole, and takes up its time.
Result<> Recording::go_on()
{
    const auto facts = file_.identity();
    if (!facts) {
        return Unexpected{facts.error()};
    }
    auto found = survey(file_, facts->bytes);
    if (!found) {
        return Unexpected{found.error()};
    }
    if (const auto marked = Marks{folder_}.set(name_); !marked) {
        return marked;
    }
    head_.metadata = read_source(file_).metadata;
    if (has_head_room(file_)) {
        if (const auto cut = file_.cut(found->end); !cut) {
            return cut;
        }
        end_ = found->end;
    } else {
        if (const auto made = make_room(found->end); !made) {
            return made;
        }
        found = survey(file_, end_);
        if (!found) {
            return Unexpected{found.error()};
        }
    }
    survey_ = found->survey;
    if (!survey_.empty()) {
        base_ = survey_.last_timestamp() + static_cast<std::uint32_t>(survey_.gap().count());
    }
    return {};
}

/// Copies the tags of a file that has no room for its head behind a head of ours, and puts that in its place.
Result<> Recording::make_room(std::uint64_t end)
{
    constexpr std::size_t kBlock = std::size_t{1} << 20U;
    const auto copy_name = name_ + ".part";
    auto copy = folder_.create(copy_name);
    if (!copy) {
        return Unexpected{copy.error()};
    }
    std::array<std::uint8_t, flv::kFileHeadBytes> head{};
    static_cast<void>(file_.read_at(head, 0));
    auto from = *flv::first_tag(head); // The survey has read it before.
    TagWalker walker{file_, from, end};
    if (const auto first = walker.next(); first && first->tag.type == flv::TagType::script) {
        from = walker.position(); // Its onMetaData, which ours replaces.
    }
    std::uint64_t to = kHeadRoom;
    std::vector<std::uint8_t> block(kBlock);
    Result<> done = copy->write_at(flv::write_file_head(head_, {.bytes = kHeadRoom}, kHeadRoom), 0);
    while (done && from < end) {
        const auto got =
            file_.read_at(std::span{block}.first(std::min<std::uint64_t>(kBlock, end - from)), from);
        if (!got || *got == 0) {
            done = Unexpected{got ? Error{Errc::not_found} : got.error()};
            break;
        }
        done = copy->write_at(ByteView{block}.first(*got), to);
        from += *got;
        to += *got;
    }
    if (done) {
        done = folder_.rename(copy_name, name_);
    }
    if (!done) {
        static_cast<void>(folder_.remove(copy_name));
        return done;
    }
    file_ = std::move(*copy);
    end_ = to;
    return {};
}

Result<> Recording::write_head()
{
    return file_.write_at(flv::write_file_head(head_, survey_.facts(end_), kHeadRoom), 0);
}

std::chrono::milliseconds Recording::duration() const
{
    return survey_.duration();
}

void Recording::take(const media::Item& item)
{
    if (const auto* track = std::get_if<media::Track>(&item)) {
        put_into(head_.tracks, *track, &media::Track::id);
        put_into(untold_, *track, &media::Track::id);
    } else if (const auto* metadata = std::get_if<media::Metadata>(&item)) {
        put_into(head_.metadata, *metadata, &media::Metadata::name);
    } else {
        take(std::get<media::Frame>(item));
    }
}

void Recording::take(media::Frame frame)
{
    const bool pictures =
        std::ranges::any_of(head_.tracks, [](const auto& track) { return track.kind == media::Kind::video; });
    if (!zero_) {
        if (frame.kind == media::Kind::data ||
            (pictures && !(frame.kind == media::Kind::video && frame.key))) {
            return;
        }
        zero_ = frame.dts - std::chrono::milliseconds{base_};
    }
    const auto begin = media_ms(base_);
    const auto dts = MediaTime{frame.dts - *zero_};
    frame.composition -=
        std::max(dts, begin) - dts; // What comes a little before the first stays in its place.
    frame.dts = std::max(dts, begin);
    for (const auto& track : std::exchange(untold_, {})) {
        const auto before = pieces_.size();
        muxer_.write(track, frame.dts, pieces_);
        add_tag(before);
    }
    const auto before = pieces_.size();
    muxer_.write(frame, false, pieces_);
    add_tag(before);
}

/// Notes the tag that was made of what stands behind the first pieces; there may be none.
void Recording::add_tag(std::size_t before)
{
    if (before == pieces_.size()) {
        return;
    }
    const auto position = end_ + (ends_.empty() ? 0 : ends_.back());
    if (const auto tag = flv::glance(pieces_[before])) {
        survey_.see(*tag, position);
    }
    ends_.push_back((ends_.empty() ? 0 : ends_.back()) + size_of(pieces_, before));
}

Result<> Recording::put()
{
    if (ends_.empty()) {
        return {};
    }
    const auto [done, written] = write_pieces(file_, pieces_, end_);
    // Of a batch that was not written whole, the tags before the break are kept.
    const auto next = std::ranges::upper_bound(ends_, done);
    end_ += next == ends_.begin() ? 0 : *(next - 1);
    pieces_.clear();
    ends_.clear();
    if (!written) {
        static_cast<void>(file_.cut(end_));
    }
    return written;
}

Result<> Recording::write(const std::vector<media::Item>& items)
{
    if (failed_) {
        return Unexpected{Errc::limit_reached};
    }
    for (const auto& item : items) {
        take(item);
    }
    auto written = put();
    if (written && zero_ && !head_told_) {
        head_told_ = true;
        written = write_head(); // From now on a crash leaves a head that tells the tracks.
    }
    if (written && ((limits_.bytes > 0 && end_ >= limits_.bytes) ||
                    (limits_.time.count() > 0 && duration() >= limits_.time))) {
        written = Unexpected{Errc::limit_reached};
    }
    failed_ = !written;
    return written;
}

Result<> Recording::finish()
{
    const auto told = write_head();
    if (told) {
        Marks{folder_}.clear(name_);
    }
    return told;
}

} // namespace millrace::store
