#include "mp4_source.hpp"

#include <millrace/flv/body.hpp>
#include <millrace/mp4/opener.hpp>

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace millrace::clients {
namespace {

std::string system_error()
{
    return std::error_code{errno, std::system_category()}.message();
}

/// Fills `into` as far as the file goes.
Result<std::size_t> read_at(int file, std::span<std::uint8_t> into, std::uint64_t offset)
{
    std::size_t done = 0;
    while (done < into.size()) {
        const auto got =
            ::pread(file, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
        if (got < 0 && errno != EINTR) {
            return Unexpected{Error{std::error_code{errno, std::system_category()}}};
        }
        if (got == 0) {
            break;
        }
        done += got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    return done;
}

/// The places of the first picture and the first sound.
std::vector<std::size_t> chosen(const mp4::Movie& movie)
{
    std::vector<std::size_t> places;
    for (const auto kind : {media::Kind::video, media::Kind::audio}) {
        const auto track = std::ranges::find(movie.tracks(), kind, &media::Track::kind);
        if (track != movie.tracks().end()) {
            places.push_back(static_cast<std::size_t>(track - movie.tracks().begin()));
        }
    }
    return places;
}

/// As in FLV: 0 the picture, 1 the sound.
media::TrackId id_of(media::Kind kind)
{
    return static_cast<media::TrackId>(kind);
}

} // namespace

Mp4Source::~Mp4Source()
{
    if (file_ >= 0) {
        ::close(file_);
    }
}

bool Mp4Source::takes(std::string_view name)
{
    constexpr std::array<std::string_view, 4> kEndings{".mp4", ".m4v", ".m4a", ".mov"};
    return std::ranges::any_of(kEndings, [name](auto ending) { return name.ends_with(ending); });
}

net::awaitable<Outcome> Mp4Source::open()
{
    co_return open_file();
}

Outcome Mp4Source::open_file()
{
    file_ = ::open(name_.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat about {};
    if (file_ < 0 || ::fstat(file_, &about) != 0) {
        return {system_error()};
    }
    if (!S_ISREG(about.st_mode)) {
        return {"is no regular file: an MP4 file has its index at a place of its own, so it cannot be piped"};
    }
    auto movie = read_movie(static_cast<std::uint64_t>(about.st_size));
    if (!movie) {
        return {movie.error().message()};
    }
    movie_ = std::move(*movie);
    for (const auto& [what, count] : movie_->counters()) {
        warn(fmt::format("passed over {} {}", count, what));
    }
    const auto places = chosen(*movie_);
    std::vector<media::Track> tracks;
    for (const auto place : places) {
        tracks.push_back(movie_->tracks()[place]);
        tracks.back().id = id_of(tracks.back().kind);
    }
    head_.assign(tracks.rbegin(), tracks.rend());
    head_.emplace_back(flv::make_metadata(tracks));
    walker_.emplace(*movie_, places);
    return {};
}

Result<mp4::Movie> Mp4Source::read_movie(std::uint64_t bytes) const
{
    mp4::Opener opener{bytes};
    Bytes part;
    while (const auto range = opener.wants()) {
        part.resize(range->bytes);
        const auto got = read_at(file_, part, range->offset);
        if (!got) {
            return Unexpected{got.error()};
        }
        if (const auto fed = opener.feed(ByteView{part}.first(*got)); !fed) {
            return Unexpected{fed.error()};
        }
    }
    return opener.finish();
}

net::awaitable<std::optional<media::Item>> Mp4Source::next()
{
    if (stopped_ || !movie_) {
        co_return std::nullopt;
    }
    if (!head_.empty()) {
        auto item = std::move(head_.back());
        head_.pop_back();
        co_return item;
    }
    const auto sample = walker_->next();
    if (!sample) {
        co_return std::nullopt;
    }
    co_return read(*sample);
}

std::optional<media::Item> Mp4Source::read(const mp4::Sample& sample)
{
    Bytes payload(sample.size);
    const auto got = read_at(file_, payload, sample.offset);
    if (!got || *got < payload.size()) {
        outcome_ = {got ? fmt::format("is cut off: a sample at byte {} has {} of {} bytes", sample.offset,
                                      *got, payload.size())
                        : got.error().message()};
        return std::nullopt;
    }
    bytes_ += payload.size();
    const auto kind = movie_->tracks()[sample.track].kind;
    return media::Frame{.track = id_of(kind),
                        .kind = kind,
                        .key = sample.key || kind != media::Kind::video,
                        .dts = sample.dts,
                        .composition = sample.composition,
                        .payload = SharedBytes{std::move(payload)}};
}

} // namespace millrace::clients
