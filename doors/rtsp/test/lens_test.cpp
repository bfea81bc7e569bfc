#include "../src/lens.hpp"
#include <millrace/rtsp/message.hpp>

#include <gtest/gtest.h>

namespace millrace::doors {
namespace {

Bytes framed(std::uint8_t channel, std::string_view payload)
{
    Bytes bytes;
    rtsp::write_frame_head(bytes, channel, payload.size());
    bytes.insert(bytes.end(), payload.begin(), payload.end());
    return bytes;
}

/// What goes out of two pieces of an image when the connection accepts so many bytes at a time.
std::string sent(const std::shared_ptr<ChannelMap>& map, std::size_t accepts)
{
    ChannelLens lens{map};
    Bytes image;
    for (const auto& [channel, text] :
         std::vector<std::pair<std::uint8_t, std::string_view>>{{255, "start"},
                                                                {1, "report"},
                                                                {0, "picture one"},
                                                                {0, "picture two"},
                                                                {2, "sound"},
                                                                {0, "more"}}) {
        const auto packet = framed(channel, text);
        image.insert(image.end(), packet.begin(), packet.end());
    }
    ByteView rest{image};
    Bytes out;
    for (int i = 0; i < 1000 && !rest.empty(); ++i) {
        Bytes instead;
        // The image is in two pieces; the last two packets have 9 and 8 bytes.
        const auto first = rest.size() > 17 ? rest.size() - 17 : rest.size();
        const ByteView views[]{rest.first(first), rest.subspan(first)};
        const auto cut = lens.look(views, instead);
        EXPECT_TRUE(cut.drop == 0 || cut.pass == 0);
        EXPECT_TRUE(cut.drop > 0 || cut.pass > 0) << "it must go on";
        out.insert(out.end(), instead.begin(), instead.end());
        if (cut.drop > 0) {
            rest = rest.subspan(cut.drop);
            continue;
        }
        const auto count = std::min(cut.pass, accepts);
        out.insert(out.end(), rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(count));
        rest = rest.subspan(count);
        lens.passed(count);
    }
    EXPECT_TRUE(rest.empty());
    EXPECT_EQ(lens.owed(), 0U);
    return std::string{as_text(out)};
}

std::string text_of(std::initializer_list<std::pair<std::uint8_t, std::string_view>> packets)
{
    Bytes bytes;
    for (const auto& [channel, text] : packets) {
        const auto packet = framed(channel, text);
        bytes.insert(bytes.end(), packet.begin(), packet.end());
    }
    return std::string{as_text(bytes)};
}

TEST(ChannelLens, PassesTheImagesOwnBytesHoweverLittleIsAccepted)
{
    const auto map = std::make_shared<ChannelMap>();
    for (std::uint8_t channel = 0; channel < 4; ++channel) {
        map->set(channel, channel);
    }
    const auto all =
        text_of({{1, "report"}, {0, "picture one"}, {0, "picture two"}, {2, "sound"}, {0, "more"}});
    for (std::size_t accepts = 1; accepts < 80; ++accepts) {
        EXPECT_EQ(sent(map, accepts), all) << accepts;
    }
}

TEST(ChannelLens, GivesOtherChannelsAndLeavesTracksOut)
{
    const auto map = std::make_shared<ChannelMap>();
    map->set(0, 7);
    map->set(1, 8);
    EXPECT_EQ(sent(map, 5), text_of({{8, "report"}, {7, "picture one"}, {7, "picture two"}, {7, "more"}}));
    map->set(2, 2);
    map->unset(0);
    EXPECT_EQ(sent(map, 3), text_of({{8, "report"}, {2, "sound"}}));
}

TEST(ChannelLens, OwesTheRestOfAPacket)
{
    const auto map = std::make_shared<ChannelMap>();
    map->set(0, 0);
    ChannelLens lens{map};
    auto bytes = framed(0, "0123456789");
    const auto second = framed(0, "ab");
    bytes.insert(bytes.end(), second.begin(), second.end());
    const ByteView view{bytes};
    Bytes instead;
    EXPECT_EQ(lens.look({&view, 1}, instead).pass, 20U);
    lens.passed(16);
    EXPECT_EQ(lens.owed(), 4U);
    lens.passed(0);
    EXPECT_EQ(lens.owed(), 4U);
    const auto rest = view.subspan(16);
    EXPECT_EQ(lens.look({&rest, 1}, instead).pass, 4U);
    lens.passed(4);
    EXPECT_EQ(lens.owed(), 0U);
    EXPECT_TRUE(instead.empty());
}

} // namespace
} // namespace millrace::doors
