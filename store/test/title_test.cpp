#include "film.hpp"
#include <millrace/amf/amf0.hpp>

#include <gmock/gmock.h>

namespace millrace::store {
namespace {

using namespace std::chrono_literals;
using testing::SizeIs;

std::vector<media::Item> read_all(Title& title, std::size_t bytes)
{
    std::vector<media::Item> items;
    for (bool more = true; more;) {
        const auto read = title.read(bytes, items);
        EXPECT_TRUE(read);
        more = read.value_or(false);
    }
    return items;
}

class Shelf {
public:
    Shelf()
    {
        std::vector<Folder> folders;
        folders.push_back(scratch.folder());
        library.emplace(std::move(folders));
    }
    std::unique_ptr<Title> open(std::string_view name)
    {
        auto found = library->find(name);
        EXPECT_TRUE(found) << name;
        auto title = library->open(std::move(found->file));
        EXPECT_TRUE(title) << name;
        return std::move(*title);
    }
    void record(bool finish, const std::vector<media::Item>& items,
                Recording::Kind kind = Recording::Kind::record) const
    {
        const auto folder = scratch.folder();
        auto recording = *Recording::begin(folder, "live/cam.flv", kind, {});
        ASSERT_TRUE(recording->write(items));
        if (finish) {
            ASSERT_TRUE(recording->finish());
        }
    }

