#include <millrace/console/files.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

namespace millrace::console {
namespace {

std::string text_of(const File& file)
{
    return {file.bytes.begin(), file.bytes.end()};
}

TEST(ConsoleFiles, ServesThePageAtTheRoot)
{
    const File* page = find("/");
    ASSERT_NE(page, nullptr);
    EXPECT_EQ(page, find("/index.html"));
    EXPECT_EQ(page->content_type, "text/html; charset=utf-8");
    EXPECT_FALSE(page->immutable);
    EXPECT_THAT(text_of(*page), testing::StartsWith("<!doctype html>"));
    EXPECT_THAT(text_of(*page), testing::EndsWith("</html>\n"));
}

TEST(ConsoleFiles, KnowsNoOtherPaths)
{
    for (const auto* path :
         {"", "//", "/index", "/index.html/", "/nothing", "/assets/", "/../index.html", "index.html"}) {
        EXPECT_EQ(find(path), nullptr) << path;
    }
}

TEST(ConsoleFiles, HasEachFileThatThePageNames)
{
    const std::string page = text_of(*find("/"));
    for (auto at = page.find("\"./"); at != std::string::npos; at = page.find("\"./", at + 1)) {
        const auto path = page.substr(at + 2, page.find('"', at + 1) - at - 2);
        const File* file = find(path);
        ASSERT_NE(file, nullptr) << path;
        EXPECT_FALSE(file->bytes.empty()) << path;
        EXPECT_TRUE(file->immutable) << path;
    }
}

TEST(ConsoleFiles, GivesEachFileAQuotedTagOfItsOwn)
{
    std::set<std::string_view> tags;
    for (const File& file : files()) {
        EXPECT_THAT(std::string{file.etag}, testing::MatchesRegex("\"[0-9a-f]{20}\"")) << file.path;
        EXPECT_EQ(find(file.path), &file);
        tags.insert(file.etag);
    }
    EXPECT_EQ(tags.size(), files().size());
}

} // namespace
} // namespace millrace::console
