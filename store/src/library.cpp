#include "titles.hpp"

#include <algorithm>
#include <array>

namespace millrace::store {
namespace {

constexpr std::array<std::string_view, 5> kUsual{"", ".flv", ".mp4", ".m4v", ".mov"};
constexpr std::array<std::string_view, 5> kMp4{"", ".mp4", ".m4v", ".mov", ".flv"};
constexpr std::string_view kFilms = "vod/"; ///< The application whose names are looked for without it.

template <class Map>
void forget_unused(Map& map)
{
    std::erase_if(map, [](const auto& entry) { return entry.second.expired(); });
}

} // namespace

Result<Library::Found> Library::find(std::string_view name, std::string_view form) const
{
    if (!is_safe_name(name)) {
        return Unexpected{Errc::bad_name};
    }
    std::vector<std::string> names;
    for (const auto ending : form == "mp4" ? kMp4 : kUsual) {
        names.push_back(std::string{name}.append(ending));
        if (name.starts_with(kFilms)) {
            names.push_back(std::string{name.substr(kFilms.size())}.append(ending));
        }
    }
    Error last{Errc::not_found};
    for (const auto& folder : folders_) {
        for (const auto& each : names) {
            auto file = folder.read(each);
            if (file) {
                return Found{each, std::move(*file)};
            }
            last = file.error() == make_error_code(Errc::not_found) ? last : file.error();
        }
    }
    return Unexpected{last};
}

Result<std::unique_ptr<Title>> Library::open(File file)
{
    const auto identity = file.identity();
    if (!identity) {
        return Unexpected{identity.error()};
    }
    std::array<std::uint8_t, flv::kFileHeadBytes> begin{};
    const auto got = file.read_at(begin, 0);
    if (!got) {
        return Unexpected{got.error()};
    }
    if (flv::first_tag(ByteView{begin}.first(*got))) {
        return open_flv(std::move(file), *identity);
    }
    return open_mp4(std::move(file), *identity);
}

Result<std::unique_ptr<Title>> Library::open_flv(File file, const File::Identity& identity)
{
    std::shared_ptr<FlvIndex> index;
    {
        const std::scoped_lock lock{mutex_};
        forget_unused(indexes_);
        auto& known = indexes_[identity];
        index = known.lock();
        if (!index) {
            known = index = std::make_shared<FlvIndex>();
        }
    }
    return open_flv_title(std::move(file), identity.bytes, std::move(index));
}

Result<std::unique_ptr<Title>> Library::open_mp4(File file, const File::Identity& identity)
{
    std::shared_ptr<const mp4::Movie> movie;
    {
        const std::scoped_lock lock{mutex_};
        forget_unused(movies_);
        const auto known = movies_.find(identity);
        movie = known != movies_.end() ? known->second.lock() : nullptr;
    }
    if (!movie) {
        auto read = read_movie(file, identity.bytes);
        if (!read) {
            const bool other = read.error() == make_error_code(mp4::Errc::not_mp4);
            return Unexpected{other ? Error{Errc::unknown_form} : read.error()};
        }
        movie = std::make_shared<const mp4::Movie>(std::move(*read));
        const std::scoped_lock lock{mutex_};
        movies_[identity] = movie;
    }
    return open_mp4_title(std::move(file), std::move(movie));
}

} // namespace millrace::store