    Scratch scratch;
    std::optional<Library> library;
};

Bytes vector_file(const std::string& name)
{
    std::ifstream file{"../libs/mp4/vectors/" + name, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
}

TEST(Title, GivesWhatWasRecordedHoweverMuchIsReadAtOnce)
{
    Shelf shelf;
    shelf.record(true, film(0, 3000));
    for (const std::size_t bytes : {1, 1000, 1000000}) {
        const auto title = shelf.open("live/cam");
        EXPECT_EQ(title->duration(), 3s);
        EXPECT_EQ(frames_of(read_all(*title, bytes)), frames_of(film(0, 3000)));
    }
    const auto title = shelf.open("live/cam.flv");
    ASSERT_THAT(title->head().metadata, SizeIs(1));
    const auto object = *amf::Amf0Reader{title->head().metadata[0].values}.next();
    EXPECT_EQ(object.find("duration")->number_or(0), 2.98); // Of the last tag: see the quirk.
    EXPECT_EQ(object.find("keyframes"), nullptr);
}

TEST(Title, IsSoughtInExactlyWithAnIndexAndWithout)
{
    for (const bool finished : {true, false}) {
        Shelf shelf;
        shelf.record(finished, film(0, 5000));
        const auto title = shelf.open("live/cam");
        const auto all = frames_of(film(0, 5000));
        for (std::int64_t ms = 0; ms < 6000; ms += 90) {
            SCOPED_TRACE(ms);
            const auto found = title->seek(media_ms(ms));
            ASSERT_TRUE(found);
            const auto expected = media_ms(std::min<std::int64_t>(ms / 1000 * 1000, 4000));
            EXPECT_EQ(*found, expected);
            const auto rest = frames_of(read_all(*title, 4000));
            ASSERT_FALSE(rest.empty());
            EXPECT_TRUE(rest.front().key && rest.front().kind == media::Kind::video);
            EXPECT_EQ(rest.front().dts, expected);
            EXPECT_TRUE(std::equal(rest.rbegin(), rest.rend(), all.rbegin()));
        }
    }
}

TEST(Title, KnowsTheConfigurationThatHoldsWhereItIsSoughtTo)
{
    Shelf shelf;
    shelf.record(true, film(0, 2000));
    auto other = film(0, 2000);
    auto changed = sound();
    changed.config = SharedBytes{Bytes{0x13, 0x90}};
    other[1] = changed;
    shelf.record(true, other, Recording::Kind::append);
    const auto title = shelf.open("live/cam");
    const auto config = [&](std::int64_t ms) {
        EXPECT_TRUE(title->seek(media_ms(ms)));
        for (const auto& track : title->head().tracks) {
            if (track.kind == media::Kind::audio) {
                return to_bytes(track.config);
            }
        }
        return Bytes{};
    };
    EXPECT_EQ(config(3500), to_bytes(changed.config));
    EXPECT_EQ(config(500), to_bytes(sound().config));
    EXPECT_EQ(config(0), to_bytes(sound().config));
}

TEST(Title, OfAnIndexThatLiesIsFoundByLookingAtItsTags)
{
    Shelf shelf;
    shelf.record(true, film(0, 5000));
    auto file = shelf.scratch.read("live/cam.flv");
    // A file that lost its first second, and kept its index.
    const auto keys = flv::read_keys(metadata_of(file), file.size());
    file.erase(file.begin() + static_cast<std::ptrdiff_t>(keys[0].position),
               file.begin() + static_cast<std::ptrdiff_t>(keys[1].position));
    shelf.scratch.write("live/cam.flv", file);
    const auto title = shelf.open("live/cam");
    for (const std::int64_t ms : {1500, 3999, 4000}) {
        EXPECT_EQ(*title->seek(media_ms(ms)), media_ms(ms / 1000 * 1000));
        std::vector<media::Item> items;
        ASSERT_TRUE(title->read(1, items));
        EXPECT_EQ(frames_of(items).front().dts, media_ms(ms / 1000 * 1000));
    }
}

TEST(Title, OfAnMp4IsReadAndSoughtInAlike)
{
    Shelf shelf;
    for (const auto* name : {"front.mp4", "fragments.mp4"}) {
        shelf.scratch.write("vod/film.mp4", vector_file(name));
        const auto title = shelf.open("vod/film");
        ASSERT_THAT(title->head().tracks, SizeIs(2));
        EXPECT_EQ(title->head().tracks[0].codec, media::Codec::h264);
        const auto all = frames_of(read_all(*title, 500));
        EXPECT_GT(all.size(), 100U);
        const auto found = title->seek(media_ms(1500));
        ASSERT_TRUE(found);
        EXPECT_GT(to_ms(*found), 900);
        const auto rest = frames_of(read_all(*title, 500));
        EXPECT_TRUE(rest.front().key);
        EXPECT_TRUE(std::equal(rest.rbegin(), rest.rend(), all.rbegin()));
    }
}

TEST(Library, FindsAFileByTheNamesThatClientsGiveIt)
{
    Shelf shelf;
    shelf.scratch.write("live/a.flv", as_bytes("1"));
    shelf.scratch.write("live/b.mp4", as_bytes("2"));
    shelf.scratch.write("live/both.flv", as_bytes("3"));
    shelf.scratch.write("live/both.mp4", as_bytes("4"));
    shelf.scratch.write("film.mov", as_bytes("5"));
    const auto name = [&](std::string_view asked, std::string_view form = {}) {
        const auto found = shelf.library->find(asked, form);
        return found ? found->name : found.error().message();
    };
    EXPECT_EQ(name("live/a"), "live/a.flv");
    EXPECT_EQ(name("live/a.flv", "mp4"), "live/a.flv");
    EXPECT_EQ(name("live/b"), "live/b.mp4");
    EXPECT_EQ(name("live/b.mp4", "mp4"), "live/b.mp4");
    EXPECT_EQ(name("live/both"), "live/both.flv");
    EXPECT_EQ(name("live/both", "mp4"), "live/both.mp4");
    EXPECT_EQ(name("vod/film"), "film.mov");
    EXPECT_EQ(name("live/film"), make_error_code(Errc::not_found).message());
    EXPECT_EQ(name("live/../film"), make_error_code(Errc::bad_name).message());
}

TEST(Library, TellsWhatIsNoFilm)
{
    Shelf shelf;
    shelf.scratch.write("live/a.flv", as_bytes("a letter"));
    auto found = shelf.library->find("live/a");
    ASSERT_TRUE(found);
    EXPECT_EQ(shelf.library->open(std::move(found->file)).error(), make_error_code(Errc::unknown_form));
}

} // namespace
} // namespace millrace::store
