// A stream from an MP4 file.
#pragma once

#include <millrace/clients/source.hpp>
#include <millrace/mp4/movie.hpp>

namespace millrace::clients {

/// Reads the first picture and the first sound of an MP4 or QuickTime file, each sample where it stands, so
/// that what FLV's old form has no place for (H.265, AV1, VP9, Opus, FLAC, AC-3) comes as it is.
class Mp4Source final : public Source {
public:
    explicit Mp4Source(std::string name) : name_{std::move(name)} {}
    ~Mp4Source() override;

    net::awaitable<Outcome> open() override;
    net::awaitable<std::optional<media::Item>> next() override;
    void stop() override { stopped_ = true; }

    /// Whether a name is one of such a file.
    static bool takes(std::string_view name);

private:
    Outcome open_file();
    Result<mp4::Movie> read_movie(std::uint64_t bytes) const;
    std::optional<media::Item> read(const mp4::Sample& sample);

    std::string name_;
    int file_ = -1;
    std::optional<mp4::Movie> movie_;
    std::optional<mp4::Movie::Walker> walker_;
    std::vector<media::Item> head_; ///< In reverse: the next one is the last.
    bool stopped_ = false;
};

} // namespace millrace::clients
