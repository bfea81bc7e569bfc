#include "film.hpp"
#include <millrace/amf/amf0.hpp>

#include <gmock/gmock.h>

#include <sys/resource.h>

#include <csignal>
#include <random>

namespace millrace::store {
namespace {

using namespace std::chrono_literals;
using Kind = Recording::Kind;
using testing::IsEmpty;
using testing::SizeIs;

const std::string kName = "live/cam.flv";

std::vector<media::Frame> shifted(std::vector<media::Frame> frames, std::int64_t ms)
{
    for (auto& each : frames) {
        each.dts += std::chrono::milliseconds{ms};
    }
    return frames;
}

/// Records in batches of a few items, as streams come.
void record(const Folder& folder, Kind kind, const std::vector<media::Item>& items, bool finish = true)
{
    auto recording = Recording::begin(folder, kName, kind, {});
    ASSERT_TRUE(recording) << recording.error().message();
    for (std::size_t at = 0; at < items.size(); at += 3) {
        const auto end = std::min(items.size(), at + 3);
        ASSERT_TRUE((*recording)
                        ->write({items.begin() + static_cast<std::ptrdiff_t>(at),
                                 items.begin() + static_cast<std::ptrdiff_t>(end)}));
    }
    if (finish) {
        ASSERT_TRUE((*recording)->finish());
    }
}

void expect_facts(const Bytes& file, std::chrono::milliseconds duration, std::size_t keys)
{
    const auto metadata = metadata_of(file);
    EXPECT_EQ(flv::read_duration(metadata), duration);
    const auto index = flv::read_keys(metadata, file.size());
    ASSERT_THAT(index, SizeIs(keys));
    for (const auto& place : index) {
        const auto tag = flv::glance(ByteView{file}.subspan(place.position, flv::kGlanceBytes));
        ASSERT_TRUE(tag);
        EXPECT_TRUE(tag->key_frame);
        EXPECT_EQ(tag->timestamp, place.time);
    }
    const auto object = *amf::Amf0Reader{metadata.values}.next();
    EXPECT_EQ(object.find("filesize")->number_or(0), static_cast<double>(file.size()));
}

TEST(Recording, HoldsTheStreamFromItsFirstKeyFrame)
{
    const Scratch scratch;
    const auto folder = scratch.folder();
    auto items = film(70000, 73000);
    items.insert(items.begin() + 2, frame(media::Kind::video, 69960, false));
    items.insert(items.begin() + 2, frame(media::Kind::audio, 69960, true));
    record(folder, Kind::record, items);
    const auto file = scratch.read(kName);
    EXPECT_EQ(frames_of(demuxed(file)), frames_of(film(0, 3000)));
    expect_facts(file, 3000ms, 3);
    EXPECT_THAT(repair(folder), IsEmpty());
}

TEST(Recording, OfSoundAloneHasAnIndexToo)
{
    const Scratch scratch;
    std::vector<media::Item> items{sound()};
    for (std::int64_t ms = 0; ms < 5000; ms += 20) {
        items.emplace_back(frame(media::Kind::audio, ms, true));
    }
    record(scratch.folder(), Kind::record, items);
    const auto file = scratch.read(kName);
    EXPECT_EQ(flv::read_duration(metadata_of(file)), 5000ms);
    EXPECT_THAT(flv::read_keys(metadata_of(file), file.size()), SizeIs(5));
}

TEST(Recording, OverwritesOrGoesOn)
{
    const Scratch scratch;
    const auto folder = scratch.folder();
    record(folder, Kind::append, film(0, 1000)); // There is none yet.
    record(folder, Kind::append, film(500000, 502000));
    const auto file = scratch.read(kName);
    auto expected = frames_of(film(0, 1000));
    // The last picture stands at 960, the last sound at 980: the next picture comes 40 ms after that.
    const auto more = shifted(frames_of(film(0, 2000)), 1020);
    expected.insert(expected.end(), more.begin(), more.end());
    EXPECT_EQ(frames_of(demuxed(file)), expected);
    expect_facts(file, 3020ms, 3);
    record(folder, Kind::record, film(0, 1000));
    EXPECT_EQ(frames_of(demuxed(scratch.read(kName))), frames_of(film(0, 1000)));
}

/// After a crash at any byte: what is whole is there, after the repair and after going on.
TEST(Recording, IsWholeWhereverItIsCutOff)
{
    const Scratch scratch;
    const auto folder = scratch.folder();
    record(folder, Kind::record, film(0, 2000), false);
    const auto whole = scratch.read(kName);
    const auto all = frames_of(demuxed(whole));
    std::mt19937 random{1};
    for (int i = 0; i < 60; ++i) {
        const auto cut =
            std::uniform_int_distribution<std::size_t>{Recording::kHeadRoom, whole.size()}(random);
        SCOPED_TRACE(cut);
        record(folder, Kind::record, film(0, 2000), false);
        scratch.cut(kName, cut);
        auto expected = all;
        std::uint64_t end = Recording::kHeadRoom;
        const auto left = demuxed(to_bytes(ByteView{whole}.first(cut)));
        if (i % 2 == 0) {
            const auto reports = repair(folder);
            ASSERT_THAT(reports, SizeIs(1));
            EXPECT_EQ(reports[0].name, kName);
            EXPECT_FALSE(reports[0].error);
            end = scratch.read(kName).size();
            EXPECT_EQ(end + reports[0].cut, cut);
        } else {
            record(folder, Kind::append, {});
            end = scratch.read(kName).size();
        }
        EXPECT_LE(end, cut);
        EXPECT_GT(end + 100, cut); // At most one tag is lost.
        const auto file = scratch.read(kName);
        const auto kept = frames_of(demuxed(file));
        ASSERT_LE(kept.size(), all.size());
        EXPECT_TRUE(std::equal(kept.begin(), kept.end(), all.begin()));
        if (!kept.empty()) {
            const auto duration = flv::read_duration(metadata_of(file));
            ASSERT_TRUE(duration);
            const auto last = std::chrono::milliseconds{to_ms(kept.back().dts)};
            EXPECT_GE(*duration, last);
            EXPECT_LE(*duration, last + 40ms);
        }
        EXPECT_THAT(repair(folder), IsEmpty());
    }
}

TEST(Recording, ThatNeverGotItsHeadIsRemoved)
{
    const Scratch scratch;
    const auto folder = scratch.folder();
    record(folder, Kind::record, {}, false);
    for (const std::uint64_t bytes : {0, 4096}) {
        record(folder, Kind::record, {}, false);
        scratch.cut(kName, bytes);
        EXPECT_THAT(repair(folder), SizeIs(1));
        EXPECT_FALSE(std::filesystem::exists(scratch.path() / kName));
    }
}

Bytes foreign_file()
{
    flv::Muxer muxer;
    media::Pieces pieces;
    muxer.prologue({{picture(), sound()}, {}}, {}, pieces);
    for (const auto& item : film(0, 1000)) {
        if (const auto* track = std::get_if<media::Track>(&item)) {
            media::Pieces unused;
            muxer.write(*track, {}, unused);
        } else {
            muxer.write(std::get<media::Frame>(item), false, pieces);
        }
    }
    Bytes bytes;
    for (const auto& piece : pieces) {
        bytes.insert(bytes.end(), piece.view().begin(), piece.view().end());
    }
    return bytes;
}

TEST(Recording, GoesOnWithAFileOfAnotherWriter)
{
    const Scratch scratch;
    scratch.write(kName, foreign_file());
    record(scratch.folder(), Kind::append, film(0, 1000));
    const auto file = scratch.read(kName);
    auto expected = frames_of(film(0, 1000));
    const auto more = shifted(frames_of(film(0, 1000)), 1020);
    expected.insert(expected.end(), more.begin(), more.end());
    EXPECT_EQ(frames_of(demuxed(file)), expected);
    expect_facts(file, 2020ms, 2);
    EXPECT_FALSE(std::filesystem::exists(scratch.path() / (kName + ".part")));
}

TEST(Recording, LeavesAFileOfAnotherWriterAloneWhenItWasNotYetCopied)
{
    const Scratch scratch;
    scratch.write(kName, foreign_file());
    scratch.write(kName + ".part", as_bytes("half of it"));
    scratch.write(".recording/live%2Fcam.flv", {});
    EXPECT_THAT(repair(scratch.folder()), SizeIs(1));
    EXPECT_EQ(scratch.read(kName), foreign_file());
    EXPECT_FALSE(std::filesystem::exists(scratch.path() / (kName + ".part")));
}

TEST(Recording, DoesNotGoOnWithWhatIsNoFlv)
{
    const Scratch scratch;
    scratch.write(kName, as_bytes("this is a letter and no film"));
    const auto recording = Recording::begin(scratch.folder(), kName, Kind::append, {});
    ASSERT_FALSE(recording);
    EXPECT_EQ(recording.error(), flv::make_error_code(flv::Errc::not_flv));
    EXPECT_EQ(scratch.read(kName).size(), 28U);
}

TEST(Recording, EndsAtItsLimits)
{
    const Scratch scratch;
    const auto folder = scratch.folder();
    auto by_time = *Recording::begin(folder, kName, Kind::record, {.time = 1s});
    EXPECT_FALSE(by_time->write(film(0, 2000)));
    EXPECT_FALSE(by_time->write(film(2000, 3000)));
    ASSERT_TRUE(by_time->finish());
    EXPECT_EQ(flv::read_duration(metadata_of(scratch.read(kName))), 2000ms);
    auto by_bytes = *Recording::begin(folder, kName, Kind::record, {.bytes = Recording::kHeadRoom + 1000});
    EXPECT_EQ(by_bytes->write(film(0, 2000)).error(), make_error_code(Errc::limit_reached));
}

TEST(Recording, IsWholeOnAFullDisk)
{
    const Scratch scratch;
    const auto folder = scratch.folder();
    std::signal(SIGXFSZ, SIG_IGN); // A limit of the process stands for the disk's.
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    const rlimit small{Recording::kHeadRoom + 5000, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    auto recording = *Recording::begin(folder, kName, Kind::record, {});
    const auto written = recording->write(film(0, 10000));
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error(), std::make_error_code(std::errc::file_too_large));
    EXPECT_TRUE(recording->finish());
    setrlimit(RLIMIT_FSIZE, &before);
    const auto file = scratch.read(kName);
    const auto kept = frames_of(demuxed(file));
    EXPECT_GT(kept.size(), 30U);
    const auto all = frames_of(film(0, 10000));
    EXPECT_TRUE(std::equal(kept.begin(), kept.end(), all.begin()));
    EXPECT_GT(file.size() + 100, Recording::kHeadRoom + 5000);
    EXPECT_GE(flv::read_duration(metadata_of(file)), std::chrono::milliseconds{to_ms(kept.back().dts)});
}

} // namespace
} // namespace millrace::store
