#include "film.hpp"

#include <sys/stat.h>

namespace millrace::store {
namespace {

TEST(Folder, OpensWhatStandsInIt)
{
    const Scratch scratch;
    scratch.write("live/cam.flv", as_bytes("abc"));
    const auto folder = scratch.folder();
    const auto file = folder.read("live/cam.flv");
    ASSERT_TRUE(file);
    std::array<std::uint8_t, 8> bytes{};
    EXPECT_EQ(*file->read_at(bytes, 1), 2U);
    EXPECT_EQ(bytes[0], 'b');
    EXPECT_EQ(file->identity()->bytes, 3U);
    EXPECT_EQ(folder.read("live/other.flv").error(), make_error_code(Errc::not_found));
    EXPECT_EQ(folder.read("live").error(), make_error_code(Errc::not_a_file));
}

TEST(Folder, IsLeftByNoName)
{
    const Scratch scratch;
    scratch.write("secret.flv", as_bytes("abc"));
    std::filesystem::create_directory(scratch.path() / "inner");
    const auto folder = *Folder::open((scratch.path() / "inner").string(), false);
    for (const auto* name : {"../secret.flv", "/etc/passwd", "a/../../secret.flv", "..", ".", "", "a//b",
                             "a/", ".hidden", "a/.hidden", "a\\b", "a\nb"}) {
        EXPECT_EQ(folder.read(name).error(), make_error_code(Errc::bad_name)) << name;
        EXPECT_EQ(folder.create(name).error(), make_error_code(Errc::bad_name)) << name;
    }
    EXPECT_FALSE(is_safe_name(std::string(256, 'x')));
    EXPECT_FALSE(is_safe_name(std::string_view{"a\0b", 3}));
    EXPECT_TRUE(is_safe_name("live/Köln 1.flv"));
}

TEST(Folder, IsLeftByNoLink)
{
    const Scratch scratch;
    scratch.write("secret.flv", as_bytes("abc"));
    const auto inner = scratch.path() / "inner";
    std::filesystem::create_directory(inner);
    std::filesystem::create_symlink(scratch.path() / "secret.flv", inner / "file.flv");
    std::filesystem::create_directory_symlink(scratch.path(), inner / "up");
    mkfifo((inner / "pipe.flv").c_str(), 0600);
    const auto folder = *Folder::open(inner.string(), false);
    for (const auto* name : {"file.flv", "up/secret.flv", "pipe.flv"}) {
        EXPECT_EQ(folder.read(name).error(), make_error_code(Errc::not_a_file)) << name;
    }
    EXPECT_FALSE(folder.create("up/new.flv"));
    EXPECT_FALSE(std::filesystem::exists(scratch.path() / "new.flv"));
    // A link in the place of a new file is replaced, not followed.
    ASSERT_TRUE(folder.create("file.flv"));
    EXPECT_EQ(scratch.read("secret.flv").size(), 3U);
    EXPECT_TRUE(folder.list(".flv", 10) == std::vector<std::string>{"file.flv"});
}

TEST(Folder, LeavesAFileToThoseWhoReadItWhenItIsMadeAnew)
{
    const Scratch scratch;
    const auto folder = scratch.folder();
    ASSERT_TRUE(folder.create("live/cam.flv")->write_at(as_bytes("old"), 0));
    const auto reader = folder.read("live/cam.flv");
    ASSERT_TRUE(folder.create("live/cam.flv")->write_at(as_bytes("newer"), 0));
    std::array<std::uint8_t, 8> bytes{};
    EXPECT_EQ(*reader->read_at(bytes, 0), 3U);
    EXPECT_EQ(bytes[0], 'o');
    EXPECT_EQ(scratch.read("live/cam.flv").size(), 5U);
}

} // namespace
} // namespace millrace::store
