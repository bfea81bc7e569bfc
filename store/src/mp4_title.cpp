#include "titles.hpp"
#include <millrace/flv/body.hpp>

#include <algorithm>

namespace millrace::store {
namespace {

using media::Kind;

/// The first picture and the first sound: what FLV and RTMP players take.
std::vector<std::size_t> chosen(const mp4::Movie& movie)
{
    std::vector<std::size_t> places;
    for (const auto kind : {Kind::video, Kind::audio}) {
        const auto track = std::ranges::find(movie.tracks(), kind, &media::Track::kind);
        if (track != movie.tracks().end()) {
            places.push_back(static_cast<std::size_t>(track - movie.tracks().begin()));
        }
    }
    return places;
}

class Mp4Title final : public Title {
public:
    Mp4Title(File file, std::shared_ptr<const mp4::Movie> movie)
        : file_{std::move(file)}, movie_{std::move(movie)}, walker_{*movie_, chosen(*movie_)}
    {
        for (const auto place : chosen(*movie_)) {
            auto track = movie_->tracks()[place];
            track.id = static_cast<media::TrackId>(track.kind); // As in FLV: 0 the picture, 1 the sound.
            head_.tracks.push_back(std::move(track));
        }
        // Quirk: as of an FLV title, the duration that rtmpdump is told is the time of the last frame.
        head_.metadata.push_back(flv::for_stream(flv::make_metadata(head_.tracks),
                                                 std::chrono::milliseconds{to_ms(movie_->last())}));
    }

    const media::Head& head() const override { return head_; }

    std::chrono::milliseconds duration() const override
    {
        return std::chrono::duration_cast<std::chrono::milliseconds>(movie_->duration());
    }

    Result<MediaTime> seek(MediaTime at) override { return walker_.seek(at); }

    Result<bool> read(std::size_t bytes, std::vector<media::Item>& out) override
    {
        for (std::size_t done = 0; done < bytes;) {
            const auto sample = walker_.next();
            if (!sample) {
                return false;
            }
            Bytes payload(sample->size);
            const auto got = file_.read_at(payload, sample->offset);
            if (!got) {
                return Unexpected{got.error()};
            }
            if (*got < payload.size()) {
                return false; // The file was cut off while it plays.
            }
            done += payload.size() + 1;
            const auto& track = movie_->tracks()[sample->track];
            out.emplace_back(media::Frame{.track = static_cast<media::TrackId>(track.kind),
                                          .kind = track.kind,
                                          .key = sample->key || track.kind != Kind::video,
                                          .dts = sample->dts,
                                          .composition = sample->composition,
                                          .payload = SharedBytes{std::move(payload)}});
        }
        return true;
    }

private:
    File file_;
    std::shared_ptr<const mp4::Movie> movie_;
    mp4::Movie::Walker walker_;
    media::Head head_;
};

} // namespace

Result<mp4::Movie> read_movie(const File& file, std::uint64_t bytes)
{
    mp4::Opener opener{bytes};
    Bytes part;
    while (const auto range = opener.wants()) {
        part.resize(range->bytes);
        const auto got = file.read_at(part, range->offset);
        if (!got) {
            return Unexpected{got.error()};
        }
        if (const auto fed = opener.feed(ByteView{part}.first(*got)); !fed) {
            return Unexpected{fed.error()};
        }
    }
    return opener.finish();
}

std::unique_ptr<Title> open_mp4_title(File file, std::shared_ptr<const mp4::Movie> movie)
{
    return std::make_unique<Mp4Title>(std::move(file), std::move(movie));
}

} // namespace millrace::store
