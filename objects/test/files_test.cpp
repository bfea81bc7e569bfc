#include "../src/files.hpp"
#include "folder.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace millrace::objects {
namespace {

namespace fs = std::filesystem;

rtmp::StoredObject chat(std::uint32_t version = 1)
{
    return {.app = "live", .name = "chat", .version = version, .slots = {{"a", Bytes{5}}}};
}

TEST(Files, GiveBackWhatWasStored)
{
    const Folder folder;
    const Files files{folder.path / "objects"};
    EXPECT_FALSE(files.load({"live", "chat"})) << "there is no folder yet";
    ASSERT_TRUE(files.save(chat()));
    ASSERT_TRUE(files.save(chat(2)));
    EXPECT_EQ(files.load({"live", "chat"}), chat(2));
    EXPECT_FALSE(files.size_of({"live", "other"}));
    EXPECT_EQ(files.sum().objects, 1U);
    EXPECT_EQ(files.sum().bytes, files.size_of({"live", "chat"}));
}

TEST(Files, NeverLeaveTheirFolderAndAreDifferentForDifferentNames)
{
    const Folder folder;
    const Files files{folder.path / "objects"};
    const std::vector<std::string> names{"chat",
                                         "CHAT",
                                         ".",
                                         "..",
                                         "../../x",
                                         "/etc/passwd",
                                         "a/b",
                                         "a%2fb",
                                         "%",
                                         std::string{"a\0b", 3},
                                         "a\\b",
                                         "\xff\xfe",
                                         std::string(255, '/'),
                                         std::string(255, '.'),
                                         std::string(254, '/') + ".",
                                         std::string(120, 'n')};
    std::set<fs::path> paths;
    for (const auto& app :
         {std::string{"live"}, std::string{"live/room"}, std::string{".."}, std::string{}}) {
        for (const auto& name : names) {
            const rtmp::StoredObject object{.app = app, .name = name, .version = 1, .slots = {}};
            const auto path = files.path_of({app, name});
            EXPECT_EQ(path.lexically_normal(), path);
            EXPECT_EQ(path.parent_path().parent_path(), folder.path / "objects");
            EXPECT_TRUE(paths.insert(path).second) << path;
            ASSERT_TRUE(files.save(object)) << path;
            EXPECT_EQ(files.load({app, name}), object);
        }
    }
    EXPECT_EQ(files.sum().objects, paths.size());
}

TEST(Files, PutADamagedOneAside)
{
    const Folder folder;
    const Files files{folder.path};
    ASSERT_TRUE(files.save(chat()));
    const auto path = files.path_of({"live", "chat"});
    for (const auto* text :
         {"", "MRSO", "not one of ours at all, but long enough to have a checksum in it"}) {
        std::ofstream{path, std::ios::binary} << text;
        EXPECT_FALSE(files.load({"live", "chat"}));
        EXPECT_FALSE(fs::exists(path));
        EXPECT_TRUE(fs::exists(path.string() + ".damaged"));
    }
    ASSERT_TRUE(files.save(chat(3)));
    EXPECT_EQ(files.load({"live", "chat"}), chat(3));
    // A file that somebody has moved is another object.
    fs::rename(path, files.path_of({"live", "moved"}));
    EXPECT_FALSE(files.load({"live", "moved"}));
}

TEST(Files, RemoveWhatAWriteThatWasCutShortLeftBehind)
{
    const Folder folder;
    const Files files{folder.path};
    ASSERT_TRUE(files.save(chat()));
    const auto left = files.path_of({"live", "chat"}).string() + ".new";
    std::ofstream{left} << "half";
    EXPECT_EQ(files.sum().objects, 1U);
    EXPECT_FALSE(fs::exists(left));
    EXPECT_EQ(files.load({"live", "chat"}), chat());
}

TEST(Files, KeepTheOldOneWhenTheNewOneCannotBeWritten)
{
    const Folder folder;
    const Files files{folder.path};
    ASSERT_TRUE(files.save(chat()));
    // A folder stands where the new file is to be written.
    fs::create_directory(files.path_of({"live", "chat"}).string() + ".new");
    EXPECT_FALSE(files.save(chat(2)));
    EXPECT_EQ(files.load({"live", "chat"}), chat());
}

} // namespace
} // namespace millrace::objects
